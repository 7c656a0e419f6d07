"""Grants as JSON."""

from typing import Any, Literal

from core.domain.access import Role
from core.domain.grants import Grant
from handlers.api.v1.wire.common import Body


class NewGrant(Body):
    """A role to give: in a namespace reader, writer, approver, owner; everywhere admin, auditor."""

    grantee: str
    role: Literal["reader", "writer", "approver", "owner", "admin", "auditor"]

    def as_role(self) -> Role:
        """The domain's role."""
        return Role(self.role)


def grant(entity: Grant) -> dict[str, Any]:
    """A grant."""
    return {
        "scope": entity.scope,
        "grantee": entity.grantee,
        "role": entity.role,
        "created_at": entity.created_at,
        "created_by": entity.created_by,
    }
