"""Service accounts as JSON."""

from typing import Any

from core.domain.service_accounts import ServiceAccount
from handlers.api.v1.wire.common import Body


class NewServiceAccount(Body):
    """An account to create."""

    name: str
    description: str = ""


def service_account(entity: ServiceAccount) -> dict[str, Any]:
    """An account, and how grants name it."""
    return {
        "namespace": entity.namespace,
        "name": entity.name,
        "grantee": entity.grantee,
        "description": entity.description,
        "created_at": entity.created_at,
        "created_by": entity.created_by,
    }
