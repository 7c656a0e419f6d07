"""Answers about events."""

from datetime import datetime
from typing import Any, Literal

from handlers.api.v1.document.common import Answer


class Event(Answer):
    """A fact about who changed what."""

    id: str
    at: datetime
    action: str
    namespace: str
    kind: Literal[
        "namespace", "model", "version", "alias", "grant", "schema", "approval", "environment",
        "deployment",
    ]  # fmt: skip
    subject: str
    revision: int
    actor: str
    before: dict[str, Any] | None
    after: dict[str, Any] | None
    reason: str
    request_id: str
    dialect: str
    address: str
