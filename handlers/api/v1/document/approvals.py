"""Answers about requests for approval."""

from datetime import datetime
from typing import Literal

from pydantic import Field

from handlers.api.v1.document.common import Answer


class Decision(Answer):
    """Who decided what about what has the digest, and the roles they had."""

    by: str
    roles: list[str]
    verdict: Literal["approve", "reject"]
    digest: str
    comment: str
    at: datetime


class Comment(Answer):
    """What somebody said."""

    by: str
    text: str
    at: datetime


class Approval(Answer):
    """A request to bring a version from one stage to another, and what was decided."""

    id: str
    namespace: str
    model: str
    number: int
    from_stage: str = Field(alias="from")
    to: str
    rollback: bool
    state: Literal["open", "approved", "rejected", "withdrawn", "expired", "used"]
    author: str
    requested_by: str
    requested_at: datetime
    digest: str
    needs: dict[str, int]
    expires_at: datetime
    decisions: list[Decision]
    comments: list[Comment]
    updated_at: datetime
    updated_by: str
    revision: int


class Judged(Answer):
    """What there is to judge today: its digest, what changed of it since the request, whose
    approvals are of just this, and how many are missing, by role (`*`: any)."""

    digest: str
    changed: list[str]
    approved_by: list[str]
    missing: dict[str, int]


class ApprovalReview(Approval):
    """A request with what there is to judge today; null of a closed one, and where `lapse` says
    why the way it asks for is not there any more."""

    today: Judged | None
    lapse: str
