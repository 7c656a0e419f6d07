"""What every resource can be filtered by, and finding one of them."""

from collections.abc import Sequence
from typing import Annotated, TypeVar

from fastapi import Query

from core.domain.search import Comparison, Operator, Path, Tree
from core.errors import NotFound
from handlers.api.kubeflow.filters import Known, epoch, identity

T = TypeVar("T")

COMMON = {
    "id": Known(Path("id"), identity),
    "name": Known(Path("name")),
    "externalId": Known(Path("external_id")),
    "description": Known(Path("description")),
    "createTimeSinceEpoch": Known(Path("created_at"), epoch),
    "lastUpdateTimeSinceEpoch": Known(Path("updated_at"), epoch),
}
"""The well-known properties of everything."""

ExternalId = Annotated[str | None, Query(alias="externalId")]
ParentId = Annotated[str | None, Query(alias="parentResourceId")]


def being(field: str, value: str | int) -> Tree:
    """The condition that a field has this value."""
    return Comparison(Path(field), Operator.EQUAL, value)


def the_one(found: Sequence[T], noun: str, called: str | None) -> T:
    """The first that was found. Raises `NotFound` if nothing was."""
    if not found:
        raise NotFound(f"There is no {noun} called {called!r:.80}.")
    return found[0]
