"""Answers about events."""

from datetime import datetime
from typing import Any

from core.domain.events import Outcome, SubjectKind
from handlers.api.v1.document.common import Answer


class Event(Answer):
    """A fact about who changed what."""

    id: str
    at: datetime
    action: str
    namespace: str
    kind: SubjectKind
    subject: str
    revision: int
    actor: str
    before: dict[str, Any] | None
    after: dict[str, Any] | None
    reason: str
    request_id: str
    dialect: str
    address: str
    actor_issuer: str
    actor_subject: str
    actor_roles: list[str]
    outcome: Outcome
    details: dict[str, Any] | None
