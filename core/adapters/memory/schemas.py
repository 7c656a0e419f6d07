"""Schemas in memory."""

from collections.abc import Collection, Sequence

from core.adapters.memory.tables import MemoryStore, is_after
from core.domain.schemas import Schema
from core.domain.subjects import schema_subject


class MemorySchemas(MemoryStore):
    """See `core.ports.SchemaStore`."""

    def get(self, namespace: str, model_type: str) -> Schema | None:
        with self.use(False) as tables:
            return tables.schemas.get((namespace, model_type))

    def among(self, namespace: str, model_types: Collection[str]) -> Sequence[Schema]:
        with self.use(False) as tables:
            keys = [(namespace, each) for each in sorted(set(model_types))]
            return [tables.schemas[key] for key in keys if key in tables.schemas]

    def page(self, namespace: str, *, after: str | None, limit: int) -> Sequence[Schema]:
        with self.use(False) as tables:
            keys = sorted(key for key in tables.schemas if key[0] == namespace)
            return [tables.schemas[key] for key in keys if is_after(key[1], after)][:limit]

    def put(self, schema: Schema) -> None:
        with self.use(True) as tables:
            tables.schemas[schema.namespace, schema.model_type] = schema
            tables.ledger.changed(schema)

    def remove(self, namespace: str, model_type: str) -> None:
        with self.use(True) as tables:
            if tables.schemas.pop((namespace, model_type), None) is not None:
                tables.ledger.removed(schema_subject(namespace, model_type))
