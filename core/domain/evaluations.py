"""Evaluations: what a version achieved on a data set. Registered once, never changed.

An evaluation is the short part, which lists, comparisons and gates read; the whole report lies
beside it and is pinned by the digest.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from core.domain.documents import check_document
from core.domain.events import last_event_id
from core.domain.moments import parse_moment, shown
from core.domain.names import check_text
from core.domain.reports import canonical, check_report, report_digest
from core.domain.versions import ModelVersion, VersionState
from core.errors import Conflict, Invalid

MAX_AT_ONCE = 10
"""How many evaluations may come along with a version."""

AHEAD = timedelta(minutes=5)
"""How far the clock of whoever evaluated may be ahead of the registry's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Dataset:
    """What a version was evaluated on. Comparisons and gates go by `name`; `digest` pins it."""

    name: str
    version: str | None = None
    digest: str | None = None
    uri: str | None = None
    size_bytes: int | None = None
    rows: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluation:
    """`metrics` of the version `number` of a model on a data set, found by an evaluator.

    `id` is opaque and sorts by time of registration. `digest` is over the whole report, so the
    same report is the same evaluation. `model_digest` says which files were evaluated, as far as
    the report does; it is the version's own. `evaluated_at` is what the report says, and never
    after `created_at`.
    """

    id: str
    namespace: str
    model: str
    number: int
    dataset: Dataset
    metrics: Mapping[str, float | int] = field(default_factory=dict)
    task: str = "other"
    evaluator: str
    evaluator_version: str | None = None
    model_digest: str | None = None
    evaluated_at: datetime
    duration_seconds: float | None = None
    digest: str
    size_bytes: int
    created_at: datetime
    created_by: str
    revision: int = 1

    def __post_init__(self) -> None:
        check_text("name of the data set", self.dataset.name, max_characters=255)
        check_document("metrics", self.metrics)
        for name, value in self.metrics.items():
            if isinstance(value, bool) or not isinstance(value, int | float):
                raise Invalid(f"The metric {name!r} is no number.", next_step="Send numbers.")


@dataclass(frozen=True, slots=True, kw_only=True)
class EvaluationReport:
    """The whole report of the evaluation `id`."""

    id: str
    document: Mapping[str, Any]


def evaluate(
    version: ModelVersion, report: Any, *, at: datetime, by: str
) -> tuple[Evaluation, EvaluationReport]:
    """The evaluation of this version that the report is.

    Raises `Invalid` for a report that is none, `TooLarge`, and `Conflict` for one of other files
    than the version's or of a version that was given up.
    """
    check_report(report)
    model_digest = (report.get("model") or {}).get("digest")
    _check_is_of(version, model_digest)
    content = canonical(report)
    digest = report_digest(content)
    evaluation_id = _id(version, digest, at)
    evaluation = Evaluation(
        id=evaluation_id,
        namespace=version.namespace,
        model=version.model,
        number=version.number,
        dataset=_dataset(report["dataset"]),
        metrics=report["metrics"],
        task=report.get("task") or "other",
        evaluator=report["evaluator"]["name"],
        evaluator_version=report["evaluator"].get("version"),
        model_digest=model_digest,
        evaluated_at=_evaluated_at(report["evaluated_at"], at),
        duration_seconds=report.get("duration_seconds"),
        digest=digest,
        size_bytes=len(content),
        created_at=at,
        created_by=by,
    )
    return evaluation, EvaluationReport(id=evaluation_id, document=report)


def last_evaluation_id(at: datetime) -> str:
    """What every id of an evaluation registered up to and including this moment is less than."""
    return f"{_milliseconds(at)}g"  # after every hex digit


def _check_is_of(version: ModelVersion, model_digest: str | None) -> None:
    if version.state is VersionState.ABANDONED:
        raise Conflict(
            f"Version {version.number} of {version.model!r} is abandoned: there is nothing to"
            " evaluate.",
            next_step="Push again, then register the evaluation of what you pushed.",
        )
    if model_digest not in {None, version.digest}:
        raise Conflict(
            f"The report is of other files than those of version {version.number} of"
            f" {version.model!r}: it says {model_digest}, the version is {version.digest}.",
            next_step="Evaluate the files of this version, or name the version that was evaluated.",
        )


def _id(version: ModelVersion, digest: str, at: datetime) -> str:
    place = f"{version.namespace}/{version.model}/{version.number} {digest}"
    return _milliseconds(at) + hashlib.sha256(place.encode()).hexdigest()[:16]


def _milliseconds(at: datetime) -> str:
    return last_event_id(at)[:12]


def _dataset(said: Mapping[str, Any]) -> Dataset:
    names = ("version", "digest", "uri", "size_bytes", "rows")
    more: dict[str, Any] = {name: said.get(name) for name in names}
    return Dataset(name=said["name"], **more)


def _evaluated_at(said: str, now: datetime) -> datetime:
    at = parse_moment(said)
    if at > now + AHEAD:
        raise Invalid(
            f"The report says it was made at {shown(at)}, which is yet to come: here it is"
            f" {shown(now)}.",
            next_step="Set the clock of the machine that evaluates, and evaluate again.",
            problems=[("report.evaluated_at", "is yet to come")],
        )
    return min(at, now)
