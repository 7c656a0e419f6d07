"""Operations on the evaluations of versions."""

from typing import Annotated, Any
from urllib.parse import quote

from fastapi import Body, Path, Query, Request
from starlette.responses import Response

from core.domain.versions import parse_reference
from handlers.api.dependencies import (
    AsOf,
    CreatingCaller,
    CurrentCaller,
    CurrentPage,
    CurrentRegistry,
    Reason,
)
from handlers.api.v1.answers import answers, page, single
from handlers.api.v1.routes import group
from handlers.api.v1.wire.evaluations import evaluation, reported

router = group("evaluations", "/namespaces/{namespace}/models/{model}")

_OF_VERSION = "/versions/{version}/evaluations"
Report = Annotated[
    dict[str, Any], Body(description="A report, as docs/guide/evaluation.md describes it.")
]
EvaluationId = Annotated[str, Path(description="The evaluation's id.")]


@router.get("/evaluations", openapi_extra=answers((200, "EvaluationPage")))
def page_model_evaluations(
    registry: CurrentRegistry,
    caller: CurrentCaller,
    namespace: str,
    model: str,
    wanted: CurrentPage,
    as_of: AsOf,
    dataset: Annotated[
        str | None, Query(description="On the data set of this name.", max_length=255)
    ] = None,
) -> Response:
    """The evaluations of all versions of a model, newest first, without their reports."""
    found = registry.evaluations.page(
        caller, namespace, model, wanted, dataset=dataset, as_of=as_of
    )
    return page(found, evaluation)


@router.get(_OF_VERSION, openapi_extra=answers((200, "EvaluationPage")))
def page_evaluations(
    registry: CurrentRegistry,
    caller: CurrentCaller,
    namespace: str,
    model: str,
    version: str,
    wanted: CurrentPage,
    as_of: AsOf,
) -> Response:
    """The evaluations of a version, newest first, without their reports."""
    reference = parse_reference(version)
    found = registry.evaluations.page(
        caller, namespace, model, wanted, reference=reference, as_of=as_of
    )
    return page(found, evaluation)


@router.post(
    _OF_VERSION,
    status_code=201,
    openapi_extra=answers(
        (201, "ReportedEvaluation"), (200, "ReportedEvaluation"), problems=(409,)
    ),
)
def register_evaluation(
    request: Request,
    registry: CurrentRegistry,
    caller: CreatingCaller,
    namespace: str,
    model: str,
    version: str,
    body: Report,
    reason: Reason,
) -> Response:
    """Register a report as an evaluation of a version. Needs the role writer.

    200 instead of 201: the version has this very report already. 409: the report says that it is
    of other files than the version's.
    """
    reference = parse_reference(version)
    done = registry.evaluations.register(caller, namespace, model, reference, body, reason=reason)
    made = done.evaluation
    place = f"/namespaces/{namespace}/models/{quote(made.model, safe='')}/versions/{made.number}"
    return single(
        request,
        reported(done),
        made.revision,
        status=201 if done.is_new else 200,
        location=f"{place}/evaluations/{made.id}",
    )


@router.get(
    f"{_OF_VERSION}/{{evaluation}}",
    openapi_extra=answers((200, "ReportedEvaluation"), (304, None)),
)
def get_evaluation(
    request: Request,
    registry: CurrentRegistry,
    caller: CurrentCaller,
    namespace: str,
    model: str,
    version: str,
    evaluation: EvaluationId,
    as_of: AsOf,
) -> Response:
    """An evaluation with its whole report."""
    found = registry.evaluations.get(
        caller, namespace, model, parse_reference(version), evaluation, as_of=as_of
    )
    return single(request, reported(found), found.evaluation.revision)
