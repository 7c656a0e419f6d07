"""Answers about the past of an object."""

from datetime import datetime
from typing import Any

from handlers.api.v1.document.common import Answer


class FieldChange(Answer):
    """A field, by JSON Pointer, before and after."""

    field: str
    before: Any
    after: Any


class Change(Answer):
    """A change of an object: when, by whom, why, and what."""

    id: str
    at: datetime
    action: str
    actor: str
    reason: str
    revision: int
    changes: list[FieldChange]


class Diff(Answer):
    """What is different between two times."""

    changes: list[FieldChange]
