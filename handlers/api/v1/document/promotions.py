"""Answers about promotions and rollbacks."""

from pydantic import Field

from handlers.api.v1.document.common import Answer
from handlers.api.v1.document.versions import ModelVersion


class Verdict(Answer):
    """What came of one gate."""

    rule: str
    requirement: str
    passed: bool
    why: str


class Crossing(Answer):
    """What came of asking to bring a version to a stage. `moved`: it was elsewhere before."""

    moved: bool
    open: bool
    from_stage: str = Field(alias="from")
    to_stage: str = Field(alias="to")
    displaced: int | None
    digest: str | None
    verdicts: list[Verdict]
    version: ModelVersion
