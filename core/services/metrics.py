"""Use cases on metrics: reading the history of a run's points, drawing it, comparing runs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from core.domain.access import Action, Caller
from core.domain.comparison import Direction, Row, direction_of, rows_of
from core.domain.fields import bound, bound_path
from core.domain.metrics import (
    SUMMARISED_FROM,
    Bucket,
    MetricPoint,
    bucketed,
    check_metric_key,
    exact,
    level_for,
    read_place,
)
from core.domain.orders import Order, bound_orders
from core.domain.pages import Page, PageRequest
from core.domain.runs import RUN_FIELDS, Run
from core.domain.search import And, Comparison, Operator, Path
from core.errors import Invalid, NotFound
from core.ports import Clock, Database
from core.services.lookups import experiment_of, run_of
from core.services.noting import LOOKED_AT

MAX_BUCKETS = 1_000
MAX_KEYS = 20
MAX_COMPARED = 20
MAX_BEST = 100


@dataclass(frozen=True, slots=True)
class Plot:
    """One metric as a plot draws it."""

    key: str
    buckets: tuple[Bucket, ...]


@dataclass(frozen=True, slots=True)
class RunComparison:
    """Runs side by side: parameters, the latest of each metric, tags and inputs."""

    runs: tuple[Run, ...]
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Metrics:
    """Read what runs measured; it is noted in batches."""

    database: Database
    clock: Clock

    def history(
        self,
        caller: Caller,
        namespace: str,
        reference: str,
        key: str,
        request: PageRequest,
        *,
        first: int | None = None,
        last: int | None = None,
    ) -> Page[MetricPoint]:
        """Every point of a metric, by step, time and value; of the steps from `first` to `last`.

        Raises `NotFound`, `Invalid`.
        """
        caller.require(Action.EXPERIMENT_READ, namespace)
        run = run_of(self.database, namespace, reference)
        facts = _check_has(run, key)
        query = ("metric", namespace, str(run.id), key, f"{first}-{last}")
        after = request.after(*query)
        if after is not None:
            read_place(after)
        rows = self.database.metrics.page(
            run.id,
            key,
            after=after,
            first=facts["first"] if first is None else max(first, facts["first"]),
            last=facts["step"] if last is None else min(last, facts["step"]),
            limit=request.size + 1,
        )
        return request.page(rows, lambda point: point.place, *query)

    def plot(
        self,
        caller: Caller,
        namespace: str,
        reference: str,
        keys: Sequence[str],
        *,
        buckets: int = 200,
        first: int | None = None,
        last: int | None = None,
    ) -> tuple[Plot, ...]:
        """Metrics down-sampled: of each of at most so many stretches of steps the lowest, the
        highest and the last value. However long the history, a bounded part of it is looked at.

        Raises `NotFound`, `Invalid`.
        """
        caller.require(Action.EXPERIMENT_READ, namespace)
        if not 1 <= buckets <= MAX_BUCKETS or not 1 <= len(keys) <= MAX_KEYS:
            raise Invalid(
                f"{buckets} buckets of {len(keys)} metrics were asked for.",
                next_step=f"Ask for 1 to {MAX_BUCKETS} buckets of 1 to {MAX_KEYS} metrics.",
            )
        run = run_of(self.database, namespace, reference)
        return tuple(self._plot(run, key, buckets, first, last) for key in dict.fromkeys(keys))

    def best(
        self,
        caller: Caller,
        namespace: str,
        experiment: str,
        metric: str,
        *,
        direction: Direction | None = None,
        count: int = 1,
    ) -> tuple[Run, ...]:
        """The runs of an experiment whose latest value of a metric is the best, the best first.

        What is good follows from the metric's name unless it is said; NaN and infinity are not
        compared. Raises `NotFound` if no run has it, and `Invalid`.
        """
        caller.require(Action.EXPERIMENT_READ, namespace)
        check_metric_key(metric)
        wanted = direction or direction_of(metric, {})
        if wanted is None or not 1 <= count <= MAX_BEST:
            raise Invalid(
                f"Nobody knows whether a high {metric!r} is good, or {count} is no number of runs.",
                next_step=f"Say direction: higher or lower; ask for 1 to {MAX_BEST} runs.",
            )
        owner = experiment_of(self.database, namespace, experiment)
        path = bound_path(Path("metrics", (metric,)), RUN_FIELDS)
        known = And(
            (
                Comparison(Path("experiment_id"), Operator.EQUAL, owner.id),
                Comparison(path, Operator.GREATER, -1.7976931348623157e308),
            )
        )
        found = self.database.runs.search(
            [namespace],
            bound(known, RUN_FIELDS),
            orders=bound_orders([Order(path, wanted is Direction.HIGHER)], RUN_FIELDS),
            after=None,
            limit=count,
        )
        if not found:
            raise NotFound(
                f"No run of the experiment {owner.name!r} has a number as its metric {metric!r}.",
                next_step="See the metrics of one of its runs.",
            )
        return tuple(found)

    def compare(self, caller: Caller, namespace: str, references: Sequence[str]) -> RunComparison:
        """2 to 20 runs side by side. Raises `NotFound`, `Invalid`."""
        caller.require(Action.EXPERIMENT_READ, namespace)
        if not 2 <= len(references) <= MAX_COMPARED:
            raise Invalid(
                f"{len(references)} runs were named.",
                next_step=f"Name 2 to {MAX_COMPARED} runs to compare.",
            )
        runs = tuple(run_of(self.database, namespace, each) for each in references)
        return RunComparison(runs, rows_of([_flat(run) for run in runs], {}))

    def _plot(self, run: Run, key: str, count: int, first: int | None, last: int | None) -> Plot:
        facts = _check_has(run, key)
        start = max(facts["first"], first if first is not None else facts["first"])
        end = min(facts["step"], last if last is not None else facts["step"])
        if start > end:
            return Plot(key, ())
        if not facts["summarised"] or end - start < SUMMARISED_FROM:
            points = self.database.metrics.page(
                run.id, key, first=start, last=end, limit=LOOKED_AT + 1
            )
            if len(points) <= LOOKED_AT:
                return Plot(key, tuple(bucketed(exact(points), start, end, count)))
        level = level_for(start, end, LOOKED_AT)
        parts = self.database.metrics.summaries(
            run.id, key, level, first=start, last=end, limit=LOOKED_AT
        )
        return Plot(key, tuple(bucketed(parts, start, end, count)))


def _check_has(run: Run, key: str) -> Mapping[str, Any]:
    if key not in run.latest:
        known = ", ".join(sorted(run.latest)[:10])
        raise NotFound(
            f"The run {run.id} has no metric {key[:250]!a}.",
            next_step=f"Its metrics: {known or 'none'}.",
        )
    return run.latest[key]


def _flat(run: Run) -> dict[tuple[str, str], tuple[Any]]:
    flat: dict[tuple[str, str], tuple[Any]] = {}
    for section in ("parameters", "tags"):
        for name, value in getattr(run, section).items():
            flat[section, name] = (value,)
    for name, facts in run.latest.items():
        is_number = run.metrics[name] is not None
        flat["metrics" if is_number else "metrics that are not finite", name] = (facts["value"],)
    for link in run.inputs:
        name = link.get("name") or link.get("model") or link.get("digest") or link.get("uri")
        flat["inputs", str(name)] = (link.get("digest") or link.get("version") or link.get("uri"),)
    return flat
