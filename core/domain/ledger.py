"""The invariant behind all of time: whatever changes in a transaction has an event of its own."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from core.domain.events import Event
from core.domain.records import record
from core.domain.subjects import Subject, subject_of


@dataclass(slots=True)
class Ledger:
    """What one transaction changed so far."""

    _changes: list[tuple[Subject, Any]] = field(default_factory=list)

    def changed(self, entity: Any) -> None:
        """Note that the entity now is as it is given."""
        self._changes.append((subject_of(entity), entity))

    def removed(self, subject: Subject) -> None:
        """Note that the subject is gone."""
        self._changes.append((subject, None))

    def check(self, events: Iterable[Event]) -> None:
        """Raise `AssertionError` unless every change has its event.

        That is an event of this very subject and revision whose `after` is the whole record of
        the entity, or None for a removal.
        """
        told: dict[Subject, list[Event]] = {}
        for event in events:
            subject = Subject(event.kind, event.namespace, event.subject)
            told.setdefault(subject, []).append(event)
        for subject, entity in self._changes:
            if not any(_tells(event, entity) for event in told.get(subject, ())):
                raise AssertionError(
                    f"a transaction changed the {subject.kind} {subject.name!r} without an event"
                    " that holds what it is now"
                )


def _tells(event: Event, entity: Any) -> bool:
    if entity is None or event.after is None:
        return entity is None and event.after is None
    return event.revision == entity.revision and event.after == record(entity)
