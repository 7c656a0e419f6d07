"""Use case on the metric histories of several runs, and of all metrics, in one list."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from core.domain.access import Action, Caller
from core.domain.fields import Fields, bound
from core.domain.metrics import MetricPoint
from core.domain.orders import ID, Order, bound_orders
from core.domain.pages import Page, PageKey, PageRequest
from core.domain.retention import Shown
from core.domain.runs import RUN_FIELDS, Run
from core.domain.search import Tree
from core.errors import Invalid
from core.ports import Database
from core.services.lookups import namespace_of

MAX_RUNS = 1_000
"""How many runs one page looks at."""

MAX_STEPS = 100

_BATCH = 100
_OLDEST_FIRST = bound_orders([Order(ID)], RUN_FIELDS)
_CHOSEN = Fields("run", {name: RUN_FIELDS.by_name[name] for name in ("id", "experiment_id")})


@dataclass(frozen=True, slots=True)
class RunPoint:
    """A metric point and the run that it is of."""

    run: Run
    point: MetricPoint


@dataclass(frozen=True, slots=True)
class MetricHistories:
    """Read what runs measured, run by run."""

    database: Database

    def page(
        self,
        caller: Caller,
        namespace: str,
        request: PageRequest,
        *,
        among: Tree | None = None,
        key: str | None = None,
        steps: Sequence[int] = (),
    ) -> Page[RunPoint]:
        """The points of runs by run, metric, step and time; of one metric with `key`, and with
        `steps` of at most 100 steps. `among` chooses by `id` and `experiment_id` of the run.

        Raises `NotFound`, `Invalid` (for over 1 000 runs to look at, too), `Forbidden`.
        """
        caller.require(Action.EXPERIMENT_READ, namespace)
        if len(steps) > MAX_STEPS:
            raise Invalid(f"{len(steps)} steps.", next_step=f"Name at most {MAX_STEPS}.")
        tree = None if among is None else bound(among, _CHOSEN)
        query = ("metric histories", namespace, repr(tree), repr(key), repr(sorted(set(steps))))
        start = _start(request.after_values(*query))
        limit = request.size + 1
        found = self._points(namespace, tree, key, _stretches(steps), start, limit)
        rows = list(islice(found, limit))
        if not rows:
            namespace_of(self.database, namespace)
        return request.page(rows, _place, *query)

    def _points(
        self,
        namespace: str,
        tree: Tree | None,
        key: str | None,
        stretches: Sequence[tuple[int, int] | None],
        start: tuple[int, str, str],
        limit: int,
    ) -> Iterator[RunPoint]:
        for run in self._runs(namespace, tree, start[0]):
            keys = sorted(run.latest) if key is None else [key] if key in run.latest else []
            for metric in keys:
                place = (run.id, metric)
                if place < start[:2]:
                    continue
                after = start[2] if place == start[:2] else None
                for point in self._series(run, metric, stretches, after, limit):
                    yield RunPoint(run, point)

    def _runs(self, namespace: str, tree: Tree | None, first: int) -> Iterator[Run]:
        after = first - 1
        for _ in range(MAX_RUNS // _BATCH):
            runs = self.database.runs.search(
                [namespace],
                tree,
                orders=_OLDEST_FIRST,
                after=(after,),
                limit=_BATCH,
                shown=Shown.READABLE,
            )
            yield from runs
            if len(runs) < _BATCH:
                return
            after = runs[-1].id
        raise Invalid(
            f"In {MAX_RUNS} runs there is not a page of such points.",
            next_step="Name the runs, or their experiment, or ask for a smaller page.",
        )

    def _series(
        self,
        run: Run,
        key: str,
        stretches: Sequence[tuple[int, int] | None],
        after: str | None,
        limit: int,
    ) -> Iterator[MetricPoint]:
        """The points of a metric, behind the place `after`; nobody takes more than `limit`."""
        facts = run.latest[key]
        for stretch in stretches:
            first, last = stretch or (None, None)
            if stretch and (stretch[1] < facts["first"] or stretch[0] > facts["step"]):
                continue
            yield from self.database.metrics.page(
                run.id, key, after=after, first=first, last=last, limit=limit
            )


def _place(found: RunPoint) -> list[int | str]:
    return [found.point.run_id, found.point.key, found.point.place]


def _start(after: PageKey | None) -> tuple[int, str, str]:
    """The run, metric and place behind which a page begins."""
    if after is None:
        return 0, "", ""
    match after:
        case (int(run), str(key), str(place)):
            return run, key, place
    raise Invalid("The page token is none.", next_step="Start over without it.")


def _stretches(steps: Sequence[int]) -> list[tuple[int, int] | None]:
    """First and last of each run of steps that follow each other; just None for all steps."""
    found: list[tuple[int, int]] = []
    for step in sorted(set(steps)):
        if found and found[-1][1] == step - 1:
            found[-1] = (found[-1][0], step)
        else:
            found.append((step, step))
    return list(found) or [None]
