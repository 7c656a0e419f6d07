"""Answers about decisions, and about who may do what."""

from datetime import datetime
from typing import Literal

from handlers.api.v1.document.common import Answer

RoleName = Literal["reader", "writer", "approver", "owner", "admin", "auditor"]


class AccessRule(Answer):
    """What permits or denies something; `because` names the claims that made it reach you."""

    origin: Literal["grant", "configuration", "publisher", "token"]
    name: str
    scope: str
    role: RoleName | None
    effect: Literal["allow", "deny"]
    expires_at: datetime | None
    because: list[str]


class AccessEntry(AccessRule):
    """A line of who may do what."""

    in_force: bool
    actions: list[str]


class Explanation(Answer):
    """A decision and why it is so."""

    allowed: bool
    action: str
    namespace: str | None
    model: str | None
    reason: str
    rule: AccessRule | None
