"""Operations on model artifacts, by themselves."""

from fastapi import Request
from starlette.responses import Response

from core.domain.access import Caller
from core.domain.artifacts import Artifact
from core.errors import NotFound
from core.registry import Registry
from handlers.api.dependencies import CurrentCaller, CurrentRegistry
from handlers.api.kubeflow.known import ExternalId, ParentId
from handlers.api.kubeflow.lists import Wanted, answered
from handlers.api.kubeflow.routes import group
from handlers.api.kubeflow.routes.artifacts import (
    changed,
    find,
    page_of,
    shown,
)
from handlers.api.kubeflow.scope import CurrentNamespace, parse_id
from handlers.api.kubeflow.wire.artifacts import StrictModelArtifact

router = group("model_artifacts")


@router.get("/model_artifact")
def find_model_artifact(
    request: Request,
    registry: CurrentRegistry,
    caller: CurrentCaller,
    namespace: CurrentNamespace,
    name: str | None = None,
    external_id: ExternalId = None,
    parent: ParentId = None,
) -> Response:
    """The model artifact of this name in its version, else of this external id."""
    kind = "model"
    return answered(find(request, registry, caller, namespace, name, external_id, parent, kind))


@router.get("/model_artifacts")
def get_model_artifacts(
    request: Request,
    registry: CurrentRegistry,
    caller: CurrentCaller,
    namespace: CurrentNamespace,
    wanted: Wanted,
) -> Response:
    """All model artifacts, a page at a time."""
    return page_of(request, registry, caller, namespace, wanted, "model")


@router.post("/model_artifacts", status_code=201)
def create_model_artifact(
    request: Request,
    registry: CurrentRegistry,
    caller: CurrentCaller,
    namespace: CurrentNamespace,
    body: StrictModelArtifact,
) -> Response:
    """Keep a model artifact that belongs to no version yet."""
    made = registry.attachments.register(caller, namespace, body.what())
    return answered(shown(request, registry, made), 201)


@router.get("/model_artifacts/{artifact_id}")
def get_model_artifact(
    request: Request,
    registry: CurrentRegistry,
    caller: CurrentCaller,
    namespace: CurrentNamespace,
    artifact_id: str,
) -> Response:
    """A model artifact by its id."""
    found = _model(registry, caller, namespace, artifact_id)
    return answered(shown(request, registry, found))


@router.patch("/model_artifacts/{artifact_id}")
def update_model_artifact(
    request: Request,
    registry: CurrentRegistry,
    caller: CurrentCaller,
    namespace: CurrentNamespace,
    artifact_id: str,
    body: StrictModelArtifact,
) -> Response:
    """Change what is sent."""
    found = _model(registry, caller, namespace, artifact_id)
    return answered(shown(request, registry, changed(registry, caller, found, body)))


def _model(registry: Registry, caller: Caller, namespace: str, artifact_id: str) -> Artifact:
    found = registry.artifacts.with_id(caller, namespace, parse_id(artifact_id))
    if found.kind != "model":
        raise NotFound(f"There is no model artifact with the id {found.id}.")
    return found
