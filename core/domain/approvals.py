"""Approvals: a request to bring a version to a stage, and what people decided of what they saw."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from core.domain.moments import shown
from core.errors import Invalid

DEFAULT_TTL = timedelta(days=7)
MAX_TTL = timedelta(days=90)
MAX_COMMENT_CHARACTERS = 4_000
MAX_ENTRIES = 200
"""Of decisions, and of comments, in one request: it is one document."""


class ApprovalState(StrEnum):
    """Open until enough have approved; approved until it is used. The rest is for good."""

    OPEN = "open"
    APPROVED = "approved"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"
    USED = "used"


STANDING = frozenset({ApprovalState.OPEN, ApprovalState.APPROVED})
"""States in which a request can still be decided."""


class Verdict(StrEnum):
    """What somebody decided."""

    APPROVE = "approve"
    REJECT = "reject"


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """What there is to judge at a moment: one digest over all of it, and one for each part."""

    digest: str
    parts: Mapping[str, str] = field(default_factory=dict)

    def differences(self, parts: Mapping[str, str]) -> tuple[str, ...]:
        """The names of the parts that are not as they were."""
        names = sorted(self.parts.keys() | parts.keys())
        return tuple(name for name in names if self.parts.get(name) != parts.get(name))


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """`by`, who had these roles then, decided about what has this digest."""

    by: str
    roles: tuple[str, ...]
    verdict: Verdict
    digest: str
    comment: str = ""
    at: datetime

    def __post_init__(self) -> None:
        if self.comment:
            check_comment(self.comment)


@dataclass(frozen=True, slots=True, kw_only=True)
class Comment:
    """What somebody said."""

    by: str
    text: str
    at: datetime

    def __post_init__(self) -> None:
        check_comment(self.text)


@dataclass(frozen=True, slots=True, kw_only=True)
class Approval:
    """A request to bring version `number` from one stage to another.

    `digest` and `judged` are those of the moment of the request (`Judged`); each decision names
    its own. `author` registered the version. `needs` says how many people of which role have to
    approve; none at all means anybody, once. A `rollback` is judged by the gates of the way back.
    """

    id: str
    namespace: str
    model: str
    number: int
    from_stage: str
    to_stage: str
    rollback: bool = False
    author: str
    requested_by: str
    requested_at: datetime
    digest: str
    judged: Mapping[str, str] = field(default_factory=dict)
    needs: Mapping[str, int] = field(default_factory=dict)
    expires_at: datetime
    state: ApprovalState = ApprovalState.OPEN
    decisions: tuple[Decision, ...] = ()
    comments: tuple[Comment, ...] = ()
    updated_at: datetime
    updated_by: str
    revision: int = 1

    def __post_init__(self) -> None:
        if not timedelta(0) < self.expires_at - self.requested_at <= MAX_TTL:
            raise Invalid(
                f"The request would expire at {shown(self.expires_at)}; it is made at"
                f" {shown(self.requested_at)}.",
                next_step=f"Let it expire within {MAX_TTL.days} days from now.",
            )

    @property
    def transition(self) -> tuple[str, str, int, str, str]:
        """What it asks for."""
        return (self.namespace, self.model, self.number, self.from_stage, self.to_stage)

    @property
    def slot(self) -> tuple[str | int | bool, ...]:
        """What there is one standing request for."""
        return (*self.transition, self.rollback)

    @property
    def what(self) -> str:
        """How messages call it."""
        return f"request to bring version {self.number} of {self.model!r} to {self.to_stage!r}"

    @property
    def is_standing(self) -> bool:
        """Whether it can still be decided, as far as it knows the time."""
        return self.state in STANDING

    def is_due(self, now: datetime) -> bool:
        """Whether its time is over; a clock that jumps back behind its last change is not asked."""
        return self.is_standing and max(now, self.updated_at) >= self.expires_at

    def bars(self, who: str) -> str:
        """Why this person may not decide (four eyes), in words; empty if nothing is against it."""
        if who == self.requested_by:
            return "asked for the approval"
        return "registered the version" if who == self.author else ""

    def approving(self, digest: str) -> tuple[Decision, ...]:
        """The approvals of exactly what has this digest, one for each person: what they approved
        is still what is judged. Those of the requester and of the author never count."""
        found = {
            each.by: each
            for each in self.decisions
            if each.verdict is Verdict.APPROVE and each.digest == digest and not self.bars(each.by)
        }
        return tuple(found.values())

    def lacking(self, digest: str) -> Mapping[str, int]:
        """How many approvals of what has this digest are missing, by role; `*` is any."""
        approving = self.approving(digest)
        if not self.needs:
            return {} if approving else {"*": 1}
        missing = {
            role: count - sum(role in each.roles for each in approving)
            for role, count in self.needs.items()
        }
        return {role: count for role, count in missing.items() if count > 0}


def check_comment(text: str) -> str:
    """Return the text; raise `Invalid` if it is empty, too long, or holds NUL."""
    if not text.strip() or len(text) > MAX_COMMENT_CHARACTERS or "\0" in text:
        raise Invalid(
            f"A comment has 1 to {MAX_COMMENT_CHARACTERS} characters; this one has {len(text)}, or"
            " nothing to read.",
            next_step="Say it in other words.",
        )
    return text
