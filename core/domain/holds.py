"""Legal holds: as long as one is on a model or version, it can be neither deleted nor purged."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from core.domain.names import check_text
from core.domain.retention import READABLE, Retention
from core.errors import Conflict, Invalid, NotFound

MAX_HOLDS = 100
MAX_REFERENCE_CHARACTERS = 200
MAX_REASON_CHARACTERS = 2_000
CLOSING = timedelta(seconds=60)
"""So long before something is purged it is too late for a hold: the purge may have begun on a
machine whose clock is ahead."""


@dataclass(frozen=True, slots=True)
class Hold:
    """One matter that something is kept for: `reference` names it (a case number) and tells the
    holds of one thing apart."""

    reference: str
    reason: str
    by: str
    at: datetime

    def __post_init__(self) -> None:
        check_text("reference", self.reference, max_characters=MAX_REFERENCE_CHARACTERS)


def check_hold_reason(reason: str) -> str:
    """Return the reason for setting or lifting a hold; raise `Invalid` if there is none."""
    if not reason.strip():
        raise Invalid(
            "A legal hold must say why it is set, and why it is lifted.",
            next_step="Give a reason; it is kept in the history.",
        )
    return check_text("reason", reason, max_characters=MAX_REASON_CHARACTERS)


def held(holds: Sequence[Hold], hold: Hold) -> tuple[Hold, ...]:
    """The holds with one more. A matter that is there already stays as it was set.

    Raises `Conflict` if there are too many.
    """
    if any(each.reference == hold.reference for each in holds):
        return tuple(holds)
    if len(holds) >= MAX_HOLDS:
        raise Conflict(
            f"There are {MAX_HOLDS} legal holds on it already.",
            next_step="Lift those of matters that are closed.",
        )
    return (*holds, hold)


def lifted(what: str, holds: Sequence[Hold], reference: str | None) -> tuple[Hold, ...]:
    """The holds without one: that of the reference, or the only one.

    Raises `NotFound` if there is no such hold, `Conflict` if several are there and none is named.
    """
    names = ", ".join(repr(each.reference) for each in holds)
    if reference is None and len(holds) > 1:
        raise Conflict(
            f"{what} is on {len(holds)} legal holds: {names}.",
            next_step="Name the reference of the one to lift.",
            problems=[(each.reference, each.reason) for each in holds],
        )
    left = tuple(each for each in holds if reference is not None and each.reference != reference)
    if len(left) == len(holds):
        raise NotFound(
            f"{what} is on no legal hold"
            + ("." if reference is None else f" with the reference {reference[:200]!r}."),
            next_step=f"The holds that are on it: {names or 'none'}.",
        )
    return left


def check_not_held(what: str, holds: Sequence[Hold]) -> None:
    """Raise `Conflict` naming the matters that something is kept for."""
    if holds:
        names = ", ".join(f"{each.reference!r} by {each.by}" for each in holds[:10])
        raise Conflict(
            f"{what} is on legal hold ({names}), so it cannot be deleted.",
            next_step="Archive it, or ask an owner to lift the hold.",
            problems=[(each.reference, each.reason) for each in holds],
        )


def check_can_be_held(
    what: str, retention: Retention, purge_at: datetime | None, at: datetime
) -> None:
    """Raise `Conflict` for what is gone, or about to go this minute."""
    if retention in READABLE or (purge_at is not None and purge_at > at + CLOSING):
        return
    raise Conflict(
        f"{what} was deleted, and the time in which that could be stopped is over.",
        next_step="Its history is still there, and every event of it.",
    )
