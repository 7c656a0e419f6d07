"""What changed, field by field: of one event, and between two moments."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from core.domain.common import PATCHABLE
from core.domain.documents import is_same
from core.domain.events import Event
from core.errors import Conflict

BOOKKEEPING = frozenset({"updated_at", "updated_by", "revision", "marks"})
"""Fields that every change moves; the event says the same."""


@dataclass(frozen=True, slots=True)
class FieldChange:
    """One field, by JSON Pointer (RFC 6901): what it was, and what it is; None is none."""

    field: str
    before: Any
    after: Any


@dataclass(frozen=True, slots=True)
class Change:
    """One event, and what it changed."""

    event: Event
    fields: tuple[FieldChange, ...]


def changes_of(event: Event) -> tuple[FieldChange, ...]:
    """What the event changed. Of a creation and a removal: every field that holds something."""
    if event.before is None or event.after is None:
        return field_changes(_filled(event.before), _filled(event.after))
    after = event.after
    return field_changes(event.before, {name: after.get(name) for name in event.before})


def field_changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[FieldChange, ...]:
    """The differences of two records, down into maps; lists are compared as a whole."""
    names = [*before, *(name for name in after if name not in before)]
    return tuple(
        change
        for name in names
        if name not in BOOKKEEPING
        for change in _differences(f"/{_escaped(name)}", before.get(name), after.get(name))
    )


def undone(events: Sequence[Event]) -> Event | None:
    """The last update that is in force still, of events that are newest first."""
    taken_back = 0
    for event in events:
        verb = event.action.rpartition(".")[2]
        if verb == "update-undone":
            taken_back += 1
        elif verb == "updated" and taken_back:
            taken_back -= 1
        elif verb == "updated":
            return event
    return None


def undo_of(update: Event, current: Mapping[str, Any]) -> Mapping[str, Any]:
    """The fields as they were before the update.

    Raises `Conflict` naming those that something else has changed since.
    """
    before, after = update.before or {}, update.after or {}
    fields = sorted(PATCHABLE & before.keys())
    moved = [name for name in fields if not is_same(current.get(name), after.get(name))]
    if moved:
        raise Conflict(
            f"The last update cannot be undone: {', '.join(moved)} changed since.",
            next_step="See the history, and set the fields as you want them.",
            problems=[(name, "changed since that update") for name in moved],
        )
    return {name: before[name] for name in fields}


def _differences(pointer: str, before: Any, after: Any) -> Iterator[FieldChange]:
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        for name in [*before, *(name for name in after if name not in before)]:
            place = f"{pointer}/{_escaped(name)}"
            if name not in before or name not in after:
                yield FieldChange(place, before.get(name), after.get(name))
            else:
                yield from _differences(place, before[name], after[name])
    elif not is_same(before, after):
        yield FieldChange(pointer, before, after)


def _filled(record: Mapping[str, Any] | None) -> Mapping[str, Any]:
    empty: tuple[Any, ...] = (None, "", [], {}, ())
    return {name: value for name, value in (record or {}).items() if value not in empty}


def _escaped(name: str) -> str:
    return name.replace("~", "~0").replace("/", "~1")
