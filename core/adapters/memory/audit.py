"""The audit log in memory."""

from collections.abc import Sequence
from datetime import datetime

from core.adapters.memory.tables import MemoryStore, insert
from core.domain.events import Event
from core.domain.selection import Selection


class MemoryAudit(MemoryStore):
    """See `core.ports.AuditStore`."""

    def between(self, after: str, until: str, limit: int) -> Sequence[Event]:
        with self.use(False) as tables:
            events = {**tables.events, **tables.accesses}
            return [events[key] for key in sorted(events) if after < key <= until][:limit]

    def page(
        self,
        selection: Selection,
        *,
        position: str | None,
        oldest_first: bool,
        at: datetime,
        limit: int,
    ) -> Sequence[Event]:
        lower, upper = selection.ids(position, oldest_first=oldest_first)
        with self.use(False) as tables:
            events = {**tables.events, **tables.accesses}
            return [
                events[key]
                for key in sorted(events, reverse=not oldest_first)
                if lower < key < upper and selection.holds(events[key])
            ][:limit]

    def get(self, event_id: str) -> Event | None:
        with self.use(False) as tables:
            return tables.events.get(event_id) or tables.accesses.get(event_id)

    def size(self) -> int:
        with self.use(False) as tables:
            return len(tables.events) + len(tables.accesses)

    def note(self, event: Event) -> None:
        with self.use(False) as tables:
            insert(tables.accesses, event.id, event, f"event id {event.id}")

    def count(self, name: str, expires_at: datetime) -> int:
        with self.use(False) as tables:
            tables.tallies[name] = tables.tallies.get(name, 0) + 1
            return tables.tallies[name]
