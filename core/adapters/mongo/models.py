"""Registered models as documents: by id, unique by what their name looks like."""

from collections.abc import Sequence

from core.adapters.mongo.documents import Documents
from core.adapters.mongo.keyset import ASCENDING, after_key
from core.domain.models import RegisteredModel
from core.domain.names import name_key


class MongoModels:
    """See `core.ports.ModelStore`."""

    def __init__(self, documents: Documents[RegisteredModel]) -> None:
        self._documents = documents

    def get(self, namespace: str, name: str) -> RegisteredModel | None:
        found = self._documents.one({"namespace": namespace, "name_key": name_key(name)})
        return found if found is not None and found.name == name else None

    def page(self, namespace: str, *, after: str | None, limit: int) -> Sequence[RegisteredModel]:
        start = None if after is None else name_key(after)
        filter = {"namespace": namespace, **after_key("name_key", start)}
        return self._documents.many(filter, [("name_key", ASCENDING)], limit)

    def insert(self, model: RegisteredModel) -> None:
        self._documents.insert(
            model.id, model, f"model name {model.name!r}", name_key=name_key(model.name)
        )

    def replace(self, model: RegisteredModel) -> None:
        self._documents.replace(
            model.id, model, f"model {model.name!r}", name_key=name_key(model.name)
        )
