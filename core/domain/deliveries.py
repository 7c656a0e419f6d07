"""Deliveries: what became of telling a webhook of an event, and how far all of that has come."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

MAX_DETAIL_CHARACTERS = 300


class DeliveryState(StrEnum):
    """`waiting` for its first or next attempt, `delivered`, or `dead`: given up."""

    WAITING = "waiting"
    DELIVERED = "delivered"
    DEAD = "dead"


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """What became of telling one webhook of one event, up to the last attempt at `tried_at`.

    While one of a `subject` waits, later ones of that subject wait behind it; `again`, somebody
    asked for it once more, stands outside of that order. It is forgotten after `expires_at`.
    """

    webhook_id: str
    event_id: str
    action: str
    subject: str
    state: DeliveryState = DeliveryState.WAITING
    attempts: int = 0
    status: int | None = None
    detail: str = ""
    duration_ms: int | None = None
    again: bool = False
    created_at: datetime
    tried_at: datetime | None = None
    next_at: datetime | None = None
    expires_at: datetime

    @property
    def key(self) -> str:
        """Unique among all deliveries; those of a webhook sort by their events."""
        return f"{self.webhook_id} {self.event_id}"


@dataclass(frozen=True, slots=True)
class Retrying:
    """How often and how long something is tried, and for how long that is remembered.

    The wait grows threefold from `first` up to `longest`, a random part of it taken off, so that
    many that failed together do not come back together.
    """

    first: timedelta = timedelta(seconds=5)
    longest: timedelta = timedelta(hours=6)
    attempts: int = 16
    age: timedelta = timedelta(days=3)
    log: timedelta = timedelta(days=30)

    def wait(self, attempts: int, chance: float) -> timedelta:
        """How long after so many attempts; `chance` is between 0 and 1."""
        grown = self.first * 3 ** min(attempts - 1, 20) if attempts < 20 else self.longest
        return min(grown, self.longest) * (1 - chance / 2)

    def after(self, delivery: Delivery, answer: "Answer", at: datetime, chance: float) -> Delivery:
        """The delivery after one more attempt, which ended now."""
        tried = replace(
            delivery,
            attempts=delivery.attempts + 1,
            status=answer.status,
            detail=answer.detail[:MAX_DETAIL_CHARACTERS],
            duration_ms=answer.duration_ms,
            tried_at=at,
            next_at=None,
            expires_at=at + self.log,
        )
        if answer.accepted:
            return replace(tried, state=DeliveryState.DELIVERED)
        old = at - delivery.created_at >= self.age
        if answer.gone or old or tried.attempts >= self.attempts:
            return replace(tried, state=DeliveryState.DEAD)
        wait = self.wait(tried.attempts, chance)
        if answer.retry_after is not None:
            wait = max(wait, min(answer.retry_after, self.longest))
        return replace(tried, next_at=at + wait)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a target said to a message; `gone` if it wants no more of them ever."""

    accepted: bool
    status: int | None = None
    detail: str = ""
    gone: bool = False
    retry_after: timedelta | None = None
    duration_ms: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Cursor:
    """How far a webhook's deliveries have come, and which relay is at it, until when.

    Every event up to `floor` is dealt with: it was not wanted, or there is a delivery of it.
    `due_at` is when to look at it again, `retry_at` when the first of what waits is to be tried;
    `failures` how many times in a row a relay has given up.
    Each change raises `version`: of two relays that change it, one fails.
    """

    webhook_id: str
    namespace: str
    floor: str
    version: int = 1
    active: bool = True
    leased_until: datetime | None = None
    due_at: datetime
    retry_at: datetime | None = None
    failures: int = 0

    def is_free(self, at: datetime) -> bool:
        """Whether no relay is at it."""
        return self.leased_until is None or self.leased_until <= at


def before(event_id: str) -> str:
    """The greatest id below this one."""
    return f"{int(event_id, 16) - 1:032x}"
