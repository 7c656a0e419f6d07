"""Answers about the caller."""

from typing import Literal

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
