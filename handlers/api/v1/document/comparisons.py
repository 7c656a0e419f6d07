"""Answers about versions side by side."""

from datetime import datetime
from typing import Any, Literal

from handlers.api.v1.document.common import Answer


class ComparedVersion(Answer):
    """One of the versions that were compared."""

    namespace: str
    model: str
    number: int
    version: str | None
    state: Literal["pending", "ready", "abandoned"]
    aliases: list[str]
    digest: str | None
    created_at: datetime


class Cell(Answer):
    """A version's value; for a metric also the gain on the first one, and its share of that."""

    value: Any
    delta: float | None
    relative: float | None


class Row(Answer):
    """One thing compared, a cell for each version; null where a version does not have it."""

    section: str
    name: str
    direction: Literal["higher", "lower"] | None
    best: list[int]
    cells: list[Cell | None]


class Comparison(Answer):
    """Versions side by side."""

    versions: list[ComparedVersion]
    rows: list[Row]
