"""Requests for approval as JSON."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from core.domain.approvals import Approval
from core.domain.records import record
from core.errors import Invalid
from core.services.reviews import Review
from handlers.api.v1.wire.common import Body

_LONGEST_SECONDS = 10**9


class NewApproval(Body):
    """A stage to bring the version to, or (`rollback`) back to, and how long the request stands, 7
    days by default."""

    to: str
    rollback: bool = False
    expires_in_seconds: int | None = None
    comment: str = ""

    def ttl(self) -> timedelta | None:
        """How long it stands; None if that is not said. Raises `Invalid`."""
        if self.expires_in_seconds is None:
            return None
        if not 0 < self.expires_in_seconds < _LONGEST_SECONDS:
            raise Invalid(
                f"A request cannot expire in {self.expires_in_seconds} seconds.",
                next_step="Let it stand for a second at least, and 90 days at most.",
            )
        return timedelta(seconds=self.expires_in_seconds)


class NewDecision(Body):
    """`digest` is that of what was looked at: `today.digest` of the request as it was read."""

    digest: str
    comment: str = ""


class NewComment(Body):
    """What there is to say."""

    text: str


def approval(entity: Approval) -> dict[str, Any]:
    """A request, and what was decided and said."""
    return {
        "id": entity.id,
        "namespace": entity.namespace,
        "model": entity.model,
        "number": entity.number,
        "from": entity.from_stage,
        "to": entity.to_stage,
        "rollback": entity.rollback,
        "state": entity.state,
        "author": entity.author,
        "requested_by": entity.requested_by,
        "requested_at": entity.requested_at,
        "digest": entity.digest,
        "needs": entity.needs,
        "expires_at": entity.expires_at,
        "decisions": [record(each) for each in entity.decisions],
        "comments": [record(each) for each in entity.comments],
        "updated_at": entity.updated_at,
        "updated_by": entity.updated_by,
        "revision": entity.revision,
    }


def review(entity: Review) -> dict[str, Any]:
    """The same, with what there is to judge today."""
    return {**approval(entity.approval), "today": _today(entity), "lapse": entity.lapse}


def _today(entity: Review) -> dict[str, Any] | None:
    today = entity.today
    if today is None:
        return None
    current = replace(entity.approval, needs=entity.needs)
    return {
        "digest": today.digest,
        "changed": today.differences(current.judged),
        "approved_by": [each.by for each in current.approving(today.digest)],
        "missing": current.lacking(today.digest),
    }
