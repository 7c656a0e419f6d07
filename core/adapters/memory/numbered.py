"""What is known by a decimal id, in memory."""

from abc import abstractmethod
from collections.abc import Iterable
from datetime import datetime
from typing import Any, TypeVar

from core.adapters.memory.searches import MemorySearched
from core.adapters.memory.tables import (
    Tables,
    check_external_id,
    insert,
    replace_entity,
)
from core.domain.retention import Retention, Shown
from core.errors import Taken

E = TypeVar("E")


class MemoryNumbered(MemorySearched[E]):
    """See `core.ports.Numbered`."""

    @abstractmethod
    def table(self, tables: Tables) -> dict[int, Any]:
        """The noun's own."""

    def same_name(self, one: Any, other: Any) -> bool:
        """Whether the two may not both be there, because of their names."""
        return bool((one.namespace, one.name) == (other.namespace, other.name))

    def get(self, namespace: str, number: int) -> E | None:
        """By id."""
        with self.use(False) as tables:
            found = self.table(tables).get(number)
            return found if found is not None and found.namespace == namespace else None

    def known_as(self, namespace: str, external_id: str) -> E | None:
        """By external id."""
        return self.first(namespace=namespace, external_id=external_id)

    def first(self, **values: Any) -> E | None:
        """The oldest with these attributes."""
        with self.use(False) as tables:
            rows = sorted(self.table(tables).items())
            return next((row for _, row in rows if has(row, values)), None)

    def insert(self, entity: Any) -> None:
        """Store a new one."""
        with self.use(True) as tables:
            self._check_free(tables, entity)
            insert(self.table(tables), entity.id, entity, f"{self.fields.noun} {entity.id}")
            tables.ledger.changed(entity)

    def replace(self, entity: Any) -> None:
        """Store the next revision."""
        with self.use(True) as tables:
            self._check_free(tables, entity)
            what = f"{self.fields.noun} {entity.name!r}"
            replace_entity(self.table(tables), entity.id, entity, what)
            tables.ledger.changed(entity)

    def late(self, at: datetime, limit: int) -> list[E]:
        """Deleted ones whose grace period is over, oldest first."""
        with self.use(False) as tables:
            rows = self.table(tables).values()
            waiting = [row for row in rows if row.purge_at is not None and row.purge_at < at]
            return sorted(waiting, key=lambda row: (row.purge_at, row.id))[:limit]

    def shown_in(self, tables: Tables, shown: Shown) -> Iterable[E]:
        """Those that are kept so."""
        rows = self.table(tables).values()
        return [row for row in rows if shown.holds(getattr(row, "state", Retention.ACTIVE))]

    def _check_free(self, tables: Tables, entity: Any) -> None:
        others = [row for row in self.table(tables).values() if row.id != entity.id]
        if any(self.same_name(entity, other) for other in others):
            raise Taken(f"The name {entity.name!r} is taken.", next_step="Choose another one.")
        check_external_id(self.table(tables), entity)


def has(row: Any, values: dict[str, Any]) -> bool:
    """Whether the attributes have these values."""
    return all(getattr(row, name) == value for name, value in values.items())
