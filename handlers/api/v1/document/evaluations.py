"""Answers about evaluations."""

from datetime import datetime
from typing import Any, Literal

from handlers.api.v1.document.common import Answer


class EvaluatedDataset(Answer):
    """What a version was evaluated on."""

    name: str
    version: str | None
    digest: str | None
    uri: str | None
    size_bytes: int | None
    rows: int | None


class Evaluator(Answer):
    """What evaluated."""

    name: str
    version: str | None


class Evaluation(Answer):
    """What a version achieved on a data set; `digest` pins the report that says more."""

    id: str
    namespace: str
    model: str
    number: int
    task: Literal["classification", "regression", "other"]
    dataset: EvaluatedDataset
    metrics: dict[str, float | int]
    evaluator: Evaluator
    model_digest: str | None
    evaluated_at: datetime
    duration_seconds: float | int | None
    digest: str
    size_bytes: int
    created_at: datetime
    created_by: str
    revision: int


class ReportedEvaluation(Evaluation):
    """An evaluation with its whole report, as it was sent."""

    report: dict[str, Any]
