"""Operations on model versions."""

from collections.abc import Mapping

from starlette.responses import Response

from core.domain.pages import Page, PageRequest
from core.domain.versions import ModelVersion
from core.services.search import Question
from handlers.api.mlflow.answers import answered
from handlers.api.mlflow.naming import model_named, version_numbered
from handlers.api.mlflow.orders import parse_orders
from handlers.api.mlflow.pages import listed, wanted
from handlers.api.mlflow.registering import register_version
from handlers.api.mlflow.registry_filters import (
    NEWEST_FIRST,
    VERSION_ATTRIBUTES,
    VERSION_ORDERS,
    VERSION_TIES,
    parse_filter,
)
from handlers.api.mlflow.routes import CreationRequest, Request, group
from handlers.api.mlflow.tags import check_tag
from handlers.api.mlflow.transitions import transition
from handlers.api.mlflow.wire.versions import download_uri, model_version

router = group("versions")

DELETED = "deleted with MLflow's API"
MOST = 200_000


@router.post("/mlflow/model-versions/create")
def create_model_version(asked: CreationRequest) -> Response:
    """Register a version of a model, from a source."""
    return answered({"model_version": model_version(register_version(asked))})


@router.get("/mlflow/model-versions/get")
def get_model_version(asked: Request) -> Response:
    """A version by its number; one query."""
    return answered({"model_version": model_version(_numbered(asked))})


@router.get("/mlflow/model-versions/get-download-uri")
def get_model_version_download_uri(asked: Request) -> Response:
    """Where the bytes of a version can be had."""
    return answered({"artifact_uri": download_uri(_numbered(asked))})


@router.patch("/mlflow/model-versions/update")
def update_model_version(asked: Request) -> Response:
    """Describe the version, or no more if no description is sent."""
    changed = _patched(asked, {"description": asked.fields.text("description") or ""})
    return answered({"model_version": model_version(changed)})


@router.post("/mlflow/model-versions/transition-stage")
def transition_model_version_stage(asked: Request) -> Response:
    """Bring a version to a stage, if the gates on the way are open."""
    return answered({"model_version": model_version(transition(asked))})


@router.delete("/mlflow/model-versions/delete")
def delete_model_version(asked: Request) -> Response:
    """Delete a version, and with it the aliases that point to it."""
    asked.registry.deletions.delete_version(
        asked.caller,
        asked.namespace,
        model_named(asked.fields),
        version_numbered(asked.fields).number,
        reason=DELETED,
        with_aliases=True,
    )
    return answered()


@router.get("/mlflow/model-versions/search")
def search_model_versions(asked: Request) -> Response:
    """The versions that fit a filter, what changed last first unless another order is asked
    for."""
    fields = asked.fields
    texts = fields.texts("order_by")
    orders = parse_orders(texts, VERSION_ORDERS, VERSION_TIES) if texts else NEWEST_FIRST
    question = Question(
        filter=parse_filter(fields.text("filter"), VERSION_ATTRIBUTES),
        orders=orders,
        namespaces=[asked.namespace],
    )

    def found(request: PageRequest) -> Page[ModelVersion]:
        return asked.registry.search.versions(asked.caller, question, request).page

    size = wanted(fields, default=MOST, most=MOST)
    return listed("model_versions", found, model_version, size)


@router.post("/mlflow/model-versions/set-tag")
def set_model_version_tag(asked: Request) -> Response:
    """Set a tag, over another value that it may have."""
    key = check_tag(asked.fields.required("key"))
    _patched(asked, {"tags": {key: asked.fields.text("value") or ""}})
    return answered()


@router.delete("/mlflow/model-versions/delete-tag")
def delete_model_version_tag(asked: Request) -> Response:
    """Take a tag away, if it is there."""
    _patched(asked, {"tags": {check_tag(asked.fields.required("key")): None}})
    return answered()


def _numbered(asked: Request) -> ModelVersion:
    name, number = model_named(asked.fields), version_numbered(asked.fields)
    return asked.registry.versions.get(asked.caller, asked.namespace, name, number)


def _patched(asked: Request, patch: Mapping[str, object]) -> ModelVersion:
    name, number = model_named(asked.fields), version_numbered(asked.fields)
    return asked.registry.versions.update(
        asked.caller, asked.namespace, name, number, patch, expected_revision=None
    )
