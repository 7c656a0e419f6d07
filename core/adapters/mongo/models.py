"""Registered models as documents: by id, unique by what their name looks like."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from core.adapters.mongo.documents import Documents
from core.adapters.mongo.external import external
from core.adapters.mongo.keyset import ASCENDING, among_keys, before_key
from core.adapters.mongo.retention import kept, showing
from core.adapters.mongo.searches import MongoSearched
from core.adapters.mongo.terms import derived
from core.domain.fields import MODEL_FIELDS
from core.domain.models import RegisteredModel
from core.domain.names import name_key
from core.domain.retention import Shown


class MongoModels(MongoSearched[RegisteredModel]):
    """See `core.ports.ModelStore`."""

    def __init__(self, documents: Documents[RegisteredModel]) -> None:
        super().__init__(documents, MODEL_FIELDS)

    def get(self, namespace: str, name: str) -> RegisteredModel | None:
        found = self._documents.one({"namespace": namespace, "name_key": name_key(name)})
        return found if found is not None and found.name == name else None

    def with_id(self, namespace: str, id: int) -> RegisteredModel | None:
        return self._documents.with_key(id, {"namespace": namespace, "readable": True})

    def page(
        self,
        namespace: str,
        *,
        after: str | None,
        limit: int,
        shown: Shown = Shown.LISTED,
        among: Collection[str] | None = None,
        without: Collection[str] = (),
    ) -> Sequence[RegisteredModel]:
        start = None if after is None else name_key(after)
        keys = None if among is None else sorted({name_key(name) for name in among})
        bounds = among_keys("name_key", start, keys)
        filter = {"namespace": namespace, **showing(shown), **bounds}
        # Some servers scan for what is none of several values: a few too many are asked for.
        found = self._documents.many(filter, [("name_key", ASCENDING)], limit + len(without))
        return [
            model
            for model in found
            if model.name not in without and (among is None or model.name in among)
        ][:limit]

    def due(self, at: datetime, limit: int) -> Sequence[RegisteredModel]:
        filter = {"purges": True, **before_key("purge_at", at)}
        return self._documents.many(filter, [("purge_at", ASCENDING)], limit)

    def has_key_root(self, namespace: str, key_root: str) -> bool:
        found = self._documents.one({"namespace": namespace, "key_root": key_root})
        return found is not None

    def rename(self, model: RegisteredModel, former: str) -> None:
        self._documents.replace(model.id, model, f"model name {model.name!r}", **_derived(model))

    def insert(self, model: RegisteredModel) -> None:
        self._documents.insert(model.id, model, f"model name {model.name!r}", **_derived(model))

    def replace(self, model: RegisteredModel) -> None:
        self._documents.replace(model.id, model, f"model {model.name!r}", **_derived(model))

    def document(self, model: RegisteredModel) -> dict[str, Any]:
        """The model as it is stored."""
        return self._documents.document(model.id, model, _derived(model))

    def renewed(self, document: Mapping[str, Any]) -> dict[str, Any]:
        """A stored document as it is stored today."""
        return self.document(self._documents.entity(document))


def _derived(model: RegisteredModel) -> dict[str, Any]:
    return {
        "name_key": name_key(model.name),
        "alias_names": sorted(model.aliases),
        "hold_references": list(model.hold_references),
        **kept(model.state, is_held=model.is_held),
        **external(model.namespace, model),
        **derived(model, MODEL_FIELDS),
    }
