"""Operations on the history of metrics."""

from starlette.responses import Response

from core.domain.metrics import MetricPoint
from core.domain.pages import Page, PageRequest
from core.errors import Invalid, NotFound
from handlers.api.mlflow.answers import answered
from handlers.api.mlflow.pages import MAX_ITEMS, listed, wanted
from handlers.api.mlflow.routes import Asked, Request, group
from handlers.api.mlflow.running import run_id_of
from handlers.api.mlflow.wire.runs import metric_point

router = group("metrics")

MOST_RUNS = 100
MOST_OF_BULK = 25_000
MOST_OF_INTERVAL = 2_500
_NOTHING: Page[MetricPoint] = Page((), None)


@router.get("/mlflow/metrics/get-history")
def get_metric_history(asked: Request) -> Response:
    """Every point of a metric, by step and time; what does not fit into one answer comes with the
    next page."""
    fields = asked.fields
    run_id, key = run_id_of(fields), fields.required("metric_key")
    has_it = key in _latest(asked, run_id)

    def page(request: PageRequest) -> Page[MetricPoint]:
        return _history(asked, run_id, key, request) if has_it else _NOTHING

    return listed(
        "metrics", page, metric_point, wanted(fields, default=MAX_ITEMS, most=MOST_OF_BULK)
    )


@router.get("/mlflow/metrics/get-history-bulk")
def get_metric_history_bulk(asked: Request) -> Response:
    """The points of a metric of several runs, run by run; at most so many."""
    fields = asked.fields
    key, runs = fields.required("metric_key"), _runs(fields.texts("run_id"), "run_id")
    left = wanted(fields, default=MOST_OF_BULK, most=MOST_OF_BULK).size
    found = []
    for run_id in sorted(runs):
        points = _some(asked, run_id, key, left) if key in _latest(asked, run_id) else []
        found += [{**metric_point(point), "run_id": run_id} for point in points]
        left -= len(points)
        if not left:
            break
    return answered({"metrics": found} if found else {})


@router.get("/mlflow/metrics/get-history-bulk-interval")
def get_metric_history_bulk_interval(asked: Request) -> Response:
    """The points of a metric of several runs, down-sampled: of each of so many stretches of steps
    the last one, and of each run the first and the very last."""
    fields = asked.fields
    key, runs = fields.required("metric_key"), _runs(fields.texts("run_ids"), "run_ids")
    size = wanted(fields, default=320, most=MOST_OF_INTERVAL).size
    first, last = fields.number("start_step"), fields.number("end_step")
    if first is not None and last is not None and first > last:
        raise Invalid("end_step is before start_step.", next_step="Turn them round.")
    found = []
    for run_id in runs:
        if key not in _latest(asked, run_id):
            continue
        plots = asked.registry.metrics.plot(
            asked.caller,
            asked.namespace,
            run_id,
            [key],
            buckets=min(size, 1_000),
            first=first,
            last=last,
        )
        begin = asked.registry.metrics.history(
            asked.caller, asked.namespace, run_id, key, PageRequest(1), first=first, last=last
        )
        points = {point.place: point for point in begin.items}
        for bucket in plots[0].buckets:
            point = MetricPoint(int(run_id), key, bucket.last_step, bucket.last_at, bucket.last)
            points[point.place] = point
        found += [
            {**metric_point(points[place]), "run_id": run_id}
            for place in sorted(points)
            if (first is None or points[place].step >= first)
            and (last is None or points[place].step <= last)
        ]
    return answered({"metrics": found} if found else {})


def _latest(asked: Asked, run_id: str) -> frozenset[str]:
    """The metrics that a run has."""
    found = asked.registry.runs.get(asked.caller, asked.namespace, run_id, even_deleted=True)
    return frozenset(found.latest)


def _history(asked: Asked, run_id: str, key: str, request: PageRequest) -> Page[MetricPoint]:
    try:
        return asked.registry.metrics.history(asked.caller, asked.namespace, run_id, key, request)
    except NotFound:  # of a deleted run
        return _NOTHING


def _some(asked: Asked, run_id: str, key: str, limit: int) -> list[MetricPoint]:
    points: list[MetricPoint] = []
    token = None
    while len(points) < limit:
        page = _history(asked, run_id, key, PageRequest(min(1_000, limit - len(points)), token))
        points += page.items
        token = page.next_token
        if token is None:
            break
    return points


def _runs(ids: list[str], name: str) -> list[str]:
    found = list(dict.fromkeys(ids))
    if not 1 <= len(found) <= MOST_RUNS:
        raise Invalid(
            f"{len(found)} runs were named.",
            next_step=f"Name 1 to {MOST_RUNS} as '{name}', once for each.",
        )
    return found
