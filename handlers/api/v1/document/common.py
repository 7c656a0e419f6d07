"""What answers of every noun are made of."""

from datetime import datetime
from typing import Any, Generic, TypeVar

from pydantic import BaseModel, ConfigDict

T = TypeVar("T")


class Answer(BaseModel):
    """An answer: every field is always there."""

    model_config = ConfigDict(extra="forbid", json_schema_serialization_defaults_required=True)


class ProblemPlace(Answer):
    """One of several things wrong."""

    place: str
    message: str


class Problem(BaseModel):
    """Problem details (RFC 9457); `problems` is there if several places are wrong."""

    model_config = ConfigDict(extra="forbid")

    type: str
    title: str
    status: int
    detail: str
    next_step: str
    request_id: str
    problems: list[ProblemPlace] = []


class Described(Answer):
    """The fields every object has."""

    description: str
    tags: dict[str, str]
    metadata: dict[str, Any]
    custom_properties: dict[str, Any]
    external_id: str | None
    owner: str | None
    created_at: datetime
    created_by: str
    updated_at: datetime
    updated_by: str
    revision: int


class Page(Answer, Generic[T]):
    """Some of a list, and the token for the rest."""

    items: list[T]
    next_page_token: str | None


class Count(Answer):
    """A value, and how many of what was found have it."""

    value: str | bool | int | float
    count: int


class Facet(Answer):
    """The commonest values of a field among what was found; `more` if there are others."""

    field: str
    values: list[Count]
    more: bool


class Found(Page[T], Generic[T]):
    """Some of what was found; on the first page with the facets that were asked for."""

    facets: list[Facet]
