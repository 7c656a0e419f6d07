"""Operations on the metric points of a run."""

from typing import Annotated

from fastapi import Path, Query
from starlette.responses import Response

from handlers.api.dependencies import CurrentCaller, CurrentPage, CurrentRegistry
from handlers.api.v1.answers import answer, answers, page
from handlers.api.v1.routes import group
from handlers.api.v1.wire.metrics import NewPoints, metric_point, plot

router = group("metrics", "/namespaces/{namespace}/runs/{run}")

Named = Annotated[str, Path(description="The run's decimal id.")]
Step = Annotated[int | None, Query(ge=-(1 << 62), le=1 << 62, description="A step.")]


@router.get("/metrics", openapi_extra=answers((200, "MetricPointPage")))
def page_metric_history(
    registry: CurrentRegistry,
    caller: CurrentCaller,
    namespace: str,
    run: Named,
    key: Annotated[str, Query(description="Which metric.")],
    wanted: CurrentPage,
    first: Step = None,
    last: Step = None,
) -> Response:
    """Every point of a metric, by step and time; of the steps from first to last."""
    found = registry.metrics.history(caller, namespace, run, key, wanted, first=first, last=last)
    return page(found, metric_point)


@router.post("/metrics", openapi_extra=answers((200, "Logged")))
def log_metrics(
    registry: CurrentRegistry,
    caller: CurrentCaller,
    namespace: str,
    run: Named,
    body: NewPoints,
) -> Response:
    """Note at most 1 000 metric points; the same point twice is one. Needs the role writer.

    NaN and infinity are the texts NaN, Infinity and -Infinity. The answer has the latest of each
    of the metrics. Send `at` to be able to repeat the request.
    """
    points = [each.point() for each in body.points]
    found = registry.batches.log(caller, namespace, run, points)
    keys = {point["key"] for point in points}
    return answer({"metrics": {key: found.latest[key]["value"] for key in sorted(keys)}})


@router.get("/plot", openapi_extra=answers((200, "Plots"), (304, None)))
def get_plots(
    registry: CurrentRegistry,
    caller: CurrentCaller,
    namespace: str,
    run: Named,
    key: Annotated[list[str], Query(description="Which metrics; may repeat.", max_length=20)],
    buckets: Annotated[int, Query(description="How many at most, 1 to 1000.")] = 200,
    first: Step = None,
    last: Step = None,
) -> Response:
    """Metrics down-sampled for a plot: of each stretch of steps the lowest, the highest and the
    last value; a bounded answer however long the history."""
    found = registry.metrics.plot(
        caller, namespace, run, key, buckets=buckets, first=first, last=last
    )
    return answer({"plots": [plot(each) for each in found]})
