"""The use case that ends grace periods of experiments, and of runs with all that they logged."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeVar

from core.domain.access import Action, Caller
from core.domain.common import moved_on
from core.domain.experiments import FORGOTTEN, Experiment
from core.domain.logged_files import FileOwner, OwnerKind
from core.domain.logged_models import LoggedModel
from core.domain.orders import ID, Order
from core.domain.retention import Retention, Shown
from core.domain.runs import Run
from core.domain.search import Comparison, Operator, Path
from core.ports import BlobStore, Clock, Database, Numbered, Stores
from core.services.edits import put
from core.services.logged_files import remove_folder

E = TypeVar("E", Run, LoggedModel)

_BATCH = 100
_POINTS = 5_000
_PURGING = timedelta(seconds=30)
_WHY = "the grace period is over"


@dataclass(frozen=True, slots=True)
class RunPurges:
    """Remove what was deleted: files, metrics, artifacts, parameters, descriptions. Ids, times and
    authors stay."""

    database: Database
    blobs: BlobStore
    clock: Clock

    def purge(self, caller: Caller, *, limit: int = _BATCH) -> int:
        """Remove what was deleted long enough ago; return how many that were. `sweep` calls
        this; it stops after half a minute and goes on next time."""
        caller.require(Action.DELETED_PURGE)
        now = self.clock.now()
        deadline = now + _PURGING
        count = 0
        for run in self.database.runs.due(now, limit):
            count += self._purge_run(caller, run, deadline)
        for model in self.database.logged_models.due(now, limit):
            count += self._purge_model(caller, model, deadline)
        for experiment in self.database.experiments.due(now, limit):
            for run in _all_of(self.database.runs, experiment):
                count += self._purge_run(caller, run, deadline)
            for model in _all_of(self.database.logged_models, experiment):
                count += self._purge_model(caller, model, deadline)
            if self.clock.now() > deadline:
                break
            count += self._bury(caller, experiment, name=f"purged-{experiment.id}")
        return count

    def _purge_run(self, caller: Caller, run: Run, deadline: datetime) -> int:
        """First files and points, then the note that it is done: whatever fails is done again."""
        if run.state is Retention.PURGED:
            return 0
        owner = FileOwner(run.namespace, OwnerKind.RUN, str(run.id))
        if not remove_folder(self.blobs, self.clock, owner.prefix, deadline - self.clock.now()):
            return 0
        while self.database.metrics.forget(run.id, _POINTS):
            if self.clock.now() > deadline:
                return 0
        return self._bury(
            caller,
            run,
            parameters={},
            metrics={},
            latest={},
            inputs=(),
            outputs=(),
        )

    def _purge_model(self, caller: Caller, model: LoggedModel, deadline: datetime) -> int:
        if model.state is Retention.PURGED:
            return 0
        owner = FileOwner(model.namespace, OwnerKind.LOGGED_MODEL, model.model_id)
        if not remove_folder(self.blobs, self.clock, owner.prefix, deadline - self.clock.now()):
            return 0
        return self._bury(caller, model, parameters={}, metrics={}, measured={}, model_type=None)

    def _bury(self, caller: Caller, kept: Run | LoggedModel | Experiment, **bare: Any) -> int:
        at = self.clock.now()

        def work(stores: Stores) -> int:
            place = _place(stores, kept)
            before = place.get(kept.namespace, kept.id)
            if before is None or before.state is Retention.PURGED:
                return 0
            after = moved_on(
                before,
                at=at,
                by=caller.principal.name,
                state=Retention.PURGED,
                **{**FORGOTTEN, **bare},
            )
            put(stores, caller, place, before, after, "purged", _WHY)
            if isinstance(kept, Run):
                stores.artifacts.forget_run(kept.experiment_id, kept.id)
            return 1

        return self.database.transaction(work)


def _place(stores: Stores, kept: Run | LoggedModel | Experiment) -> Numbered[Any]:
    match kept:
        case Run():
            return stores.runs
        case LoggedModel():
            return stores.logged_models
    return stores.experiments


def _all_of(store: Numbered[E], experiment: Experiment) -> Iterator[E]:
    after: tuple[int] | None = None
    tree = Comparison(Path("experiment_id"), Operator.EQUAL, experiment.id)
    while found := store.search(
        [experiment.namespace],
        tree,
        orders=[Order(ID)],
        after=after,
        limit=_BATCH,
        shown=Shown.EVERYTHING,
    ):
        yield from found
        after = (found[-1].id,)
