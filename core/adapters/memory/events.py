"""Events in memory."""

from collections.abc import Collection, Sequence
from datetime import datetime

from core.adapters.memory.tables import MemoryStore, insert, is_after
from core.domain.events import Event, SubjectKind, last_event_id
from core.domain.subjects import Subject


class MemoryEvents(MemoryStore):
    """See `core.ports.EventStore`."""

    def add(self, event: Event) -> None:
        with self.use(True) as tables:
            insert(tables.events, event.id, event, f"event id {event.id}")

    def page(
        self,
        namespace: str,
        *,
        kind: SubjectKind | None = None,
        subject: str | None = None,
        before: str | None,
        limit: int,
    ) -> Sequence[Event]:
        with self.use(False) as tables:
            return [
                event
                for key, event in sorted(tables.events.items(), reverse=True)
                if event.namespace == namespace
                and (kind is None or (event.kind, event.subject) == (kind, subject))
                and (before is None or key < before)
            ][:limit]

    def ids(self, namespace: str, *, after: str, until: str | None, limit: int) -> Sequence[str]:
        with self.use(False) as tables:
            return [
                key
                for key in sorted(tables.events)
                if tables.events[key].namespace == namespace
                and key > after
                and (until is None or key <= until)
            ][:limit]

    def with_ids(self, ids: Collection[str]) -> Sequence[Event]:
        with self.use(False) as tables:
            return [tables.events[key] for key in sorted(ids) if key in tables.events]

    def last(self, subject: Subject, *, at: datetime | None = None) -> Event | None:
        return next(iter(self._last({subject}, at).values()), None)

    def last_of_each(self, subjects: Sequence[Subject], *, at: datetime) -> Sequence[Event]:
        return list(self._last(set(subjects), at).values())

    def last_in(
        self, namespace: str, kind: SubjectKind, *, at: datetime, after: str | None, limit: int
    ) -> Sequence[Event]:
        found = self._last(None, at)
        subjects = sorted(
            (
                subject
                for subject, event in found.items()
                if (subject.namespace, subject.kind) == (namespace, kind)
                and event.after is not None
                and is_after(subject.name, after)
            ),
            key=lambda subject: subject.name,
        )
        return [found[subject] for subject in subjects[:limit]]

    def _last(self, wanted: set[Subject] | None, at: datetime | None) -> dict[Subject, Event]:
        found: dict[Subject, Event] = {}
        with self.use(False) as tables:
            for key in sorted(tables.events):
                event = tables.events[key]
                subject = Subject(event.kind, event.namespace, event.subject)
                if (at is None or key <= last_event_id(at)) and (
                    wanted is None or subject in wanted
                ):
                    found[subject] = event
        return found
