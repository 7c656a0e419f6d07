"""What is audited besides changes, in memory."""

from datetime import datetime

from core.adapters.memory.tables import MemoryStore, insert
from core.domain.events import Event


class MemoryAudit(MemoryStore):
    """See `core.ports.AuditStore`."""

    def note(self, event: Event) -> None:
        with self.use(False) as tables:
            insert(tables.accesses, event.id, event, f"event id {event.id}")

    def count(self, name: str, expires_at: datetime) -> int:
        with self.use(False) as tables:
            tables.tallies[name] = tables.tallies.get(name, 0) + 1
            return tables.tallies[name]
