"""Logged models in memory."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from core.adapters.memory.numbered import MemoryNumbered
from core.adapters.memory.tables import Tables
from core.domain.logged_models import LOGGED_MODEL_FIELDS, LoggedModel
from core.domain.retention import Shown


class MemoryLoggedModels(MemoryNumbered[LoggedModel]):
    """See `core.ports.LoggedModelStore`."""

    fields = LOGGED_MODEL_FIELDS

    def table(self, tables: Tables) -> dict[int, LoggedModel]:
        """The logged models."""
        return tables.logged_models

    def same_name(self, one: LoggedModel, other: LoggedModel) -> bool:
        """Names need not differ."""
        return False

    def note(self, model: LoggedModel, places: Sequence[str]) -> bool:
        with self.use(False) as tables:
            stored = tables.logged_models.get(model.id)
            if stored is None or stored.logged != model.logged - 1:
                return False
            tables.logged_models[model.id] = replace(
                stored,
                metrics={**stored.metrics, **{key: model.metrics[key] for key in places}},
                measured={**stored.measured, **{key: model.measured[key] for key in places}},
                logged=model.logged,
            )
            return True

    def withdraw(self, experiment_id: int) -> None:
        with self.use(True) as tables:
            tables.withdrawn_logged_models.add(experiment_id)

    def readmit(self, experiment_id: int) -> None:
        with self.use(True) as tables:
            tables.withdrawn_logged_models.discard(experiment_id)

    def due(self, at: datetime, limit: int) -> Sequence[LoggedModel]:
        return self.late(at, limit)

    def shown_in(self, tables: Tables, shown: Shown) -> Iterable[LoggedModel]:
        """Those that are kept so, and whose experiments are not out of reach."""
        return [
            model
            for model in super().shown_in(tables, shown)
            if shown is Shown.EVERYTHING
            or model.experiment_id not in tables.withdrawn_logged_models
        ]
