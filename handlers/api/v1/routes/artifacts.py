"""Operations on the artifacts of versions, and on those that belong to nothing yet."""

import base64
from typing import Annotated

from fastapi import Path, Request
from starlette.responses import Response

from core.domain.subjects import artifact_subject
from core.domain.versions import parse_reference
from handlers.api.dependencies import (
    AsOf,
    CreatingCaller,
    CurrentCaller,
    CurrentPage,
    CurrentRegistry,
    Reason,
)
from handlers.api.revisions import ExpectedRevision
from handlers.api.v1.answers import answer, answers, page, single
from handlers.api.v1.routes import group
from handlers.api.v1.wire.artifacts import ArtifactPatch, NewArtifact, artifact
from handlers.api.v1.wire.history import change

router = group("artifacts", "/namespaces/{namespace}")

OF_VERSION = "/models/{model}/versions/{version}/artifacts"

Name = Annotated[str, Path(description="The artifact's name in the version.")]
Id = Annotated[int, Path(description="The artifact's decimal id.", ge=1, lt=1 << 63)]


@router.get(OF_VERSION, openapi_extra=answers((200, "ArtifactPage")))
def page_artifacts(
    registry: CurrentRegistry,
    caller: CurrentCaller,
    namespace: str,
    model: str,
    version: str,
    wanted: CurrentPage,
    as_of: AsOf,
) -> Response:
    """The artifacts of a version, oldest first: those it was registered with, and later ones."""
    reference = parse_reference(version)
    place = (namespace, model, reference)
    return page(registry.artifacts.of_version(caller, *place, wanted, as_of=as_of), artifact)


@router.post(OF_VERSION, status_code=201, openapi_extra=answers((201, "Artifact"), problems=(409,)))
def attach_artifact(
    request: Request,
    registry: CurrentRegistry,
    caller: CreatingCaller,
    namespace: str,
    model: str,
    version: str,
    body: NewArtifact,
) -> Response:
    """Attach an artifact to a version that is there; the version itself does not change.

    Needs the role writer.
    """
    reference = parse_reference(version)
    made = registry.attachments.attach(caller, namespace, model, reference, body.what())
    location = f"/namespaces/{namespace}/artifacts/{made.id}"
    return single(request, artifact(made), made.revision, status=201, location=location)


@router.get(
    f"{OF_VERSION}/{{name}}", openapi_extra=answers((200, "Artifact"), (307, None), problems=(409,))
)
def get_artifact(
    registry: CurrentRegistry,
    caller: CurrentCaller,
    namespace: str,
    model: str,
    version: str,
    name: Name,
    as_of: AsOf,
) -> Response:
    """An artifact by name: a single managed file is a redirect to its bytes, all else is JSON.

    The registry never follows a reference; that is for you, with rights of your own.
    """
    reference = parse_reference(version)
    found = registry.artifacts.get(caller, namespace, model, reference, name, as_of=as_of)
    if found.request is None or found.sha256 is None:
        return answer(artifact(found.artifact))
    digest = base64.b64encode(bytes.fromhex(found.sha256)).decode()
    headers = {
        "Location": found.request.url,
        "Repr-Digest": f"sha-256=:{digest}:",
        "X-Modelry-Version": str(found.version.number),
    }
    return Response(status_code=307, headers=headers)


@router.post(
    "/artifacts", status_code=201, openapi_extra=answers((201, "Artifact"), problems=(409,))
)
def register_artifact(
    request: Request,
    registry: CurrentRegistry,
    caller: CreatingCaller,
    namespace: str,
    body: NewArtifact,
) -> Response:
    """Keep an artifact that belongs to no version. Needs the role writer."""
    made = registry.attachments.register(caller, namespace, body.what())
    location = f"/namespaces/{namespace}/artifacts/{made.id}"
    return single(request, artifact(made), made.revision, status=201, location=location)


@router.get("/artifacts/{artifact_id}", openapi_extra=answers((200, "Artifact"), (304, None)))
def get_artifact_with_id(
    request: Request,
    registry: CurrentRegistry,
    caller: CurrentCaller,
    namespace: str,
    artifact_id: Id,
    as_of: AsOf,
) -> Response:
    """An artifact by its decimal id."""
    found = registry.artifacts.with_id(caller, namespace, artifact_id, as_of=as_of)
    return single(request, artifact(found), found.revision)


@router.patch(
    "/artifacts/{artifact_id}", openapi_extra=answers((200, "Artifact"), problems=(409, 412, 428))
)
def update_artifact(
    request: Request,
    registry: CurrentRegistry,
    caller: CurrentCaller,
    namespace: str,
    artifact_id: Id,
    body: ArtifactPatch,
    expected: ExpectedRevision,
    reason: Reason,
) -> Response:
    """Change an artifact by merge patch (RFC 7396): of one that was listed when its version was
    registered only what describes it. Needs the role writer."""
    changed = registry.attachments.update(
        caller, namespace, artifact_id, body.patch(), expected_revision=expected, reason=reason
    )
    return single(request, artifact(changed), changed.revision)


@router.get("/artifacts/{artifact_id}/history", openapi_extra=answers((200, "ChangePage")))
def page_artifact_history(
    registry: CurrentRegistry,
    caller: CurrentCaller,
    namespace: str,
    artifact_id: Id,
    wanted: CurrentPage,
) -> Response:
    """What happened to an artifact, newest first, field by field."""
    return page(
        registry.history.page(caller, artifact_subject(namespace, artifact_id), wanted), change
    )
