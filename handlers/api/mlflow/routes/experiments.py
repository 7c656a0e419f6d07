"""Operations on experiments."""

from typing import Any

from starlette.responses import Response

from core.domain.experiments import DEFAULT, Experiment
from core.domain.search import all_of
from core.errors import Invalid
from core.services.search import Question
from handlers.api.mlflow.answers import answered
from handlers.api.mlflow.experiment_ids import ZERO, experiment_called
from handlers.api.mlflow.lifecycle import DELETED, active, deleted, viewed
from handlers.api.mlflow.pages import listed, wanted
from handlers.api.mlflow.routes import Asked, CreationRequest, Request, group
from handlers.api.mlflow.tracking_filters import (
    EXPERIMENT_ATTRIBUTES,
    EXPERIMENT_ORDERS,
    parse_filter,
    parse_orders,
)
from handlers.api.mlflow.wire.experiments import experiment

router = group("experiments")

MOST = 50_000


@router.post("/mlflow/experiments/create")
def create_experiment(asked: CreationRequest) -> Response:
    """Create an experiment."""
    fields = asked.fields
    created = asked.registry.experiments.create(
        asked.caller,
        asked.namespace,
        fields.required("name"),
        {"tags": fields.pairs("tags")},
        artifact_location=fields.text("artifact_location") or None,
    )
    return answered({"experiment_id": experiment(created)["experiment_id"]})


@router.get("/mlflow/experiments/get")
def get_experiment(asked: Request) -> Response:
    """An experiment by its id, deleted or not."""
    return answered({"experiment": experiment(_called(asked))})


@router.get("/mlflow/experiments/get-by-name")
def get_experiment_by_name(asked: Request) -> Response:
    """An experiment by its name, deleted or not."""
    name = asked.fields.required("experiment_name")
    found = (
        asked.registry.experiments.default(asked.caller, asked.namespace)
        if name == DEFAULT
        else asked.registry.experiments.named(asked.caller, asked.namespace, name)
    )
    return answered({"experiment": experiment(found)})


@router.post("/mlflow/experiments/update")
def update_experiment(asked: Request) -> Response:
    """Rename an experiment."""
    name = asked.fields.text("new_name")
    if name:
        if _called(asked).name == DEFAULT:
            raise Invalid(
                f"The experiment {ZERO} is called {DEFAULT!r} for all clients.",
                next_step="Create another experiment.",
            )
        _patched(asked, {"name": name})
    return answered()


@router.post("/mlflow/experiments/delete")
def delete_experiment(asked: Request) -> Response:
    """Delete an experiment, which takes its runs along; it can be restored for a while."""
    found = _called(asked)
    with active(f"experiment {found.id}", lambda: _called(asked)):
        asked.registry.experiments.delete(
            asked.caller, asked.namespace, str(found.id), reason=DELETED
        )
    return answered()


@router.post("/mlflow/experiments/restore")
def restore_experiment(asked: Request) -> Response:
    """Bring a deleted experiment back."""
    found = _called(asked)
    with deleted(f"experiment {found.id}"):
        asked.registry.experiments.undelete(asked.caller, asked.namespace, str(found.id))
    return answered()


@router.post("/mlflow/experiments/set-experiment-tag")
def set_experiment_tag(asked: Request) -> Response:
    """Set a tag."""
    key = asked.fields.required("key")
    _patched(asked, {"tags": {key: asked.fields.text("value") or ""}})
    return answered()


@router.post("/mlflow/experiments/delete-experiment-tag")
def delete_experiment_tag(asked: Request) -> Response:
    """Remove a tag."""
    _patched(asked, {"tags": {asked.fields.required("key"): None}})
    return answered()


@router.api_route("/mlflow/experiments/search", methods=["GET", "POST"])
def search_experiments(asked: Request) -> Response:
    """The experiments that fit a filter, the newest first unless another order is asked for."""
    fields = asked.fields
    fields.required_number("max_results")
    shown, view = viewed(fields, "view_type")
    tree = parse_filter(fields.text("filter"), EXPERIMENT_ATTRIBUTES, ("tags",))
    question = Question(
        filter=all_of(view, tree),
        orders=parse_orders(fields.texts("order_by"), EXPERIMENT_ORDERS),
        namespaces=[asked.namespace],
        shown=shown,
    )
    asked.registry.experiments.default(asked.caller, asked.namespace)
    return listed(
        "experiments",
        lambda page: asked.registry.search.experiments(asked.caller, question, page).page,
        experiment,
        wanted(fields, default=1_000, most=MOST),
    )


def _called(asked: Asked) -> Experiment:
    id = asked.fields.required("experiment_id")
    return experiment_called(asked.registry, asked.caller, asked.namespace, id)


def _patched(asked: Asked, patch: dict[str, Any]) -> Experiment:
    found = _called(asked)
    with active(f"experiment {found.id}", lambda: _called(asked)):
        return asked.registry.experiments.update(
            asked.caller, asked.namespace, str(found.id), patch, expected_revision=None
        )
