"""Use cases on the stages of a model: which version is where."""

from dataclasses import dataclass
from datetime import datetime

from core.domain.access import Action, Caller
from core.domain.lifecycles import Lifecycle, Stage, default_lifecycle
from core.domain.moments import check_moment
from core.domain.subjects import lifecycle_subject
from core.domain.versions import ModelVersion
from core.ports import Clock, Database
from core.services.lookups import lifecycle_of, model_of
from core.services.moments import model_at, state_at


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """A stage of a model; `version` is the number of the one that it holds, if it holds one."""

    stage: Stage
    version: int | None


@dataclass(frozen=True, slots=True)
class Stages:
    """See what the stages of a model hold, now and at any moment."""

    database: Database
    clock: Clock

    def retired(self, caller: Caller, namespace: str) -> frozenset[str]:
        """The names of those that what is in them is not for use any more."""
        caller.require(Action.NAMESPACE_SEE, namespace)
        stages = lifecycle_of(self.database, namespace).stages
        return frozenset(stage.name for stage in stages if stage.retired)

    def of_model(
        self, caller: Caller, namespace: str, model: str, *, as_of: datetime | None = None
    ) -> tuple[Standing, ...]:
        """Every stage, in the order of the lifecycle. Raises `NotFound`, `Invalid`."""
        caller.require(Action.MODEL_READ, namespace, model=model)
        lifecycle: Lifecycle
        if as_of is None:
            owner = model_of(self.database, namespace, model)
            lifecycle = lifecycle_of(self.database, namespace)
        else:
            check_moment(as_of, self.clock.now())
            owner = model_at(self.database, namespace, model, as_of)
            subject = lifecycle_subject(namespace)
            then = state_at(self.database, subject, Lifecycle, as_of)
            lifecycle = then or default_lifecycle(namespace)
        return tuple(
            Standing(stage=stage, version=owner.stages.get(stage.name))
            for stage in lifecycle.stages
        )

    def newest(self, caller: Caller, namespace: str, model: str) -> tuple[ModelVersion, ...]:
        """The ready version with the highest number of each stage that has one, highest first.
        Raises `NotFound`."""
        caller.require(Action.MODEL_READ, namespace, model=model)
        found = self.database.versions.newest_in_stages(namespace, model)
        if not found:
            model_of(self.database, namespace, model)
        return tuple(sorted(found, key=lambda version: -version.number))
