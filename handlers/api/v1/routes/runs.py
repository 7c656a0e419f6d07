"""Operations on runs."""

from typing import Annotated

from fastapi import Path, Query, Request
from starlette.responses import Response

from handlers.api.dependencies import (
    AsOf,
    CreatingCaller,
    CurrentCaller,
    CurrentPage,
    CurrentRegistry,
    Included,
    Reason,
)
from handlers.api.revisions import ExpectedRevision
from handlers.api.v1.answers import answer, answers, page, single
from handlers.api.v1.narrowing import Narrowed, being
from handlers.api.v1.routes import group
from handlers.api.v1.wire.runs import NewLinks, NewParameters, NewRun, RunPatch, comparison
from handlers.api.v1.wire.runs import run as shape

router = group("runs", "/namespaces/{namespace}")

Named = Annotated[str, Path(description="Its decimal id.")]
Experiment = Annotated[str, Path(description="Its decimal id, or its name.")]


@router.get("/experiments/{experiment}/runs", openapi_extra=answers((200, "RunPage")))
def page_runs(
    registry: CurrentRegistry,
    caller: CurrentCaller,
    namespace: str,
    experiment: Experiment,
    wanted: CurrentPage,
    shown: Included,
    as_of: AsOf,
    narrowed: Narrowed,
    name: Annotated[str | None, Query(description="Those of this name.")] = None,
    external_id: Annotated[str | None, Query(description="The one of this external id.")] = None,
    parent: Annotated[int | None, Query(description="Parts of the run with this id.")] = None,
) -> Response:
    """The runs of an experiment, oldest first unless ordered otherwise."""
    owner = registry.experiments.get(caller, namespace, experiment)
    if as_of is not None:
        narrowed.check_plain()
        among = being(experiment_id=owner.id, parent_id=parent)
        found = registry.runs.page_at(caller, namespace, wanted, as_of, among=among, shown=shown)
        return page(found, shape)
    among = being(experiment_id=owner.id, name=name, external_id=external_id, parent_id=parent)
    question = narrowed.of_noun(namespace, among, shown=shown)
    return page(registry.search.runs(caller, question, wanted).page, shape)


@router.post(
    "/experiments/{experiment}/runs",
    status_code=201,
    openapi_extra=answers((201, "Run"), problems=(409,)),
)
def create_run(
    request: Request,
    registry: CurrentRegistry,
    caller: CreatingCaller,
    namespace: str,
    experiment: Experiment,
    body: NewRun,
) -> Response:
    """Start a run of an experiment. Needs the role writer."""
    created = registry.runs.create(
        caller,
        namespace,
        experiment,
        body.described(),
        name=body.name,
        unique_name=body.unique_name,
        status=body.status,
        parent=body.parent,
        **body.more(),
    )
    location = f"/namespaces/{namespace}/runs/{created.id}"
    return single(request, shape(created), created.revision, status=201, location=location)


@router.get("/compare-runs", openapi_extra=answers((200, "RunComparison"), (304, None)))
def compare_runs(
    registry: CurrentRegistry,
    caller: CurrentCaller,
    namespace: str,
    run: Annotated[list[str], Query(description="2 to 20 ids.", max_length=20)],
    all: Annotated[bool, Query(description="What is the same, too.")] = False,
) -> Response:
    """Runs side by side: parameters, the latest of each metric, tags and inputs."""
    return answer(comparison(registry.metrics.compare(caller, namespace, run), not all))


@router.get("/runs/{run}", openapi_extra=answers((200, "Run")))
def get_run(
    request: Request,
    registry: CurrentRegistry,
    caller: CurrentCaller,
    namespace: str,
    run: Named,
    as_of: AsOf,
) -> Response:
    """A run; as of a time, with its metrics as of its last event before that."""
    found = registry.runs.get(caller, namespace, run, as_of=as_of)
    # Metrics move without a new revision: what is cached cannot be known to be true.
    headers = {"Cache-Control": "no-store"}
    return single(request, shape(found), found.revision, more_headers=headers)


@router.patch("/runs/{run}", openapi_extra=answers((200, "Run"), problems=(409, 412, 428)))
def update_run(
    request: Request,
    registry: CurrentRegistry,
    caller: CurrentCaller,
    namespace: str,
    run: Named,
    body: RunPatch,
    expected: ExpectedRevision,
    reason: Reason,
) -> Response:
    """End a run, rename it or change what describes it, by merge patch (RFC 7396). Needs the role
    writer."""
    changed = registry.runs.update(
        caller, namespace, run, body.patch(), expected_revision=expected, reason=reason
    )
    return single(request, shape(changed), changed.revision)


@router.delete("/runs/{run}", openapi_extra=answers((200, "Run")))
def delete_run(
    request: Request,
    registry: CurrentRegistry,
    caller: CurrentCaller,
    namespace: str,
    run: Named,
    reason: Reason,
) -> Response:
    """Delete a run, for a reason; until `purge_at` it can be undeleted. Needs the role writer."""
    kept = registry.runs.delete(caller, namespace, run, reason=reason)
    return single(request, shape(kept), kept.revision)


@router.post("/runs/{run}/archive", openapi_extra=answers((200, "Run")))
def archive_run(
    request: Request,
    registry: CurrentRegistry,
    caller: CurrentCaller,
    namespace: str,
    run: Named,
    reason: Reason,
) -> Response:
    """Leave a run out of lists. Needs the role writer."""
    kept = registry.runs.archive(caller, namespace, run, reason=reason)
    return single(request, shape(kept), kept.revision)


@router.post("/runs/{run}/restore", openapi_extra=answers((200, "Run")))
def restore_run(
    request: Request,
    registry: CurrentRegistry,
    caller: CurrentCaller,
    namespace: str,
    run: Named,
    reason: Reason,
) -> Response:
    """Put an archived run back into lists. Needs the role writer."""
    kept = registry.runs.restore(caller, namespace, run, reason=reason)
    return single(request, shape(kept), kept.revision)


@router.post("/runs/{run}/undelete", openapi_extra=answers((200, "Run"), problems=(409,)))
def undelete_run(
    request: Request,
    registry: CurrentRegistry,
    caller: CurrentCaller,
    namespace: str,
    run: Named,
    reason: Reason,
) -> Response:
    """Bring a deleted run back, before its `purge_at`. Needs the role writer."""
    kept = registry.runs.undelete(caller, namespace, run, reason=reason)
    return single(request, shape(kept), kept.revision)


@router.post("/runs/{run}/parameters", openapi_extra=answers((200, "Run"), problems=(409,)))
def log_parameters(
    request: Request,
    registry: CurrentRegistry,
    caller: CurrentCaller,
    namespace: str,
    run: Named,
    body: NewParameters,
) -> Response:
    """Note parameters of a run, which are written once. Needs the role writer; 409 naming those
    that have another value already."""
    changed = registry.runs.log_parameters(
        caller, namespace, run, body.parameters, overwrite=body.overwrite
    )
    return single(request, shape(changed), changed.revision)


@router.post("/runs/{run}/links", openapi_extra=answers((200, "Run")))
def link_run(
    request: Request,
    registry: CurrentRegistry,
    caller: CurrentCaller,
    namespace: str,
    run: Named,
    body: NewLinks,
) -> Response:
    """Note what went into a run and what came out of it. Needs the role writer."""
    changed = registry.runs.link(caller, namespace, run, inputs=body.inputs, outputs=body.outputs)
    return single(request, shape(changed), changed.revision)
