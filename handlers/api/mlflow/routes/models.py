"""Operations on registered models."""

from collections.abc import Mapping

from starlette.responses import Response

from core.domain.models import RegisteredModel
from core.domain.pages import Page, PageRequest
from core.domain.search import Not
from core.services.search import Question
from handlers.api.mlflow.aliases import drop_alias, version_with_alias
from handlers.api.mlflow.answers import answered
from handlers.api.mlflow.naming import model_named, new_model_name, version_numbered
from handlers.api.mlflow.orders import parse_orders
from handlers.api.mlflow.pages import listed, wanted
from handlers.api.mlflow.registry_filters import (
    IS_PROMPT,
    MODEL_ATTRIBUTES,
    MODEL_ORDERS,
    MODEL_TIES,
    PROMPT,
    parse_filter,
)
from handlers.api.mlflow.routes import CreationRequest, Request, group
from handlers.api.mlflow.stages import stage_within
from handlers.api.mlflow.tags import check_tag, checked
from handlers.api.mlflow.wire.models import registered_model
from handlers.api.mlflow.wire.versions import model_version

router = group("models")

DELETED = "deleted with MLflow's API"


@router.post("/mlflow/registered-models/create")
def create_registered_model(asked: CreationRequest) -> Response:
    """Register a model. The name of a deleted one can be used again; its numbers are not."""
    fields = asked.fields
    described = {
        "description": fields.text("description") or "",
        "tags": checked(fields.pairs("tags")),
    }
    created = asked.registry.models.register(
        asked.caller,
        asked.namespace,
        new_model_name(fields),
        described,
        reuse_deleted=True,
        sets_aside=True,
    )
    return answered({"registered_model": registered_model(created)})


@router.get("/mlflow/registered-models/get")
def get_registered_model(asked: Request) -> Response:
    """A model by its name, with the newest version of each stage."""
    place = asked.caller, asked.namespace, model_named(asked.fields)
    model = asked.registry.models.get(*place)
    latest = asked.registry.stages.newest(*place) if model.last_version else ()
    return answered({"registered_model": registered_model(model, latest)})


@router.post("/mlflow/registered-models/rename")
def rename_registered_model(asked: Request) -> Response:
    """Give the model another name; versions, tags and aliases stay with it."""
    name = model_named(asked.fields)
    renamed = asked.registry.renames.rename(
        asked.caller, asked.namespace, name, new_model_name(asked.fields, "new_name")
    )
    return answered({"registered_model": registered_model(renamed)})


@router.patch("/mlflow/registered-models/update")
def update_registered_model(asked: Request) -> Response:
    """Describe the model, or no more if no description is sent."""
    patch = {"description": asked.fields.text("description") or ""}
    return answered({"registered_model": registered_model(_patched(asked, patch))})


@router.delete("/mlflow/registered-models/delete")
def delete_registered_model(asked: Request) -> Response:
    """Delete the model and its versions; within the grace period they can be undeleted."""
    name = model_named(asked.fields)
    asked.registry.deletions.delete_model(asked.caller, asked.namespace, name, reason=DELETED)
    return answered()


@router.get("/mlflow/registered-models/search")
def search_registered_models(asked: Request) -> Response:
    """The models that fit a filter, by name unless another order is asked for."""
    fields = asked.fields
    tree = parse_filter(fields.text("filter"), MODEL_ATTRIBUTES)
    orders = parse_orders(fields.texts("order_by"), MODEL_ORDERS, MODEL_TIES)
    question = Question(filter=tree, orders=orders, namespaces=[asked.namespace])

    def found(request: PageRequest) -> Page[RegisteredModel]:
        return asked.registry.search.models(asked.caller, question, request).page

    def by_name(request: PageRequest) -> Page[RegisteredModel]:
        page = asked.registry.models.page(asked.caller, asked.namespace, request)
        shown = (model for model in page.items if model.tags.get(PROMPT) != "true")
        return Page(tuple(shown), page.next_token)

    is_whole = tree == Not(IS_PROMPT) and orders == MODEL_TIES
    page = by_name if is_whole else found
    size = wanted(fields, default=100, most=1_000)
    return listed("registered_models", page, registered_model, size)


@router.get("/mlflow/registered-models/get-latest-versions")
@router.post("/mlflow/registered-models/get-latest-versions")
def get_latest_versions(asked: Request) -> Response:
    """The newest version of each stage, or of the stages that are asked for."""
    stages = asked.fields.texts("stages")
    found = asked.registry.stages.newest(asked.caller, asked.namespace, model_named(asked.fields))
    if stages:
        lifecycle = asked.registry.lifecycles.get(asked.caller, asked.namespace)
        among = {
            lifecycle.stored(lifecycle.stage(stage_within(lifecycle, each))) for each in stages
        }
        found = tuple(version for version in found if version.stage in among)
    versions = [model_version(version) for version in found]
    return answered({"model_versions": versions} if versions else {})


@router.post("/mlflow/registered-models/set-tag")
def set_registered_model_tag(asked: Request) -> Response:
    """Set a tag, over another value that it may have."""
    key = check_tag(asked.fields.required("key"))
    _patched(asked, {"tags": {key: asked.fields.text("value") or ""}})
    return answered()


@router.delete("/mlflow/registered-models/delete-tag")
def delete_registered_model_tag(asked: Request) -> Response:
    """Take a tag away, if it is there."""
    _patched(asked, {"tags": {check_tag(asked.fields.required("key")): None}})
    return answered()


@router.post("/mlflow/registered-models/alias")
def set_registered_model_alias(asked: Request) -> Response:
    """Point an alias at a version, from wherever it points now."""
    name, alias = model_named(asked.fields), asked.fields.required("alias")
    version = version_numbered(asked.fields)
    asked.registry.aliases.point(asked.caller, asked.namespace, name, alias, version)
    return answered()


@router.delete("/mlflow/registered-models/alias")
def delete_registered_model_alias(asked: Request) -> Response:
    """Take an alias away, if it is there."""
    name, alias = model_named(asked.fields), asked.fields.required("alias")
    drop_alias(asked.registry, asked.caller, asked.namespace, name, alias)
    return answered()


@router.get("/mlflow/registered-models/alias")
def get_model_version_by_alias(asked: Request) -> Response:
    """The version that an alias points to."""
    name, alias = model_named(asked.fields), asked.fields.required("alias")
    found = version_with_alias(asked.registry, asked.caller, asked.namespace, name, alias)
    return answered({"model_version": model_version(found)})


def _patched(asked: Request, patch: Mapping[str, object]) -> RegisteredModel:
    return asked.registry.models.update(
        asked.caller, asked.namespace, model_named(asked.fields), patch, expected_revision=None
    )
