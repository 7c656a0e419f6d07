"""Operations on experiments."""

from typing import Annotated

from fastapi import Path, Query, Request
from starlette.responses import Response

from core.domain.comparison import Direction
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
from handlers.api.v1.wire.experiments import ExperimentPatch, NewExperiment
from handlers.api.v1.wire.experiments import experiment as shape
from handlers.api.v1.wire.runs import run

router = group("experiments", "/namespaces/{namespace}/experiments")

Named = Annotated[str, Path(description="Its decimal id, or its name.")]


@router.get("", openapi_extra=answers((200, "ExperimentPage")))
def page_experiments(
    registry: CurrentRegistry,
    caller: CurrentCaller,
    namespace: str,
    wanted: CurrentPage,
    shown: Included,
    as_of: AsOf,
    narrowed: Narrowed,
    name: Annotated[str | None, Query(description="The one of this name.")] = None,
    external_id: Annotated[str | None, Query(description="The one of this external id.")] = None,
) -> Response:
    """The experiments of a namespace, oldest first unless ordered otherwise."""
    if as_of is not None:
        narrowed.check_plain()
        found = registry.experiments.page_at(caller, namespace, wanted, as_of, shown=shown)
        return page(found, shape)
    among = being(name=name, external_id=external_id)
    question = narrowed.of_noun(namespace, among, shown=shown)
    return page(registry.search.experiments(caller, question, wanted).page, shape)


@router.post("", status_code=201, openapi_extra=answers((201, "Experiment"), problems=(409,)))
def create_experiment(
    request: Request,
    registry: CurrentRegistry,
    caller: CreatingCaller,
    namespace: str,
    body: NewExperiment,
) -> Response:
    """Create an experiment, to which runs belong. Needs the role writer."""
    created = registry.experiments.create(
        caller,
        namespace,
        body.name,
        body.described(),
        artifact_location=body.artifact_location,
    )
    location = f"/namespaces/{namespace}/experiments/{created.id}"
    return single(request, shape(created), created.revision, status=201, location=location)


@router.get("/{experiment}", openapi_extra=answers((200, "Experiment"), (304, None)))
def get_experiment(
    request: Request,
    registry: CurrentRegistry,
    caller: CurrentCaller,
    namespace: str,
    experiment: Named,
    as_of: AsOf,
) -> Response:
    """An experiment."""
    found = registry.experiments.get(caller, namespace, experiment, as_of=as_of)
    return single(request, shape(found), found.revision)


@router.patch("/{experiment}", openapi_extra=answers((200, "Experiment"), problems=(409, 412, 428)))
def update_experiment(
    request: Request,
    registry: CurrentRegistry,
    caller: CurrentCaller,
    namespace: str,
    experiment: Named,
    body: ExperimentPatch,
    expected: ExpectedRevision,
    reason: Reason,
) -> Response:
    """Rename an experiment or change what describes it, by merge patch (RFC 7396). Needs the role
    writer."""
    changed = registry.experiments.update(
        caller, namespace, experiment, body.patch(), expected_revision=expected, reason=reason
    )
    return single(request, shape(changed), changed.revision)


@router.delete("/{experiment}", openapi_extra=answers((200, "Experiment")))
def delete_experiment(
    request: Request,
    registry: CurrentRegistry,
    caller: CurrentCaller,
    namespace: str,
    experiment: Named,
    reason: Reason,
) -> Response:
    """Delete an experiment with its runs, for a reason; until `purge_at` it can be undeleted.

    Needs the role owner.
    """
    kept = registry.experiments.delete(caller, namespace, experiment, reason=reason)
    return single(request, shape(kept), kept.revision)


@router.post("/{experiment}/archive", openapi_extra=answers((200, "Experiment")))
def archive_experiment(
    request: Request,
    registry: CurrentRegistry,
    caller: CurrentCaller,
    namespace: str,
    experiment: Named,
    reason: Reason,
) -> Response:
    """Leave an experiment out of lists. Needs the role writer."""
    kept = registry.experiments.archive(caller, namespace, experiment, reason=reason)
    return single(request, shape(kept), kept.revision)


@router.post("/{experiment}/restore", openapi_extra=answers((200, "Experiment")))
def restore_experiment(
    request: Request,
    registry: CurrentRegistry,
    caller: CurrentCaller,
    namespace: str,
    experiment: Named,
    reason: Reason,
) -> Response:
    """Put an archived experiment back into lists. Needs the role writer."""
    kept = registry.experiments.restore(caller, namespace, experiment, reason=reason)
    return single(request, shape(kept), kept.revision)


@router.post("/{experiment}/undelete", openapi_extra=answers((200, "Experiment"), problems=(409,)))
def undelete_experiment(
    request: Request,
    registry: CurrentRegistry,
    caller: CurrentCaller,
    namespace: str,
    experiment: Named,
    reason: Reason,
) -> Response:
    """Bring a deleted experiment back, before its `purge_at`. Needs the role owner."""
    kept = registry.experiments.undelete(caller, namespace, experiment, reason=reason)
    return single(request, shape(kept), kept.revision)


@router.get("/{experiment}/best", openapi_extra=answers((200, "BestRuns"), (304, None)))
def get_best_runs(
    registry: CurrentRegistry,
    caller: CurrentCaller,
    namespace: str,
    experiment: Named,
    metric: Annotated[str, Query(description="Whose latest value to go by.")],
    direction: Annotated[
        Direction | None, Query(description="What is good, if the metric's name does not say.")
    ] = None,
    count: Annotated[int, Query(description="How many, 1 to 100.")] = 1,
) -> Response:
    """The runs of an experiment with the best latest value of a metric, the best first."""
    found = registry.metrics.best(
        caller, namespace, experiment, metric, direction=direction, count=count
    )
    return answer({"items": [run(each) for each in found]})
