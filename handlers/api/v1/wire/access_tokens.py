"""Access tokens as JSON."""

from typing import Any, Literal

from core.domain.access import Role
from core.domain.access_tokens import AccessToken
from core.domain.rules import EVERYWHERE
from core.services.tokens import NewToken
from handlers.api.v1.wire.common import Body

RoleName = Literal["reader", "writer", "approver", "owner", "admin", "auditor"]


class NewAccessToken(Body):
    """A token to make, for a scope (`*`, a namespace, `namespace/model`) and a role at most."""

    name: str
    scope: str | None = None
    role: RoleName | None = None
    days: int | None = None

    def terms(self) -> dict[str, Any]:
        """What limits it, for the use case."""
        role = None if self.role is None else Role(self.role)
        return {"role": role, "days": self.days}

    def own_scope(self) -> str:
        """The scope of a personal token."""
        return EVERYWHERE if self.scope is None else self.scope


def access_token(entity: AccessToken) -> dict[str, Any]:
    """A token, without its text."""
    return {
        "id": entity.id,
        "kind": "personal" if entity.kind == "pat" else "service",
        "owner": entity.owner,
        "name": entity.name,
        "scope": entity.scope,
        "role": entity.role,
        "created_at": entity.created_at,
        "created_by": entity.created_by,
        "expires_at": entity.expires_at,
        "revoked_at": entity.revoked_at,
        "revoked_by": entity.revoked_by,
    }


def new_token(made: NewToken) -> dict[str, Any]:
    """A token that has just been made, with its text."""
    return {**access_token(made.token), "token": made.text}
