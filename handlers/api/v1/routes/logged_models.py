"""Operations on logged models."""

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
from handlers.api.v1.wire.logged_models import (
    LoggedModelParameters,
    LoggedModelPatch,
    NewLoggedModel,
)
from handlers.api.v1.wire.logged_models import logged_model as shape

router = group("logged-models", "/namespaces/{namespace}")

Named = Annotated[str, Path(description="Its decimal id, or `m-` and that in 32 digits in hex.")]
Experiment = Annotated[str, Path(description="Its decimal id, or its name.")]


@router.get(
    "/experiments/{experiment}/logged-models", openapi_extra=answers((200, "LoggedModelPage"))
)
def page_logged_models(
    registry: CurrentRegistry,
    caller: CurrentCaller,
    namespace: str,
    experiment: Experiment,
    wanted: CurrentPage,
    narrowed: Narrowed,
    run: Annotated[int | None, Query(description="Those of the run with this id.")] = None,
) -> Response:
    """The logged models of an experiment, oldest first unless ordered otherwise."""
    owner = registry.experiments.get(caller, namespace, experiment)
    question = narrowed.of_noun(namespace, being(experiment_id=owner.id, run_id=run))
    return page(registry.search.logged_models(caller, question, wanted).page, shape)


@router.post(
    "/experiments/{experiment}/logged-models",
    status_code=201,
    openapi_extra=answers((201, "LoggedModel"), problems=(409,)),
)
def create_logged_model(
    request: Request,
    registry: CurrentRegistry,
    caller: CreatingCaller,
    namespace: str,
    experiment: Experiment,
    body: NewLoggedModel,
) -> Response:
    """Log a model, as the work of a run if one is named. Needs the role writer."""
    created = registry.logged_models.create(
        caller,
        namespace,
        experiment,
        body.described(),
        name=body.name,
        run=body.run,
        model_type=body.model_type,
        status=body.status,
        parameters=body.parameters,
    )
    location = f"/namespaces/{namespace}/logged-models/{created.id}"
    return single(request, shape(created), created.revision, status=201, location=location)


@router.get("/logged-models/{logged_model}", openapi_extra=answers((200, "LoggedModel")))
def get_logged_model(
    request: Request,
    registry: CurrentRegistry,
    caller: CurrentCaller,
    namespace: str,
    logged_model: Named,
    as_of: AsOf,
) -> Response:
    """A logged model with what was measured of it; as of a time, with that as of its last event
    before that."""
    found = registry.logged_models.get(caller, namespace, logged_model, as_of=as_of)
    # Metrics move without a new revision: what is cached cannot be known to be true.
    headers = {"Cache-Control": "no-store"}
    return single(request, shape(found), found.revision, more_headers=headers)


@router.patch(
    "/logged-models/{logged_model}",
    openapi_extra=answers((200, "LoggedModel"), problems=(409, 412, 428)),
)
def update_logged_model(
    request: Request,
    registry: CurrentRegistry,
    caller: CurrentCaller,
    namespace: str,
    logged_model: Named,
    body: LoggedModelPatch,
    expected: ExpectedRevision,
    reason: Reason,
) -> Response:
    """Say that its files are there, rename it or change what describes it, by merge patch
    (RFC 7396). Needs the role writer."""
    changed = registry.logged_models.update(
        caller, namespace, logged_model, body.patch(), expected_revision=expected, reason=reason
    )
    return single(request, shape(changed), changed.revision)


@router.post(
    "/logged-models/{logged_model}/parameters",
    openapi_extra=answers((200, "LoggedModel"), problems=(409,)),
)
def log_model_parameters(
    request: Request,
    registry: CurrentRegistry,
    caller: CurrentCaller,
    namespace: str,
    logged_model: Named,
    body: LoggedModelParameters,
) -> Response:
    """Note parameters of a logged model, which are written once. Needs the role writer."""
    changed = registry.logged_models.log_parameters(
        caller, namespace, logged_model, body.parameters
    )
    return single(request, shape(changed), changed.revision)


@router.delete("/logged-models/{logged_model}", openapi_extra=answers((200, "LoggedModel")))
def delete_logged_model(
    request: Request,
    registry: CurrentRegistry,
    caller: CurrentCaller,
    namespace: str,
    logged_model: Named,
    reason: Reason,
) -> Response:
    """Delete a logged model, for a reason; until `purge_at` it can be undeleted. Needs the role
    writer."""
    kept = registry.logged_models.delete(caller, namespace, logged_model, reason=reason)
    return single(request, shape(kept), kept.revision)


@router.post(
    "/logged-models/{logged_model}/undelete",
    openapi_extra=answers((200, "LoggedModel"), problems=(409,)),
)
def undelete_logged_model(
    request: Request,
    registry: CurrentRegistry,
    caller: CurrentCaller,
    namespace: str,
    logged_model: Named,
    reason: Reason,
) -> Response:
    """Bring a deleted logged model back, before its `purge_at`. Needs the role writer."""
    kept = registry.logged_models.undelete(caller, namespace, logged_model, reason=reason)
    return single(request, shape(kept), kept.revision)
