"""Registered models in memory, keyed by what their name looks like."""

from collections.abc import Collection, Sequence

from core.adapters.memory import searches
from core.adapters.memory.tables import MemoryStore, insert, is_after, replace_entity
from core.domain.facets import Facet
from core.domain.fields import MODEL_FIELDS
from core.domain.models import RegisteredModel
from core.domain.names import name_key
from core.domain.orders import Order, Position
from core.domain.search import Path, Tree


class MemoryModels(MemoryStore):
    """See `core.ports.ModelStore`."""

    def get(self, namespace: str, name: str) -> RegisteredModel | None:
        with self.use(False) as tables:
            model = tables.models.get((namespace, name_key(name)))
            return model if model is not None and model.name == name else None

    def page(self, namespace: str, *, after: str | None, limit: int) -> Sequence[RegisteredModel]:
        start = None if after is None else name_key(after)
        with self.use(False) as tables:
            keys = sorted(key for key in tables.models if key[0] == namespace)
            return [tables.models[key] for key in keys if is_after(key[1], start)][:limit]

    def search(
        self,
        namespaces: Collection[str],
        tree: Tree | None,
        *,
        orders: Sequence[Order],
        after: Position | None,
        limit: int,
    ) -> Sequence[RegisteredModel]:
        with self.use(False) as tables:
            stored = tables.models.values()
            return searches.search(stored, MODEL_FIELDS, namespaces, tree, orders, after, limit)

    def facets(
        self, namespaces: Collection[str], tree: Tree | None, paths: Sequence[Path]
    ) -> Sequence[Facet]:
        with self.use(False) as tables:
            return searches.facets(tables.models.values(), MODEL_FIELDS, namespaces, tree, paths)

    def insert(self, model: RegisteredModel) -> None:
        with self.use(True) as tables:
            insert(tables.models, _model_key(model), model, f"model name {model.name!r}")

    def replace(self, model: RegisteredModel) -> None:
        with self.use(True) as tables:
            replace_entity(tables.models, _model_key(model), model, f"model {model.name!r}")


def _model_key(model: RegisteredModel) -> tuple[str, str]:
    return (model.namespace, name_key(model.name))
