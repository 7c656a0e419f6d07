"""Serve records in memory."""

from collections.abc import Sequence
from typing import Any

from core.adapters.memory.numbered import has
from core.adapters.memory.tables import MemoryStore, check_external_id, insert
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

    def page(self, deployment_id: int, *, before: int | None, limit: int) -> Sequence[ServeRecord]:
        with self.use(False) as tables:
            rows = [row for _, row in sorted(tables.serve_records.items(), reverse=True)]
            found = [row for row in rows if row.deployment_id == deployment_id]
            return [row for row in found if before is None or row.id < before][:limit]

    def rising(self, deployment_id: int, *, after: int | None, limit: int) -> Sequence[ServeRecord]:
        with self.use(False) as tables:
            rows = [row for _, row in sorted(tables.serve_records.items())]
            found = [row for row in rows if row.deployment_id == deployment_id]
            return [row for row in found if after is None or row.id > after][:limit]

    def insert(self, record: ServeRecord) -> None:
        with self.use(True) as tables:
            place = {"deployment_id": record.deployment_id, "name": record.name}
            if any(has(other, place) for other in tables.serve_records.values()):
                raise Taken(f"The name {record.name!r} is taken.", next_step="Choose another one.")
            check_external_id(tables.serve_records, record)
            insert(tables.serve_records, record.id, record, f"serve record {record.id}")

    def _first(self, **values: Any) -> ServeRecord | None:
        with self.use(False) as tables:
            rows = sorted(tables.serve_records.items())
            return next((row for _, row in rows if has(row, values)), None)
