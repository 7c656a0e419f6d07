"""The caller as JSON."""

from typing import Any

from core.domain.access import Caller
from handlers.api.v1.wire.access import rule


def caller(entity: Caller) -> dict[str, Any]:
    """Who the registry takes the caller for, and what has been granted.

    Denials are left out: they would say what is hidden.
    """
    return {
        "principal": entity.principal.name,
        "issuer": entity.principal.issuer,
        "subject": entity.principal.subject,
        "groups": entity.principal.groups,
        "roles": [{"scope": scope, "role": role} for scope, role in sorted(entity.roles)],
        "platform": entity.principal.platform,
        "claims": dict(entity.principal.claims),
        "token": None if entity.within is None else rule(entity.within),
        "rules": [
            rule(each)
            for each in sorted(entity.rules, key=lambda each: (each.scope, each.name))
            if not each.denies and each.is_in_force(entity.at)
        ],
    }
