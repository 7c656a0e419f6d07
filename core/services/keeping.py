"""How experiments, runs and logged models are kept: out of lists and back, out of reach and back
for a while."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import TypeVar

from core.domain.access import Caller
from core.domain.common import moved_on
from core.domain.deletion import check_can_return
from core.domain.experiments import Experiment
from core.domain.logged_models import LoggedModel
from core.domain.retention import Retention
from core.domain.runs import Run
from core.domain.subjects import subject_of
from core.ports import Clock, Database, Numbered, Stores
from core.services.edits import amend

K = TypeVar("K", Experiment, Run, LoggedModel)


@dataclass(frozen=True, slots=True)
class Keeping:
    """What it takes to keep something another way. `grace_seconds`: how long what is deleted can
    be undeleted."""

    database: Database
    clock: Clock
    grace_seconds: int

    def keep(
        self,
        caller: Caller,
        find: Callable[[Stores], K],
        store_of: Callable[[Stores], Numbered[K]],
        retention: Retention,
        *,
        expected_revision: int | None = None,
        reason: str = "",
        verb: str = "",
        beside: Callable[[Stores, K], None] = lambda stores, kept: None,
    ) -> K:
        """Keep it so from now on, and with it the artifacts of its runs; `beside` is done in the
        same transaction, if it is not yet.

        Undeleting (a `verb` of that name) raises `Conflict` if it is not deleted, or if the time
        is over. Raises `Stale`, and what `find` raises.
        """
        at = self.clock.now()

        def change(stores: Stores, before: K) -> K:
            if verb == "undeleted":
                subject = subject_of(before)
                check_can_return(f"the {subject.kind} {before.name!r}", before, at)
            elif before.state is retention:
                return before
            beside(stores, before)
            _move_artifacts(stores, before, retention, verb)
            grace = timedelta(seconds=self.grace_seconds)
            purge_at = at + grace if retention is Retention.DELETED else None
            return moved_on(
                before, at=at, by=caller.principal.name, state=retention, purge_at=purge_at
            )

        done = verb or ("restored" if retention is Retention.ACTIVE else retention.value)
        return amend(
            self.database,
            caller,
            find,
            store_of,
            change,
            done,
            expected_revision=expected_revision,
            reason=reason,
        )


def _move_artifacts(
    stores: Stores, kept: Experiment | Run | LoggedModel, retention: Retention, verb: str
) -> None:
    if isinstance(kept, LoggedModel):
        return
    place = (kept.experiment_id, kept.id) if isinstance(kept, Run) else (kept.id, None)
    if retention is Retention.DELETED:
        stores.artifacts.withdraw_runs(*place)
    elif verb == "undeleted":
        stores.artifacts.readmit_runs(*place)
