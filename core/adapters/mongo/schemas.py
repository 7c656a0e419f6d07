"""Schemas as documents: their key holds namespace and model type."""

from collections.abc import Collection, Sequence

from core.adapters.mongo.documents import Documents
from core.adapters.mongo.keyset import ASCENDING, after_key
from core.domain.schemas import Schema
from core.domain.subjects import schema_subject


class MongoSchemas:
    """See `core.ports.SchemaStore`."""

    def __init__(self, documents: Documents[Schema]) -> None:
        self._documents = documents

    def get(self, namespace: str, model_type: str) -> Schema | None:
        return self._documents.one({"_id": _key(namespace, model_type)})

    def among(self, namespace: str, model_types: Collection[str]) -> Sequence[Schema]:
        keys = [_key(namespace, model_type) for model_type in sorted(set(model_types))]
        return self._documents.many({"_id": {"$in": keys}}, [("_id", ASCENDING)])

    def page(self, namespace: str, *, after: str | None, limit: int) -> Sequence[Schema]:
        filter = {"namespace": namespace, **after_key("model_type", after)}
        return self._documents.many(filter, [("model_type", ASCENDING)], limit)

    def put(self, schema: Schema) -> None:
        self._documents.put(_key(schema.namespace, schema.model_type), schema)

    def remove(self, namespace: str, model_type: str) -> None:
        self._documents.remove(_key(namespace, model_type), schema_subject(namespace, model_type))


def _key(namespace: str, model_type: str) -> str:
    return f"{namespace} {model_type}"
