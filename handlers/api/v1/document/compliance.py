"""Answers about what rules ask of a version."""

from typing import Literal

from handlers.api.v1.document.common import Answer


class Finding(Answer):
    """One requirement: the places where something was found, and those that lack."""

    id: str
    title: str
    law: str
    status: Literal["present", "partial", "missing", "not-applicable"]
    found: list[str]
    lacking: list[str]
    why: str
    next_step: str


class Chapter(Answer):
    """One rule set; `why` says why it does not apply, if it does not."""

    id: str
    title: str
    applies: bool
    why: str
    findings: list[Finding]


class Counts(Answer):
    """How many requirements are in which state."""

    present: int
    partial: int
    missing: int
    not_applicable: int


class ComplianceReport(Answer):
    """What a version's documentation lacks."""

    namespace: str
    model: str
    number: int
    version: str | None
    digest: str | None
    risk_class: Literal["prohibited", "high", "limited", "minimal", "gpai"] | None
    counts: Counts
    rule_sets: list[Chapter]
