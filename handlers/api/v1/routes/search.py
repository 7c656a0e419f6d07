"""Operations of searching."""

from collections.abc import Callable, Mapping
from typing import Annotated, Any

from fastapi import Depends, Query
from starlette.responses import Response

from core.services.search import Found, Question
from handlers.api.dependencies import CurrentCaller, CurrentPage, CurrentRegistry, Included
from handlers.api.v1.answers import answer, answers, page_body
from handlers.api.v1.filters import parse_filter, parse_order, parse_paths
from handlers.api.v1.routes import group
from handlers.api.v1.wire.artifacts import artifact
from handlers.api.v1.wire.experiments import experiment
from handlers.api.v1.wire.logged_models import logged_model
from handlers.api.v1.wire.models import registered_model
from handlers.api.v1.wire.runs import run
from handlers.api.v1.wire.search import facet
from handlers.api.v1.wire.versions import model_version

router = group("search", "/search")

MAX_WORDS_CHARACTERS = 1_000


async def question(
    shown: Included,
    q: Annotated[
        str,
        Query(
            description="Words that must all occur in name, tags or description.",
            max_length=MAX_WORDS_CHARACTERS,
        ),
    ] = "",
    filter: Annotated[
        str | None, Query(description="Such as metrics.accuracy >= 0.9 AND tags.team = 'fraud'.")
    ] = None,
    order_by: Annotated[
        str | None, Query(description="Such as metrics.accuracy desc, name; else newest first.")
    ] = None,
    namespace: Annotated[
        list[str] | None,
        Query(
            description="Where to search, else wherever you may read; may repeat.", max_length=100
        ),
    ] = None,
    facets: Annotated[
        str | None, Query(description="Fields whose values to count, such as state,tags.team.")
    ] = None,
) -> Question:
    """What the query string asks. Raises `Invalid`."""
    return Question(
        words=q,
        filter=parse_filter(filter),
        orders=parse_order(order_by),
        namespaces=namespace or (),
        facets=parse_paths(facets),
        shown=shown,
    )


Asked = Annotated[Question, Depends(question)]


@router.get("/models", openapi_extra=answers((200, "RegisteredModelSearch")))
def search_models(
    registry: CurrentRegistry, caller: CurrentCaller, asked: Asked, wanted: CurrentPage
) -> Response:
    """Models in all namespaces that you may read, newest first unless ordered otherwise."""
    return _answer(registry.search.models(caller, asked, wanted), registered_model)


@router.get("/versions", openapi_extra=answers((200, "ModelVersionSearch")))
def search_versions(
    registry: CurrentRegistry, caller: CurrentCaller, asked: Asked, wanted: CurrentPage
) -> Response:
    """Versions in all namespaces that you may read, newest first unless ordered otherwise."""
    return _answer(registry.search.versions(caller, asked, wanted), model_version)


@router.get("/artifacts", openapi_extra=answers((200, "ArtifactSearch")))
def search_artifacts(
    registry: CurrentRegistry, caller: CurrentCaller, asked: Asked, wanted: CurrentPage
) -> Response:
    """Artifacts in all namespaces that you may read, newest first unless ordered otherwise."""
    return _answer(registry.search.artifacts(caller, asked, wanted), artifact)


def _answer(found: Found[Any], shape: Callable[[Any], Mapping[str, Any]]) -> Response:
    return answer({**page_body(found.page, shape), "facets": [facet(one) for one in found.facets]})


@router.get("/experiments", openapi_extra=answers((200, "ExperimentSearch")))
def search_experiments(
    registry: CurrentRegistry, caller: CurrentCaller, asked: Asked, wanted: CurrentPage
) -> Response:
    """Experiments in all namespaces that you may read, newest first unless ordered otherwise."""
    return _answer(registry.search.experiments(caller, asked, wanted), experiment)


@router.get("/logged-models", openapi_extra=answers((200, "LoggedModelSearch")))
def search_logged_models(
    registry: CurrentRegistry, caller: CurrentCaller, asked: Asked, wanted: CurrentPage
) -> Response:
    """Logged models in all namespaces that you may read, newest first unless ordered
    otherwise."""
    return _answer(registry.search.logged_models(caller, asked, wanted), logged_model)


@router.get("/runs", openapi_extra=answers((200, "RunSearch")))
def search_runs(
    registry: CurrentRegistry, caller: CurrentCaller, asked: Asked, wanted: CurrentPage
) -> Response:
    """Runs in all namespaces that you may read, newest first unless ordered otherwise."""
    return _answer(registry.search.runs(caller, asked, wanted), run)
