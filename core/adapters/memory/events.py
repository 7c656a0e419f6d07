"""Events in memory."""

from collections.abc import Sequence

from core.adapters.memory.tables import MemoryStore, insert
from core.domain.events import Event, SubjectKind


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
