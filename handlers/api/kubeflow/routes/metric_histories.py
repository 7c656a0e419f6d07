"""Operations on what runs measured, step by step."""

import math
import re
from typing import Annotated

from fastapi import Query
from starlette.responses import Response

from core.domain.access import Caller
from core.domain.pages import Page
from core.domain.search import Path, Tree, all_of
from core.errors import Invalid
from core.registry import Registry
from handlers.api.dependencies import CurrentCaller, CurrentRegistry
from handlers.api.kubeflow.filters import Known, identity, parse_filter
from handlers.api.kubeflow.known import being
from handlers.api.kubeflow.lists import Listing, Wanted, listed
from handlers.api.kubeflow.routes import group
from handlers.api.kubeflow.scope import CurrentNamespace, parse_id
from handlers.api.kubeflow.wire.experiments import metric_point

router = group("metric_histories")

KNOWN = {
    "experimentRunId": Known(Path("id"), identity),
    "experimentId": Known(Path("experiment_id"), identity),
}
StepIds = Annotated[str, Query(alias="stepIds", max_length=1_000)]

_STEPS = re.compile(r"[0-9]{1,9}(?:,[0-9]{1,9})*", re.ASCII)


@router.get("/experiment_runs/metric_history")
def get_experiment_runs_metric_history(
    registry: CurrentRegistry,
    caller: CurrentCaller,
    namespace: CurrentNamespace,
    wanted: Wanted,
    name: str | None = None,
    step_ids: StepIds = "",
) -> Response:
    """The points of all runs, or of those that `filterQuery` names, a page at a time."""
    return _page(registry, caller, namespace, wanted, name, step_ids)


@router.get("/experiment_runs/{experiment_run_id}/metric_history")
def get_experiment_run_metric_history(
    registry: CurrentRegistry,
    caller: CurrentCaller,
    namespace: CurrentNamespace,
    experiment_run_id: str,
    wanted: Wanted,
    name: str | None = None,
    step_ids: StepIds = "",
) -> Response:
    """The points of a run, a page at a time."""
    run = registry.runs.get(caller, namespace, str(parse_id(experiment_run_id)))
    return _page(registry, caller, namespace, wanted, name, step_ids, being("id", run.id))


def _page(
    registry: Registry,
    caller: Caller,
    namespace: str,
    wanted: Listing,
    name: str | None,
    step_ids: str,
    run: Tree | None = None,
) -> Response:
    """A page of points, by run, metric, step and time. What is not finite is left out: JSON has
    no number for it."""
    found = registry.metric_histories.page(
        caller,
        namespace,
        wanted.request,
        among=all_of(run, parse_filter(wanted.filter, KNOWN)),
        containing=name or "",
        steps=_steps(step_ids),
        descending=wanted.orders[0].is_descending,
    )
    finite = tuple(each for each in found.items if math.isfinite(each.point.value))
    return listed(
        Page(finite, found.next_token),
        lambda each: metric_point(each.run, each.point),
        wanted,
    )


def _steps(text: str) -> list[int]:
    if text and not _STEPS.fullmatch(text):
        raise Invalid(
            f"{text[:60]!a} are no stepIds.", next_step="Write numbers with commas, as in 1,2,3."
        )
    return [int(step) for step in text.split(",")] if text else []
