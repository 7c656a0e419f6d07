"""Grants as JSON."""

from typing import Any, Literal

from core.domain.access import Role
from core.domain.grants import Effect, Grant
from core.domain.moments import parse_moment
from handlers.api.v1.wire.common import Body


class NewGrant(Body):
    """A role to give or deny everywhere: admin and auditor can be given, each can be denied."""

    grantee: str
    role: Literal["reader", "writer", "approver", "owner", "admin", "auditor"]
    effect: Literal["allow", "deny"] = "allow"
    expires_at: str | None = None

    def as_role(self) -> Role:
        """The domain's role."""
        return Role(self.role)

    def terms(self) -> dict[str, Any]:
        """Effect and end, for the use case. Raises `Invalid`."""
        end = None if self.expires_at is None else parse_moment(self.expires_at)
        return {"effect": Effect(self.effect), "expires_at": end}


class NewNamespaceGrant(NewGrant):
    """A role to give or deny in a namespace; with `model`, for that model alone."""

    model: str | None = None


def grant(entity: Grant) -> dict[str, Any]:
    """A grant."""
    return {
        "scope": entity.scope,
        "grantee": entity.grantee,
        "role": entity.role,
        "effect": entity.effect,
        "expires_at": entity.expires_at,
        "created_at": entity.created_at,
        "created_by": entity.created_by,
    }
