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
_NEWEST_FIRST = bound_orders([Order(ID, True)], RUN_FIELDS)
_CHOSEN = Fields("run", {name: RUN_FIELDS.by_name[name] for name in ("id", "experiment_id")})

Start = tuple[int, str, str]
"""The run, metric and place behind which a page begins."""


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
        containing: str = "",
        steps: Sequence[int] = (),
        descending: bool = False,
    ) -> Page[RunPoint]:
        """The points of runs by run, metric, step and time, in that direction; of the metrics
        whose names hold a text, and with `steps` of at most 100 steps. `among` chooses by `id` and
        `experiment_id` of the run.

        Raises `NotFound`, `Invalid` (for over 1 000 runs to look at, too), `Forbidden`.
        """
        caller.require(Action.EXPERIMENT_READ, namespace)
        if len(steps) > MAX_STEPS:
            raise Invalid(f"{len(steps)} steps.", next_step=f"Name at most {MAX_STEPS}.")
        tree = None if among is None else bound(among, _CHOSEN)
        chosen = (repr(tree), repr(containing), repr(sorted(set(steps))), str(descending))
        query = ("metric histories", namespace, *chosen)
        start = _start(request.after_values(*query))
        limit = request.size + 1
        reader = _Reader(
            self.database, namespace, tree, containing, _stretches(steps), descending, limit
        )
        rows = list(islice(reader.points(start), limit))
        if not rows:
            namespace_of(self.database, namespace)
        return request.page(rows, _place, *query)


@dataclass(frozen=True, slots=True)
class _Reader:
    """Reads points, one after another; nobody takes more than `limit`."""

    database: Database
    namespace: str
    tree: Tree | None
    containing: str
    stretches: Sequence[tuple[int, int] | None]
    descending: bool
    limit: int

    def points(self, start: Start | None) -> Iterator[RunPoint]:
        """All that are behind the start."""
        for run in self._runs(start):
            keys = sorted(key for key in run.latest if self.containing in key)
            for key in reversed(keys) if self.descending else keys:
                place = (run.id, key)
                if start and (place > start[:2] if self.descending else place < start[:2]):
                    continue
                after = start[2] if start and place == start[:2] else None
                for point in self._series(run, key, after):
                    yield RunPoint(run, point)

    def _runs(self, start: Start | None) -> Iterator[Run]:
        after = None
        if start is not None:  # the run in which the page before ended is read once more
            after = (start[0] + (1 if self.descending else -1),)
        for _ in range(MAX_RUNS // _BATCH):
            runs = self.database.runs.search(
                [self.namespace],
                self.tree,
                orders=_NEWEST_FIRST if self.descending else _OLDEST_FIRST,
                after=after,
                limit=_BATCH,
                shown=Shown.READABLE,
            )
            yield from runs
            if len(runs) < _BATCH:
                return
            after = (runs[-1].id,)
        raise Invalid(
            f"In {MAX_RUNS} runs there is not a page of such points.",
            next_step="Name the runs, or their experiment, or ask for a smaller page.",
        )

    def _series(self, run: Run, key: str, after: str | None) -> Iterator[MetricPoint]:
        facts = run.latest[key]
        for stretch in reversed(self.stretches) if self.descending else self.stretches:
            first, last = stretch or (None, None)
            if stretch and (stretch[1] < facts["first"] or stretch[0] > facts["step"]):
                continue
            yield from self.database.metrics.page(
                run.id,
                key,
                after=after,
                first=first,
                last=last,
                limit=self.limit,
                descending=self.descending,
            )


def _place(found: RunPoint) -> list[int | str]:
    return [found.point.run_id, found.point.key, found.point.place]


def _start(after: PageKey | None) -> Start | None:
    """Where a page begins."""
    if after is None:
        return None
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
