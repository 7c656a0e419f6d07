"""Operations on environments."""

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
from handlers.api.v1.answers import answers, page, single
from handlers.api.v1.narrowing import Narrowed, being
from handlers.api.v1.routes import group
from handlers.api.v1.wire.environments import EnvironmentPatch, NewEnvironment
from handlers.api.v1.wire.environments import environment as shape

router = group("environments", "/namespaces/{namespace}/environments")

Named = Annotated[str, Path(description="Its decimal id, or its name.")]


@router.get("", openapi_extra=answers((200, "EnvironmentPage")))
def page_environments(
    registry: CurrentRegistry,
    caller: CurrentCaller,
    namespace: str,
    wanted: CurrentPage,
    as_of: AsOf,
    narrowed: Narrowed,
    name: Annotated[str | None, Query(description="The one of this name.")] = None,
    external_id: Annotated[str | None, Query(description="The one of this external id.")] = None,
) -> Response:
    """The environments of a namespace, oldest first unless ordered otherwise."""
    if as_of is not None:
        narrowed.check_plain()
        return page(registry.environments.page_at(caller, namespace, wanted, as_of), shape)
    question = narrowed.of_noun(namespace, being(name=name, external_id=external_id))
    return page(registry.search.environments(caller, question, wanted).page, shape)


@router.post("", status_code=201, openapi_extra=answers((201, "Environment"), problems=(409,)))
def create_environment(
    request: Request,
    registry: CurrentRegistry,
    caller: CreatingCaller,
    namespace: str,
    body: NewEnvironment,
) -> Response:
    """Create an environment, a place where versions are deployed to. Needs the role writer."""
    created = registry.environments.create(
        caller, namespace, body.name, body.described(), kind=body.kind
    )
    location = f"/namespaces/{namespace}/environments/{created.id}"
    return single(request, shape(created), created.revision, status=201, location=location)


@router.get("/{environment}", openapi_extra=answers((200, "Environment"), (304, None)))
def get_environment(
    request: Request,
    registry: CurrentRegistry,
    caller: CurrentCaller,
    namespace: str,
    environment: Named,
    as_of: AsOf,
) -> Response:
    """An environment."""
    found = registry.environments.get(caller, namespace, environment, as_of=as_of)
    return single(request, shape(found), found.revision)


@router.patch(
    "/{environment}", openapi_extra=answers((200, "Environment"), problems=(409, 412, 428))
)
def update_environment(
    request: Request,
    registry: CurrentRegistry,
    caller: CurrentCaller,
    namespace: str,
    environment: Named,
    body: EnvironmentPatch,
    expected: ExpectedRevision,
    reason: Reason,
) -> Response:
    """Change what describes an environment, by merge patch (RFC 7396). Needs the role writer."""
    changed = registry.environments.update(
        caller, namespace, environment, body.patch(), expected_revision=expected, reason=reason
    )
    return single(request, shape(changed), changed.revision)
