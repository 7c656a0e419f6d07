"""Evaluations in the database."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from core.domain.evaluations import Evaluation, EvaluationReport


MAX_STANDING = 500
"""How many evaluations `of` gives at most."""


class EvaluationStore(Protocol):
    """Evaluations by version and id, the newest first. Their reports lie apart, so that what
    reads many evaluations reads little."""

    def get(
        self, namespace: str, model: str, number: int, evaluation_id: str
    ) -> Evaluation | None: ...

    def report(self, evaluation_id: str) -> EvaluationReport | None:
        """The whole report."""
        ...

    def same(self, namespace: str, model: str, number: int, digest: str) -> Evaluation | None:
        """The evaluation of the version that is this very report."""
        ...

    def of(self, namespace: str, model: str, numbers: Collection[int]) -> Sequence[Evaluation]:
        """What stands of these versions of a model, newest first: of each version the one that
        was registered last on each data set (by name). One query; 500 at most."""
        ...

    def page(
        self,
        namespace: str,
        model: str,
        *,
        number: int | None = None,
        dataset: str | None = None,
        before: str | None,
        limit: int,
    ) -> Sequence[Evaluation]:
        """By id, descending: all of a model, or those of one version, or on one data set."""
        ...

    def remove(self, evaluation: Evaluation) -> None:
        """Take it away with its report, when its version is purged."""
        ...

    def rename_model(self, namespace: str, model: str, name: str) -> None:
        """Let all that are of the model be of it under its new name, without events of their
        own. They are as they were."""
        ...

    def insert(self, evaluation: Evaluation, report: EvaluationReport) -> None:
        """Raise `Taken` if the version has this very report already."""
        ...
