"""Answers about the caller."""

from typing import Literal

from handlers.api.v1.document.access import AccessRule
from handlers.api.v1.document.common import Answer


class RoleHeld(Answer):
    """A role and where it reaches."""

    scope: str
    role: Literal["reader", "writer", "approver", "owner", "admin", "auditor"]


class Caller(Answer):
    """Who the registry takes the caller for."""

    principal: str
    issuer: str
    subject: str
    groups: list[str]
    roles: list[RoleHeld]
    platform: Literal["github", "gitlab", "kubernetes", "custom"] | None
    claims: dict[str, str | bool | int]
    token: AccessRule | None
    rules: list[AccessRule]
