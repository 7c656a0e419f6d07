"""Operations on deployments."""

from typing import Annotated

from fastapi import Path, Query, Request
from starlette.responses import Response

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
from handlers.api.v1.narrowing import Narrowed, being
from handlers.api.v1.routes import group
from handlers.api.v1.wire.deployments import DeploymentPatch, NewDeployment, target
from handlers.api.v1.wire.deployments import deployment as shape

router = group("deployments", "/namespaces/{namespace}/deployments")

Named = Annotated[str, Path(description="Its decimal id.")]


@router.get("", openapi_extra=answers((200, "DeploymentPage")))
def page_deployments(
    registry: CurrentRegistry,
    caller: CurrentCaller,
    namespace: str,
    wanted: CurrentPage,
    as_of: AsOf,
    narrowed: Narrowed,
    environment: Annotated[str | None, Query(description="In the environment so named.")] = None,
    model: Annotated[str | None, Query(description="Of this model.")] = None,
    name: Annotated[str | None, Query(description="Of this name.")] = None,
    external_id: Annotated[str | None, Query(description="The one of this external id.")] = None,
) -> Response:
    """The deployments of a namespace, oldest first unless ordered otherwise; as of a time, what
    should run then and what did."""
    if as_of is not None:
        narrowed.check_plain()
        among = being(environment=environment, model=model, name=name)
        found = registry.deployments.page_at(caller, namespace, wanted, as_of, among=among)
        return page(found, shape)
    question = narrowed.of_noun(
        namespace, being(environment=environment, model=model, name=name, external_id=external_id)
    )
    return page(registry.search.deployments(caller, question, wanted).page, shape)


@router.post("", status_code=201, openapi_extra=answers((201, "Deployment"), problems=(409,)))
def create_deployment(
    request: Request,
    registry: CurrentRegistry,
    caller: CreatingCaller,
    namespace: str,
    body: NewDeployment,
) -> Response:
    """Say that a version should run in an environment. Needs the role writer.

    `follows` names one version for ever (3, 1.2.0, sha256:…) or whichever it leads to (latest,
    @champion).
    """
    created = registry.deployments.create(
        caller,
        namespace,
        body.environment,
        body.model,
        body.described(),
        name=body.name,
        follows=body.follows,
        desired_state=body.desired_state,
        runtime=body.runtime,
    )
    location = f"/namespaces/{namespace}/deployments/{created.id}"
    return single(request, shape(created), created.revision, status=201, location=location)


@router.get("/{deployment}", openapi_extra=answers((200, "Deployment"), (304, None)))
def get_deployment(
    request: Request,
    registry: CurrentRegistry,
    caller: CurrentCaller,
    namespace: str,
    deployment: Named,
    as_of: AsOf,
) -> Response:
    """A deployment: what should run and what does; as of a time, what did."""
    found = registry.deployments.get(caller, namespace, deployment, as_of=as_of)
    return single(request, shape(found), found.revision)


@router.get("/{deployment}/target", openapi_extra=answers((200, "Target"), (304, None)))
def get_target(
    registry: CurrentRegistry, caller: CurrentCaller, namespace: str, deployment: Named
) -> Response:
    """The version that a deployment leads to now, for whoever makes it so."""
    return answer(target(registry.deployments.target(caller, namespace, deployment)))


@router.patch("/{deployment}", openapi_extra=answers((200, "Deployment"), problems=(409, 412, 428)))
def update_deployment(
    request: Request,
    registry: CurrentRegistry,
    caller: CurrentCaller,
    namespace: str,
    deployment: Named,
    body: DeploymentPatch,
    expected: ExpectedRevision,
    reason: Reason,
) -> Response:
    """Change what a deployment follows, whether it should run, or what describes it, by merge
    patch (RFC 7396). Needs the role writer."""
    changed = registry.deployments.update(
        caller, namespace, deployment, body.patch(), expected_revision=expected, reason=reason
    )
    return single(request, shape(changed), changed.revision)
