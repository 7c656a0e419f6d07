"""Answers about lifecycles and stages."""

from datetime import datetime
from typing import Any, Literal

from pydantic import Field

from handlers.api.v1.document.common import Answer


class Stage(Answer):
    """Where a version stands."""

    name: str
    description: str
    holds: Literal["one", "many"]
    alias: str | None
    displaced_to: str | None
    protected: bool
    retired: bool


class Standing(Stage):
    """A stage of a model, and the number of the version that it holds if it holds one."""

    version: int | None


class Transition(Answer):
    """A way from one stage to another, and the gates on it."""

    from_stage: str = Field(alias="from")
    to_stage: str = Field(alias="to")
    back: bool
    gates: list[dict[str, Any]]
    rollback_gates: list[dict[str, Any]]


class Lifecycle(Answer):
    """The stages of a namespace, and the ways between them. Revision 0 is the default one."""

    namespace: str
    stages: list[Stage]
    transitions: list[Transition]
    protected_aliases: list[str]
    created_at: datetime
    created_by: str
    updated_at: datetime
    updated_by: str
    revision: int
