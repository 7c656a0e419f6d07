"""What stood somewhere before: read from the events of a stage or of an alias."""

from collections.abc import Sequence

from core.domain.events import Event

ROLLED_BACK = "rolled-back"


def holder_after(event: Event) -> int | None:
    """The version that was there from this event on."""
    return None if event.after is None else event.after["version"]


def former_holder(events: Sequence[Event]) -> int | None:
    """The version to put back, of events that are newest first; None if nothing was there before.

    Each version that came is laid upon the last one. A rollback takes away all that lies upon the
    version that it put back: two in a row go back two steps. Where nothing is now, it is the one
    that was there last.
    """
    pile: list[int] = []
    is_empty = True
    for event in reversed(events):
        number = holder_after(event)
        is_empty = number is None
        if number is None:
            continue
        if is_rollback(event) and number in pile:
            while pile[-1] != number:
                pile.pop()
        elif pile[-1:] != [number]:
            pile.append(number)
    if is_empty:
        return pile[-1] if pile else None
    return pile[-2] if len(pile) > 1 else None


def is_rollback(event: Event) -> bool:
    """Whether it put something back."""
    return event.action.rpartition(".")[2] == ROLLED_BACK


def is_done(events: Sequence[Event], away_from: int) -> bool:
    """Whether the last thing that happened is a rollback away from this version."""
    return (
        bool(events)
        and is_rollback(events[0])
        and ((events[0].before or {}).get("version") == away_from)
    )
