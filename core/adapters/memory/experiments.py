"""Experiments in memory."""

from collections.abc import Sequence
from datetime import datetime

from core.adapters.memory.numbered import MemoryNumbered
from core.adapters.memory.tables import Tables
from core.domain.experiments import EXPERIMENT_FIELDS, Experiment


class MemoryExperiments(MemoryNumbered[Experiment]):
    """See `core.ports.ExperimentStore`."""

    fields = EXPERIMENT_FIELDS

    def table(self, tables: Tables) -> dict[int, Experiment]:
        """The experiments."""
        return tables.experiments

    def named(self, namespace: str, name: str) -> Experiment | None:
        return self.first(namespace=namespace, name=name)

    def due(self, at: datetime, limit: int) -> Sequence[Experiment]:
        return self.late(at, limit)
