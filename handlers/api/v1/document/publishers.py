"""Answers about trusted publishers."""

from datetime import datetime
from typing import Literal

from handlers.api.v1.document.common import Answer


class Publisher(Answer):
    """A workload that may act in a namespace, told by the claims of its platform's token."""

    namespace: str
    name: str
    model: str | None
    issuer: str
    platform: Literal["github", "gitlab", "kubernetes", "custom"]
    claims: dict[str, str | bool | int]
    role: Literal["reader", "writer", "approver"] | None
    actions: list[str]
    expires_at: datetime | None
    created_at: datetime
    created_by: str
    updated_at: datetime
    updated_by: str
    revision: int
