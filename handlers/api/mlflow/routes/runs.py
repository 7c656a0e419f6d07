"""Operations on runs."""

from collections.abc import Mapping
from typing import Any

from starlette.responses import Response

from core.domain.runs import Run
from core.domain.search import all_of
from core.errors import NotFound
from core.services.search import Question
from handlers.api.mlflow.answers import answered
from handlers.api.mlflow.lifecycle import DELETED, deleted, viewed
from handlers.api.mlflow.pages import listed, wanted
from handlers.api.mlflow.routes import CreationRequest, Request, group
from handlers.api.mlflow.running import (
    acting,
    experiment_numbers,
    run_id_of,
    shown_run,
    shown_status,
    started,
)
from handlers.api.mlflow.tracking_filters import (
    RUN_ATTRIBUTES,
    RUN_ORDERS,
    belongs_to,
    parse_filter,
    parse_orders,
)
from handlers.api.mlflow.wire.common import moment
from handlers.api.mlflow.wire.runs import NAME

router = group("runs")

MOST = 50_000
SECTIONS = ("tags", "metrics", "parameters", "inputs")


@router.post("/mlflow/runs/create")
def create_run(asked: CreationRequest) -> Response:
    """Start a run."""
    return answered({"run": shown_run(asked, started(asked))})


@router.get("/mlflow/runs/get")
def get_run(asked: Request) -> Response:
    """A run with its latest metrics, deleted or not."""
    found = asked.registry.runs.get(
        asked.caller, asked.namespace, run_id_of(asked.fields), even_deleted=True
    )
    return answered({"run": shown_run(asked, found)})


@router.post("/mlflow/runs/update")
def update_run(asked: Request) -> Response:
    """End a run, or rename it."""
    fields = asked.fields
    patch: dict[str, Any] = {}
    if status := fields.text("status"):
        patch["status"] = shown_status(status)
    if fields.has("end_time"):
        patch["ended_at"] = moment(fields.number("end_time"), "end_time")
    if name := fields.text("run_name"):
        patch["name"] = name
    changed = _patched(asked, patch)
    return answered({"run_info": shown_run(asked, changed)["info"]})


@router.post("/mlflow/runs/delete")
def delete_run(asked: Request) -> Response:
    """Delete a run; it can be restored for a while."""
    with acting(asked) as run_id:
        asked.registry.runs.delete(asked.caller, asked.namespace, run_id, reason=DELETED)
    return answered()


@router.post("/mlflow/runs/restore")
def restore_run(asked: Request) -> Response:
    """Bring a deleted run back."""
    run_id = run_id_of(asked.fields)
    with deleted(f"run {run_id}"):
        asked.registry.runs.undelete(asked.caller, asked.namespace, run_id)
    return answered()


@router.post("/mlflow/runs/set-tag")
def set_tag(asked: Request) -> Response:
    """Set a tag; the name of a run is one of them."""
    key, value = asked.fields.required("key"), asked.fields.text("value") or ""
    _patched(asked, {"name": value} if key == NAME else {"tags": {key: value}})
    return answered()


@router.post("/mlflow/runs/delete-tag")
def delete_tag(asked: Request) -> Response:
    """Remove a tag that is there."""
    key = asked.fields.required("key")
    with acting(asked) as run_id:
        found = asked.registry.runs.get(asked.caller, asked.namespace, run_id)
        if key not in found.tags:
            raise NotFound(
                f"No tag with name: {key[:250]} in run with id {run_id}.",
                next_step="See the run's tags.",
            )
    _patched(asked, {"tags": {key: None}})
    return answered()


@router.post("/mlflow/runs/search")
def search_runs(asked: Request) -> Response:
    """The runs of experiments that fit a filter, the latest start first unless another order is
    asked for; none without an experiment."""
    fields = asked.fields
    shown, view = viewed(fields, "run_view_type")
    tree = parse_filter(fields.text("filter"), RUN_ATTRIBUTES, SECTIONS)
    texts = fields.texts("order_by") or ["start_time DESC"]
    orders = parse_orders(texts, RUN_ORDERS, SECTIONS)
    how_many = wanted(fields, default=1_000, most=MOST)
    numbers = experiment_numbers(asked)
    if not numbers:
        return answered()
    question = Question(
        filter=all_of(belongs_to(numbers), view, tree),
        orders=orders,
        namespaces=[asked.namespace],
        shown=shown,
    )
    return listed(
        "runs",
        lambda page: asked.registry.search.runs(asked.caller, question, page).page,
        lambda found: shown_run(asked, found),
        how_many,
    )


def _patched(asked: Request, patch: Mapping[str, Any]) -> Run:
    with acting(asked) as run_id:
        return asked.registry.runs.update(asked.caller, asked.namespace, run_id, patch)
