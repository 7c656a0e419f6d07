"""Operations on evaluations: what versions achieved, as the registry keeps it."""

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from modelry.evaluation.reports import EvaluationReport, read_report, report_of
from modelry.moments import moment
from modelry.records import Record
from modelry.references import Reference
from modelry.session import Session, given

Reported = EvaluationReport | Mapping[str, Any] | str | os.PathLike[str]
"""A report, its JSON object, or the file that holds it."""


@dataclass(frozen=True, repr=False)
class Evaluation(Record):
    """What a version achieved on a data set. `report` is all of it, where one was asked for."""

    id: str = ""
    namespace: str = ""
    model: str = ""
    number: int = 0
    task: str = ""
    dataset: Mapping[str, Any] = field(default_factory=dict)
    metrics: Mapping[str, float] = field(default_factory=dict)
    evaluator: Mapping[str, Any] = field(default_factory=dict)
    evaluated_at: datetime | None = None
    digest: str = ""
    created_at: datetime | None = None
    created_by: str = ""
    report: Mapping[str, Any] | None = None

    def _shown(self) -> str:
        return f"{self.namespace}/{self.model}:{self.number} on {self.dataset.get('name')}"


class Evaluations(Session):
    """Evaluations of versions; once registered they stay."""

    def evaluations(
        self,
        reference: str | Reference,
        *,
        dataset: str | None = None,
        namespace: str | None = None,
        as_of: datetime | str | None = None,
    ) -> Iterator[Evaluation]:
        """The evaluations of a version, newest first; of all versions if a model is named, on
        one data set if that is said. They come without their reports."""
        place = self.resolve(reference, namespace)
        if place.version is None:
            path = f"{place.model_path()}/evaluations"
            found = self.transport.items(path, **given(dataset=dataset, as_of=moment(as_of)))
            return map(Evaluation.read, found)
        path = f"{place.version_path()}/evaluations"
        every = map(Evaluation.read, self.transport.items(path, **given(as_of=moment(as_of))))
        return (each for each in every if dataset in {None, each.dataset.get("name")})

    def evaluation(
        self,
        reference: str | Reference,
        evaluation_id: str,
        *,
        namespace: str | None = None,
    ) -> Evaluation:
        """One evaluation of a version, with its report. Raises `NotFound`."""
        path = self.resolve(reference, namespace).version_path()
        return Evaluation.read(self.transport.get(f"{path}/evaluations/{evaluation_id}").document)

    def register_evaluation(
        self,
        reference: str | Reference,
        report: Reported,
        *,
        namespace: str | None = None,
        reason: str | None = None,
    ) -> Evaluation:
        """Register a report as an evaluation of a version; the same report is registered once.

        Raises `Invalid` for what is no report, `Conflict` for one of other files.
        """
        path = self.resolve(reference, namespace).version_path()
        answer = self.create(f"{path}/evaluations", document_of(report), query={"reason": reason})
        return Evaluation.read(answer.document)


def document_of(report: Reported) -> Mapping[str, Any]:
    """The JSON object of a report. Raises `Invalid`."""
    if isinstance(report, EvaluationReport):
        return report.document
    if isinstance(report, Mapping):
        return report_of(report).document
    return read_report(report).document


def documents_of(reports: Reported | Sequence[Reported] | None) -> list[Mapping[str, Any]] | None:
    """The same for one or several; None for none."""
    if reports is None:
        return None
    if isinstance(reports, Sequence) and not isinstance(reports, str):
        return [document_of(each) for each in reports]
    return [document_of(reports)]
