"""Operations on the past of an object: its history, differences, and undoing an update."""

from datetime import datetime
from typing import Annotated, Literal

from fastapi import Depends, Path, Query, Request
from starlette.responses import Response

from core.domain.events import SubjectKind
from core.domain.moments import parse_moment
from core.domain.subjects import (
    Subject,
    alias_subject,
    model_subject,
    namespace_subject,
    numbered_subject,
    version_subject,
)
from handlers.api.dependencies import (
    CurrentCaller,
    CurrentPage,
    CurrentRegistry,
    Reason,
)
from handlers.api.revisions import ExpectedRevision, ExpectedVersion
from handlers.api.v1.answers import answer, answers, page, single
from handlers.api.v1.references import number_of
from handlers.api.v1.routes import group
from handlers.api.v1.wire.history import change, field_change
from handlers.api.v1.wire.models import registered_model
from handlers.api.v1.wire.namespaces import namespace as shape
from handlers.api.v1.wire.versions import model_version

router = group("history", "/namespaces/{namespace}")


def start(
    start: Annotated[str, Query(alias="from", description="The earlier time (RFC 3339).")],
) -> datetime:
    """The moment to compare from. Raises `Invalid`."""
    return parse_moment(start)


def end(
    end: Annotated[
        str | None, Query(alias="to", description="The later time (RFC 3339); now by default.")
    ] = None,
) -> datetime | None:
    """The moment to compare with; None for the present. Raises `Invalid`."""
    return None if end is None else parse_moment(end)


Noun = Literal["environments", "deployments", "experiments", "runs", "logged-models"]
Number = Annotated[int, Path(description="Its decimal id.", ge=1, le=999_999_999)]
Start = Annotated[datetime, Depends(start)]
End = Annotated[datetime | None, Depends(end)]


def _history(
    registry: CurrentRegistry, caller: CurrentCaller, subject: Subject, wanted: CurrentPage
) -> Response:
    return page(registry.history.page(caller, subject, wanted), change)


def _diff(
    registry: CurrentRegistry, caller: CurrentCaller, subject: Subject, start: Start, end: End
) -> Response:
    found = registry.history.diff(caller, subject, start, end)
    return answer({"changes": [field_change(each) for each in found]})


@router.get("/history", openapi_extra=answers((200, "ChangePage")))
def page_namespace_history(
    registry: CurrentRegistry,
    caller: CurrentCaller,
    namespace: str,
    wanted: CurrentPage,
) -> Response:
    """What happened to a namespace, newest first, field by field; even after it was deleted."""
    return _history(registry, caller, namespace_subject(namespace), wanted)


@router.get("/diff", openapi_extra=answers((200, "Diff")))
def diff_namespace(
    registry: CurrentRegistry,
    caller: CurrentCaller,
    namespace: str,
    start: Start,
    end: End,
) -> Response:
    """What is different of a namespace between two times, field by field."""
    return _diff(registry, caller, namespace_subject(namespace), start, end)


@router.post("/undo", openapi_extra=answers((200, "Namespace"), problems=(409, 412, 428)))
def undo_namespace(
    request: Request,
    registry: CurrentRegistry,
    caller: CurrentCaller,
    namespace: str,
    expected: ExpectedRevision,
    reason: Reason,
) -> Response:
    """Put back what the last update of a namespace changed. Needs the role owner.

    409 naming the fields that something else has changed since.
    """
    undone = registry.history.undo_namespace(
        caller, namespace, expected_revision=expected, reason=reason
    )
    return single(request, shape(undone), undone.revision)


@router.get("/models/{model}/history", openapi_extra=answers((200, "ChangePage")))
def page_model_history(
    registry: CurrentRegistry,
    caller: CurrentCaller,
    namespace: str,
    model: str,
    wanted: CurrentPage,
) -> Response:
    """What happened to a model, newest first, field by field; even after it was deleted."""
    return _history(registry, caller, model_subject(namespace, model), wanted)


@router.get("/models/{model}/diff", openapi_extra=answers((200, "Diff")))
def diff_model(
    registry: CurrentRegistry,
    caller: CurrentCaller,
    namespace: str,
    model: str,
    start: Start,
    end: End,
) -> Response:
    """What is different of a model between two times, field by field."""
    return _diff(registry, caller, model_subject(namespace, model), start, end)


@router.post(
    "/models/{model}/undo",
    openapi_extra=answers((200, "RegisteredModel"), problems=(409, 412, 428)),
)
def undo_model(
    request: Request,
    registry: CurrentRegistry,
    caller: CurrentCaller,
    namespace: str,
    model: str,
    expected: ExpectedRevision,
    reason: Reason,
) -> Response:
    """Put back what the last update of a model changed. Needs the role writer.

    409 naming the fields that something else has changed since.
    """
    undone = registry.history.undo_model(
        caller, namespace, model, expected_revision=expected, reason=reason
    )
    return single(request, registered_model(undone), undone.revision)


@router.get(
    "/models/{model}/versions/{version}/history", openapi_extra=answers((200, "ChangePage"))
)
def page_version_history(
    registry: CurrentRegistry,
    caller: CurrentCaller,
    namespace: str,
    model: str,
    version: str,
    wanted: CurrentPage,
) -> Response:
    """What happened to a version, newest first, field by field; even after it was deleted."""
    number = number_of(registry, caller, namespace, model, version)
    return _history(registry, caller, version_subject(namespace, model, number), wanted)


@router.get("/models/{model}/versions/{version}/diff", openapi_extra=answers((200, "Diff")))
def diff_version(
    registry: CurrentRegistry,
    caller: CurrentCaller,
    namespace: str,
    model: str,
    version: str,
    start: Start,
    end: End,
) -> Response:
    """What is different of a version between two times, field by field."""
    number = number_of(registry, caller, namespace, model, version)
    return _diff(registry, caller, version_subject(namespace, model, number), start, end)


@router.post(
    "/models/{model}/versions/{version}/undo",
    openapi_extra=answers((200, "ModelVersion"), problems=(409, 412, 428)),
)
def undo_version(
    request: Request,
    registry: CurrentRegistry,
    caller: CurrentCaller,
    namespace: str,
    model: str,
    version: str,
    expected: ExpectedVersion,
    reason: Reason,
) -> Response:
    """Put back what the last update of a version changed. Needs the role writer.

    409 naming the fields that something else has changed since.
    """
    number = expected.held_to(number_of(registry, caller, namespace, model, version))
    undone = registry.history.undo_version(
        caller, namespace, model, number, expected_revision=expected.revision, reason=reason
    )
    return single(request, model_version(undone), undone.revision)


@router.get("/models/{model}/aliases/{name}/history", openapi_extra=answers((200, "ChangePage")))
def page_alias_history(
    registry: CurrentRegistry,
    caller: CurrentCaller,
    namespace: str,
    model: str,
    name: str,
    wanted: CurrentPage,
) -> Response:
    """What happened to an alias, newest first, field by field; even after it was deleted."""
    return _history(registry, caller, alias_subject(namespace, model, name), wanted)


@router.get("/models/{model}/aliases/{name}/diff", openapi_extra=answers((200, "Diff")))
def diff_alias(
    registry: CurrentRegistry,
    caller: CurrentCaller,
    namespace: str,
    model: str,
    name: str,
    start: Start,
    end: End,
) -> Response:
    """What is different of an alias between two times, field by field."""
    return _diff(registry, caller, alias_subject(namespace, model, name), start, end)


def _numbered(namespace: str, noun: Noun, number: int) -> Subject:
    return numbered_subject(SubjectKind(noun.removesuffix("s")), namespace, number)


@router.get("/{noun}/{number}/history", openapi_extra=answers((200, "ChangePage")))
def page_noun_history(
    registry: CurrentRegistry,
    caller: CurrentCaller,
    namespace: str,
    noun: Noun,
    number: Number,
    wanted: CurrentPage,
) -> Response:
    """What happened to an environment, deployment, experiment or run, newest first."""
    return _history(registry, caller, _numbered(namespace, noun, number), wanted)


@router.get("/{noun}/{number}/diff", openapi_extra=answers((200, "Diff")))
def diff_noun(
    registry: CurrentRegistry,
    caller: CurrentCaller,
    namespace: str,
    noun: Noun,
    number: Number,
    start: Start,
    end: End,
) -> Response:
    """What is different of an environment, deployment, experiment or run between two times."""
    return _diff(registry, caller, _numbered(namespace, noun, number), start, end)
