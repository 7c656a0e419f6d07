"""Trusted publishers as JSON."""

from typing import Any, Literal

from pydantic import Field

from core.domain.access import Action, Role
from core.domain.moments import parse_moment
from core.domain.publishers import Publisher
from core.errors import Invalid
from handlers.api.v1.wire.common import Body


class NewPublisher(Body):
    """A workload to trust: its issuer by name, its claims, and what it may do where."""

    issuer: str
    claims: dict[str, str | bool | int]
    model: str | None = None
    role: Literal["reader", "writer", "approver"] | None = None
    actions: list[str] = Field(default_factory=list)
    expires_at: str | None = None

    def terms(self) -> dict[str, Any]:
        """What it may do, for the use case. Raises `Invalid`."""
        unknown = sorted(set(self.actions) - set(Action))
        if unknown:
            raise Invalid(
                f"There is no action {unknown[0][:60]!a}.",
                next_step=f"The actions: {', '.join(sorted(Action))}.",
            )
        return {
            "model": self.model,
            "role": None if self.role is None else Role(self.role),
            "actions": tuple(Action(action) for action in self.actions),
            "expires_at": None if self.expires_at is None else parse_moment(self.expires_at),
        }


def publisher(entity: Publisher) -> dict[str, Any]:
    """A publisher."""
    return {
        "namespace": entity.namespace,
        "name": entity.name,
        "model": entity.model,
        "issuer": entity.issuer,
        "platform": entity.platform,
        "claims": entity.claims,
        "role": entity.role,
        "actions": entity.actions,
        "expires_at": entity.expires_at,
        "created_at": entity.created_at,
        "created_by": entity.created_by,
        "updated_at": entity.updated_at,
        "updated_by": entity.updated_by,
        "revision": entity.revision,
    }
