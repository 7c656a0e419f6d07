"""The caller as JSON."""

from typing import Any

from core.domain.access import Caller


def caller(entity: Caller) -> dict[str, Any]:
    """Who the registry takes the caller for, and what has been granted."""
    return {
        "principal": entity.principal.name,
        "issuer": entity.principal.issuer,
        "subject": entity.principal.subject,
        "groups": entity.principal.groups,
        "roles": [{"scope": scope, "role": role} for scope, role in sorted(entity.roles)],
    }
