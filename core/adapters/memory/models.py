"""Registered models in memory, keyed by what their name looks like."""

from collections.abc import Sequence
from datetime import datetime

from core.adapters.memory.tables import MemoryStore, insert, is_after, replace_entity
from core.domain.models import RegisteredModel
from core.domain.names import name_key
from core.domain.retention import Shown


class MemoryModels(MemoryStore):
    """See `core.ports.ModelStore`."""

    def get(self, namespace: str, name: str) -> RegisteredModel | None:
        with self.use(False) as tables:
            model = tables.models.get((namespace, name_key(name)))
            return model if model is not None and model.name == name else None

    def page(
        self,
        namespace: str,
        *,
        after: str | None,
        limit: int,
        shown: Shown = Shown.LISTED,
    ) -> Sequence[RegisteredModel]:
        start = None if after is None else name_key(after)
        with self.use(False) as tables:
            keys = sorted(key for key in tables.models if key[0] == namespace)
            models = [tables.models[key] for key in keys if is_after(key[1], start)]
            return [model for model in models if shown.holds(model.state)][:limit]

    def due(self, at: datetime, limit: int) -> Sequence[RegisteredModel]:
        with self.use(False) as tables:
            late = [
                (model.purge_at, model.id, model)
                for model in tables.models.values()
                if model.purge_at is not None and model.purge_at < at
            ]
            return [model for _, _, model in sorted(late, key=lambda row: row[:2])][:limit]

    def insert(self, model: RegisteredModel) -> None:
        with self.use(True) as tables:
            insert(tables.models, _model_key(model), model, f"model name {model.name!r}")
            tables.ledger.changed(model)

    def replace(self, model: RegisteredModel) -> None:
        with self.use(True) as tables:
            replace_entity(tables.models, _model_key(model), model, f"model {model.name!r}")
            tables.ledger.changed(model)


def _model_key(model: RegisteredModel) -> tuple[str, str]:
    return (model.namespace, name_key(model.name))
