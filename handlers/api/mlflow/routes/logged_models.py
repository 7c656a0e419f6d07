"""Operations on logged models."""

from typing import Any

from starlette.responses import Response

from core.domain.logged_models import LoggedModel
from core.domain.orders import Order
from core.domain.search import all_of
from core.errors import Conflict, Invalid, NotFound
from core.services.search import Question
from handlers.api.mlflow.answers import answered
from handlers.api.mlflow.bodies import Fields
from handlers.api.mlflow.experiment_ids import experiment_called, shown_id
from handlers.api.mlflow.lifecycle import DELETED
from handlers.api.mlflow.pages import listed, wanted
from handlers.api.mlflow.routes import Asked, CreationRequest, Request, group
from handlers.api.mlflow.running import experiment_numbers
from handlers.api.mlflow.tracking_filters import (
    LOGGED_MODEL_ORDERS,
    belongs_to,
    ordered_by,
    parse_logged_filter,
)
from handlers.api.mlflow.wire.logged_models import STATUSES, logged_model

router = group("logged_models")

MOST = 1_000
_SECTIONS = ("metrics", "parameters", "tags")


@router.post("/mlflow/logged-models")
def create_logged_model(asked: CreationRequest) -> Response:
    """Log a model; it is pending until it is finalized."""
    fields = asked.fields
    owner = experiment_called(
        asked.registry, asked.caller, asked.namespace, fields.required("experiment_id")
    )
    created = asked.registry.logged_models.create(
        asked.caller,
        asked.namespace,
        str(owner.id),
        {"tags": fields.pairs("tags")},
        name=fields.text("name") or None,
        run=fields.text("source_run_id") or None,
        model_type=fields.text("model_type") or None,
        parameters=fields.pairs("params"),
    )
    return _answer(asked, created)


@router.post("/mlflow/logged-models/search")
def search_logged_models(asked: Request) -> Response:
    """The logged models of experiments that fit a filter, the newest first unless another order
    is asked for."""
    fields = asked.fields
    if not fields.has("experiment_ids"):
        raise Invalid(
            "Missing value for required parameter 'experiment_ids'.",
            next_step="Name the experiments to look in.",
        )
    datasets = [
        (each.required("dataset_name"), each.text("dataset_digest") or "")
        for each in fields.entries("datasets")
    ]
    tree = parse_logged_filter(fields.text("filter"), datasets)
    orders = [_order(each) for each in fields.entries("order_by")]
    how_many = wanted(fields, default=50, most=MOST)
    numbers = experiment_numbers(asked)
    if not numbers:
        return answered()
    question = Question(
        filter=all_of(belongs_to(numbers), tree), orders=orders, namespaces=[asked.namespace]
    )
    return listed(
        "models",
        lambda page: asked.registry.search.logged_models(asked.caller, question, page).page,
        lambda found: _shown(asked, found),
        how_many,
    )


@router.get("/mlflow/logged-models/{model_id}")
def get_logged_model(asked: Request, model_id: str) -> Response:
    """A logged model with what was measured of it."""
    found = asked.registry.logged_models.get(
        asked.caller, asked.namespace, model_id, even_deleted=asked.fields.flag("allow_deleted")
    )
    return _answer(asked, found)


@router.patch("/mlflow/logged-models/{model_id}")
def finalize_logged_model(asked: Request, model_id: str) -> Response:
    """Say that its files are all there, or that they will not be."""
    status = STATUSES.get(asked.fields.required("status"))
    if status is None:
        raise Invalid(
            "Invalid value for parameter 'status'.",
            next_step=f"Choose one of {', '.join(STATUSES)}.",
        )
    return _answer(asked, _patched(asked, model_id, {"status": status.value}))


@router.delete("/mlflow/logged-models/{model_id}")
def delete_logged_model(asked: Request, model_id: str) -> Response:
    """Delete a logged model."""
    asked.registry.logged_models.delete(asked.caller, asked.namespace, model_id, reason=DELETED)
    return answered()


@router.patch("/mlflow/logged-models/{model_id}/tags")
def set_logged_model_tags(asked: Request, model_id: str) -> Response:
    """Set tags."""
    return _answer(asked, _patched(asked, model_id, {"tags": asked.fields.pairs("tags")}))


@router.delete("/mlflow/logged-models/{model_id}/tags/{key:path}")
def delete_logged_model_tag(asked: Request, model_id: str, key: str) -> Response:
    """Remove a tag that is there."""
    found = asked.registry.logged_models.get(asked.caller, asked.namespace, model_id)
    if key not in found.tags:
        raise NotFound(
            f"No tag with key {key[:250]!a} on the logged model {model_id}.",
            next_step="See the tags that it has.",
        )
    _patched(asked, model_id, {"tags": {key: None}})
    return answered()


@router.post("/mlflow/logged-models/{model_id}/params")
def log_logged_model_params(asked: Request, model_id: str) -> Response:
    """Note parameters, which are written once."""
    parameters = asked.fields.pairs("params")
    try:
        asked.registry.logged_models.log_parameters(
            asked.caller, asked.namespace, model_id, parameters
        )
    except Conflict as error:
        raise Invalid(error.message, next_step=error.next_step) from None
    return answered()


def _order(fields: Fields) -> Order:
    path = ordered_by(
        fields.required("field_name"), LOGGED_MODEL_ORDERS, _SECTIONS, _dataset(fields)
    )
    return Order(path, fields.has("ascending") and not fields.flag("ascending"))


def _dataset(fields: Fields) -> tuple[str, str] | None:
    name, digest = fields.text("dataset_name"), fields.text("dataset_digest")
    if digest and not name:
        raise Invalid(
            "`dataset_name` must be set if `dataset_digest` is.",
            next_step="Name the data set as well.",
        )
    return (name, digest or "") if name else None


def _patched(asked: Asked, model_id: str, patch: dict[str, Any]) -> LoggedModel:
    return asked.registry.logged_models.update(asked.caller, asked.namespace, model_id, patch)


def _shown(asked: Asked, found: LoggedModel) -> dict[str, Any]:
    number = found.experiment_id
    return logged_model(found, shown_id(asked.registry, asked.caller, asked.namespace, number))


def _answer(asked: Asked, found: LoggedModel) -> Response:
    return answered({"model": _shown(asked, found)})
