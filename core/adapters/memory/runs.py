"""Runs in memory."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from core.adapters.memory.numbered import MemoryNumbered
from core.adapters.memory.tables import Tables
from core.domain.retention import Shown
from core.domain.runs import RUN_FIELDS, Run


class MemoryRuns(MemoryNumbered[Run]):
    """See `core.ports.RunStore`."""

    fields = RUN_FIELDS

    def table(self, tables: Tables) -> dict[int, Run]:
        """The runs."""
        return tables.runs

    def same_name(self, one: Run, other: Run) -> bool:
        """Only names that are to be unique differ, in an experiment."""
        is_same = (one.experiment_id, one.name) == (other.experiment_id, other.name)
        return is_same and one.has_unique_name and other.has_unique_name

    def named(self, namespace: str, experiment_id: int, name: str) -> Run | None:
        return self.first(namespace=namespace, experiment_id=experiment_id, name=name)

    def note(self, run: Run, keys: Sequence[str]) -> bool:
        with self.use(False) as tables:
            stored = tables.runs.get(run.id)
            if stored is None or stored.logged != run.logged - 1:
                return False
            tables.runs[run.id] = replace(
                stored,
                metrics={**stored.metrics, **{key: run.metrics[key] for key in keys}},
                latest={**stored.latest, **{key: run.latest[key] for key in keys}},
                logged=run.logged,
            )
            return True

    def withdraw(self, experiment_id: int) -> None:
        with self.use(True) as tables:
            tables.withdrawn_experiments.add(experiment_id)

    def readmit(self, experiment_id: int) -> None:
        with self.use(True) as tables:
            tables.withdrawn_experiments.discard(experiment_id)

    def due(self, at: datetime, limit: int) -> Sequence[Run]:
        return self.late(at, limit)

    def shown_in(self, tables: Tables, shown: Shown) -> Iterable[Run]:
        """Those that are kept so, and whose experiments are not out of reach."""
        return [
            run
            for run in super().shown_in(tables, shown)
            if shown is Shown.EVERYTHING or run.experiment_id not in tables.withdrawn_experiments
        ]
