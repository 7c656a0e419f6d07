"""Registered models in memory, keyed by what their name looks like."""

from collections.abc import Collection, Sequence
from datetime import datetime

from core.adapters.memory.searches import MemorySearched
from core.adapters.memory.tables import (
    Tables,
    check_external_id,
    insert,
    is_after,
    replace_entity,
)
from core.domain.fields import MODEL_FIELDS
from core.domain.models import RegisteredModel
from core.domain.names import name_key
from core.domain.retention import READABLE, Shown
from core.errors import Taken


class MemoryModels(MemorySearched[RegisteredModel]):
    """See `core.ports.ModelStore`."""

    fields = MODEL_FIELDS

    def get(self, namespace: str, name: str) -> RegisteredModel | None:
        with self.use(False) as tables:
            model = tables.models.get((namespace, name_key(name)))
            return model if model is not None and model.name == name else None

    def with_id(self, namespace: str, id: int) -> RegisteredModel | None:
        with self.use(False) as tables:
            found = (model for model in tables.models.values() if model.id == id)
            model = next(found, None)
            if model is None or model.namespace != namespace or model.state not in READABLE:
                return None
            return model

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
        with self.use(False) as tables:
            keys = sorted(key for key in tables.models if key[0] == namespace)
            models = [tables.models[key] for key in keys if is_after(key[1], start)]
            return [
                model
                for model in models
                if shown.holds(model.state)
                and model.name not in without
                and (among is None or model.name in among)
            ][:limit]

    def due(self, at: datetime, limit: int) -> Sequence[RegisteredModel]:
        with self.use(False) as tables:
            late = [
                (model.purge_at, model.id, model)
                for model in tables.models.values()
                if model.purge_at is not None and model.purge_at < at and not model.is_held
            ]
            return [model for _, _, model in sorted(late, key=lambda row: row[:2])][:limit]

    def shown_in(self, tables: Tables, shown: Shown) -> list[RegisteredModel]:
        return [model for model in tables.models.values() if shown.holds(model.state)]

    def has_key_root(self, namespace: str, key_root: str) -> bool:
        with self.use(False) as tables:
            place = (namespace, key_root)
            return any((m.namespace, m.key_root) == place for m in tables.models.values())

    def rename(self, model: RegisteredModel, former: str) -> None:
        with self.use(True) as tables:
            key, before = _model_key(model), tables.models.get((model.namespace, name_key(former)))
            if before is None:
                raise AssertionError(f"there is no model {former!r} to rename")
            if (taken := tables.models.get(key)) is not None and taken.id != model.id:
                raise Taken(f"The model name {model.name!r} is taken.", next_step="Choose another.")
            del tables.models[model.namespace, name_key(former)]
            tables.models[key] = before
            replace_entity(tables.models, key, model, f"model {model.name!r}")
            tables.ledger.changed(model)

    def insert(self, model: RegisteredModel) -> None:
        with self.use(True) as tables:
            check_external_id(tables.models, model)
            insert(tables.models, _model_key(model), model, f"model name {model.name!r}")
            tables.ledger.changed(model)

    def replace(self, model: RegisteredModel) -> None:
        with self.use(True) as tables:
            check_external_id(tables.models, model)
            replace_entity(tables.models, _model_key(model), model, f"model {model.name!r}")
            tables.ledger.changed(model)


def _model_key(model: RegisteredModel) -> tuple[str, str]:
    return (model.namespace, name_key(model.name))
