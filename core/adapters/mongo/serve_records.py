"""Serve records as documents."""

from collections.abc import Sequence

from core.adapters.mongo.documents import Documents
from core.adapters.mongo.external import external, joined
from core.adapters.mongo.keyset import ASCENDING, DESCENDING, after_key, before_key
from core.domain.serve_records import ServeRecord


class MongoServeRecords:
    """See `core.ports.ServeRecordStore`."""

    def __init__(self, documents: Documents[ServeRecord]) -> None:
        self._documents = documents

    def get(self, namespace: str, number: int) -> ServeRecord | None:
        found = self._documents.one({"_id": number})
        return found if found is not None and found.namespace == namespace else None

    def named(self, namespace: str, deployment_id: int, name: str) -> ServeRecord | None:
        found = self._documents.one({"deployment_id": deployment_id, "name": name})
        return found if found is not None and found.namespace == namespace else None

    def known_as(self, namespace: str, external_id: str) -> ServeRecord | None:
        return self._documents.one({"external_key": joined(namespace, external_id)})

    def page(self, deployment_id: int, *, before: int | None, limit: int) -> Sequence[ServeRecord]:
        filter = {"deployment_id": deployment_id, **before_key("_id", before)}
        return self._documents.many(filter, [("_id", DESCENDING)], limit)

    def rising(self, deployment_id: int, *, after: int | None, limit: int) -> Sequence[ServeRecord]:
        filter = {"deployment_id": deployment_id, **after_key("_id", after)}
        return self._documents.many(filter, [("_id", ASCENDING)], limit)

    def insert(self, record: ServeRecord) -> None:
        self._documents.insert_untold(
            record.id, record, f"name {record.name!r}", **external(record.namespace, record)
        )
