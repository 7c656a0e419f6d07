"""Operations on the artifacts of versions."""

import base64
from typing import Annotated

from fastapi import Path
from starlette.responses import Response

from core.domain.versions import parse_reference
from handlers.api.dependencies import AsOf, CurrentCaller, CurrentRegistry
from handlers.api.v1.answers import answer, answers
from handlers.api.v1.routes import group
from handlers.api.v1.wire.artifacts import artifact

router = group("artifacts", "/namespaces/{namespace}/models/{model}/versions/{version}/artifacts")

Name = Annotated[str, Path(description="The artifact's name in the version.")]


@router.get("", openapi_extra=answers((200, "ArtifactPage")))
def page_artifacts(
    registry: CurrentRegistry,
    caller: CurrentCaller,
    namespace: str,
    model: str,
    version: str,
    as_of: AsOf,
) -> Response:
    """All artifacts of a version, as they were registered."""
    reference = parse_reference(version)
    found = registry.artifacts.of_version(caller, namespace, model, reference, as_of=as_of)
    return answer({"items": [artifact(each) for each in found], "next_page_token": None})


@router.get("/{name}", openapi_extra=answers((200, "Artifact"), (307, None), problems=(409,)))
def get_artifact(
    registry: CurrentRegistry,
    caller: CurrentCaller,
    namespace: str,
    model: str,
    version: str,
    name: Name,
    as_of: AsOf,
) -> Response:
    """An artifact: a single managed file is a redirect to its bytes, all else is the record.

    The registry never follows a reference; that is for you, with rights of your own.
    """
    reference = parse_reference(version)
    found = registry.artifacts.get(caller, namespace, model, reference, name, as_of=as_of)
    if found.request is None or found.sha256 is None:
        return answer(artifact(found.record))
    digest = base64.b64encode(bytes.fromhex(found.sha256)).decode()
    headers = {
        "Location": found.request.url,
        "Repr-Digest": f"sha-256=:{digest}:",
        "X-Modelry-Version": str(found.version.number),
    }
    return Response(status_code=307, headers=headers)
