"""The use case that logs parameters, tags and metric points of a run at once."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from core.domain.access import Action, Caller
from core.domain.common import patched
from core.domain.logged_models import LoggedModel, Measurement
from core.domain.metrics import MAX_BATCH, MetricPoint
from core.domain.parameters import with_parameters
from core.domain.runs import Run, with_points
from core.errors import TooLarge
from core.ports import Clock, Database, Stores
from core.services.edits import amend
from core.services.lookups import logged_model_of, run_of
from core.services.noting import note_measurements, note_points


@dataclass(frozen=True, slots=True)
class Batches:
    """Log whatever a training has to say in one request."""

    database: Database
    clock: Clock

    def log(
        self,
        caller: Caller,
        namespace: str,
        reference: str,
        points: Sequence[Mapping[str, Any]],
        *,
        parameters: Mapping[str, Any] | None = None,
        tags: Mapping[str, str] | None = None,
        name: str | None = None,
        shown: Callable[[Any], str] | None = None,
    ) -> Run:
        """Note at most 1 000 points, which may be said of a logged model and a data set as well;
        parameters, which are written once; tags, and another name. All of it, or what is refused is
        refused before anything is stored. Repeating it all is harmless. `shown` is how the
        caller reads a parameter: one that he reads as he sends it has not another value.

        Points are maps of `key`, `value`, and if given `step`, `at`, `logged_model`,
        `dataset_name` and `dataset_digest`. Raises `Conflict` naming the parameters that have
        another value; `NotFound`, `Invalid`, `TooLarge`, `Forbidden`, and `Unavailable` if too
        many others do the same to this run at once.
        """
        caller.require(Action.RUN_LOG, namespace)
        if len(points) > MAX_BATCH:
            raise TooLarge(
                f"{len(points)} points were sent.", next_step=f"Send {MAX_BATCH} at a time."
            )
        run = run_of(self.database, namespace, reference)
        noted, measured = self._read(run, points)
        with_points(run, noted)
        if parameters or tags or name:
            patch = {"tags": tags or {}, **({"name": name} if name else {})}
            run = self._describe(caller, run, parameters or {}, patch, shown)
        for model, measurements in measured:
            note_measurements(self.database, model, measurements)
        return note_points(self.database, run, noted)

    def _read(
        self, run: Run, points: Sequence[Mapping[str, Any]]
    ) -> tuple[list[MetricPoint], list[tuple[LoggedModel, list[Measurement]]]]:
        """The points in order, and those of each logged model that is named, which is there."""
        now = self.clock.now()
        made: set[MetricPoint] = set()
        said: dict[str, list[Measurement]] = {}
        for given in points:
            at, step = given.get("at") or now, given.get("step") or 0
            point = MetricPoint(run.id, given["key"], step, at, given["value"])
            made.add(point)
            if model := given.get("logged_model"):
                on = (given.get("dataset_name") or "", given.get("dataset_digest") or "")
                said.setdefault(model, []).append(Measurement(point, *on))
        noted = sorted(made, key=lambda point: (point.key, point.place))
        return noted, [
            (logged_model_of(self.database, run.namespace, model), measurements)
            for model, measurements in said.items()
        ]

    def _describe(
        self,
        caller: Caller,
        run: Run,
        parameters: Mapping[str, Any],
        patch: Mapping[str, Any],
        shown: Callable[[Any], str] | None,
    ) -> Run:
        at, by = self.clock.now(), caller.principal.name

        def change(stores: Stores, before: Run) -> Run:
            new = {
                key: value
                for key, value in parameters.items()
                if shown is None
                or key not in before.parameters
                or shown(before.parameters[key]) != value
            }
            after = with_parameters(patched(before, patch, at=at, by=by), new, at=at, by=by)
            return after if after is before else replace(after, revision=before.revision + 1)

        return amend(
            self.database,
            caller,
            lambda stores: run_of(stores, run.namespace, str(run.id)),
            lambda stores: stores.runs,
            change,
            "logged",
        )
