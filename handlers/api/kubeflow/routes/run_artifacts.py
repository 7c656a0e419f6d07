"""Operations on the artifacts of runs."""

from fastapi import Request
from starlette.responses import Response

from core.domain.search import all_of
from handlers.api.dependencies import CurrentCaller, CurrentRegistry
from handlers.api.kubeflow.filters import parse_filter
from handlers.api.kubeflow.known import ExternalId, being
from handlers.api.kubeflow.lists import Wanted, answered, listed
from handlers.api.kubeflow.routes import group
from handlers.api.kubeflow.routes.artifacts import (
    KNOWN,
    ArtifactType,
    check_type,
    kind_of,
    shown,
)
from handlers.api.kubeflow.scope import CurrentNamespace, parse_id
from handlers.api.kubeflow.wire.artifacts import AnyArtifact

router = group("run_artifacts")

OF_RUN = "/experiment_runs/{experiment_run_id}/artifacts"


@router.get(OF_RUN)
def get_experiment_run_artifacts(
    request: Request,
    registry: CurrentRegistry,
    caller: CurrentCaller,
    namespace: CurrentNamespace,
    experiment_run_id: str,
    wanted: Wanted,
    name: str | None = None,
    external_id: ExternalId = None,
    artifact_type: ArtifactType = None,
) -> Response:
    """The artifacts of a run, a page at a time; what was logged without any is among them."""
    kind = kind_of(artifact_type)
    among = all_of(
        being("name", name) if name else None,
        being("external_id", external_id) if external_id else None,
        being("kind", kind) if kind else None,
        parse_filter(wanted.filter, KNOWN),
    )
    run = str(parse_id(experiment_run_id))
    found = registry.run_artifacts.page(
        caller, namespace, run, wanted.request, among=among, orders=wanted.orders
    )
    return listed(found, lambda each: shown(request, registry, each), wanted)


@router.post(OF_RUN, status_code=201)
def upsert_experiment_run_artifact(
    request: Request,
    registry: CurrentRegistry,
    caller: CurrentCaller,
    namespace: CurrentNamespace,
    experiment_run_id: str,
    body: AnyArtifact,
) -> Response:
    """Attach an artifact to a run: the one whose `id` is sent, else a new one. A metric or
    parameter of the same name is changed; a metric is a point of its history, too."""
    run = str(parse_id(experiment_run_id))
    if body.id:
        found = registry.artifacts.with_id(caller, namespace, parse_id(body.id))
        check_type(found, body)
        patch = body.patch_of(found, registry.artifacts.uri_of(found))
        kept = registry.attachments.adopt_into_run(caller, namespace, run, found.id, patch)
        return answered(shown(request, registry, kept))
    made = registry.attachments.attach_to_run(caller, namespace, run, body.what())
    return answered(shown(request, registry, made), 201 if made.revision == 1 else 200)
