"""Serve records in memory."""

from collections.abc import Sequence
from typing import Any

from core.adapters.memory.numbered import has, same_external_id
from core.adapters.memory.tables import MemoryStore, insert
from core.domain.serve_records import ServeRecord
from core.errors import Taken


class MemoryServeRecords(MemoryStore):
    """See `core.ports.ServeRecordStore`."""

    def get(self, namespace: str, number: int) -> ServeRecord | None:
        return self._first(namespace=namespace, id=number)

    def named(self, namespace: str, deployment_id: int, name: str) -> ServeRecord | None:
        return self._first(namespace=namespace, deployment_id=deployment_id, name=name)

    def known_as(self, namespace: str, external_id: str) -> ServeRecord | None:
        return self._first(namespace=namespace, external_id=external_id)

    def page(
        self, deployment_id: int, *, before: int | None, limit: int
    ) -> Sequence[ServeRecord]:
        with self.use(False) as tables:
            rows = [row for _, row in sorted(tables.serve_records.items(), reverse=True)]
            found = [row for row in rows if row.deployment_id == deployment_id]
            return [row for row in found if before is None or row.id < before][:limit]

    def insert(self, record: ServeRecord) -> None:
        with self.use(True) as tables:
            for other in tables.serve_records.values():
                is_same = (record.deployment_id, record.name) == (other.deployment_id, other.name)
                if is_same or same_external_id(record, other):
                    raise Taken("The name or external id of the serve record is taken.")
            insert(tables.serve_records, record.id, record, f"serve record {record.id}")

    def _first(self, **values: Any) -> ServeRecord | None:
        with self.use(False) as tables:
            rows = sorted(tables.serve_records.items())
            return next((row for _, row in rows if has(row, values)), None)
