"""Use cases on evaluations: register one of a version, and read them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from core.domain.access import Action, Caller
from core.domain.evaluations import (
    MAX_AT_ONCE,
    Evaluation,
    EvaluationReport,
    evaluate,
    last_evaluation_id,
)
from core.domain.moments import check_moment
from core.domain.pages import Page, PageRequest
from core.domain.subjects import event_of
from core.domain.versions import ModelVersion, VersionReference
from core.errors import NotFound, TooLarge
from core.ports import Clock, Database, Stores
from core.services.claims import created_before, remember
from core.services.lookups import model_of, version_of
from core.services.moments import model_at, version_at


@dataclass(frozen=True, slots=True)
class RegisteredEvaluation:
    """An evaluation, its whole report, and whether this call registered it."""

    evaluation: Evaluation
    report: EvaluationReport
    is_new: bool = False


@dataclass(frozen=True, slots=True)
class Evaluations:
    """Evaluations of versions: registered once, never changed, never removed on their own."""

    database: Database
    clock: Clock

    def register(
        self,
        caller: Caller,
        namespace: str,
        model: str,
        reference: VersionReference,
        document: Mapping[str, Any],
        *,
        reason: str = "",
    ) -> RegisteredEvaluation:
        """Keep a report as an evaluation of the version; the same report is kept once.

        Raises `NotFound`, `Forbidden`, `Invalid`, `TooLarge`, and `Conflict` for a report of
        other files than the version's.
        """
        caller.require(Action.EVALUATION_REGISTER, namespace, model=model)
        at = self.clock.now()

        def work(stores: Stores) -> RegisteredEvaluation:
            if before := created_before(stores, caller, Evaluation, at):
                report = EvaluationReport(id=before.id, document=document)
                return RegisteredEvaluation(before, report, is_new=True)
            version = version_of(stores, namespace, model, reference)
            done = record_evaluation(stores, caller, version, document, at, reason)
            if done.is_new:
                remember(stores, caller, done.evaluation, at)
            return done

        return self.database.transaction(work)

    def page(
        self,
        caller: Caller,
        namespace: str,
        model: str,
        request: PageRequest,
        *,
        reference: VersionReference | None = None,
        dataset: str | None = None,
        as_of: datetime | None = None,
    ) -> Page[Evaluation]:
        """The evaluations of a model, newest first: of one version, or on one data set if that is
        named; those registered up to a moment if one is given. Raises `NotFound`, `Invalid`."""
        caller.require(Action.MODEL_READ, namespace, model=model)
        number = self._number(namespace, model, reference, as_of)
        query = ("evaluations", namespace, model, str(number), str(dataset), str(as_of or ""))
        before = request.after(*query)
        if before is None and as_of is not None:
            before = last_evaluation_id(as_of)
        rows = self.database.evaluations.page(
            namespace, model, number=number, dataset=dataset, before=before, limit=request.size + 1
        )
        return request.page(rows, lambda evaluation: evaluation.id, *query)

    def get(
        self,
        caller: Caller,
        namespace: str,
        model: str,
        reference: VersionReference,
        evaluation_id: str,
        *,
        as_of: datetime | None = None,
    ) -> RegisteredEvaluation:
        """An evaluation of the version, with its whole report. Raises `NotFound`, `Invalid`."""
        caller.require(Action.MODEL_READ, namespace, model=model)
        number = self._number(namespace, model, reference, as_of)
        place = (namespace, model, number or 0, evaluation_id)
        found = self.database.evaluations.get(*place)
        report = None if found is None else self.database.evaluations.report(found.id)
        if found is None or report is None or (as_of is not None and found.created_at > as_of):
            raise NotFound(
                f"Version {number} of {model!r} has no evaluation {evaluation_id[:80]!a}.",
                next_step="List its evaluations to see their ids.",
            )
        return RegisteredEvaluation(found, report)

    def _number(
        self,
        namespace: str,
        model: str,
        reference: VersionReference | None,
        as_of: datetime | None,
    ) -> int | None:
        """The number of the version, if one is named; at least the model is there."""
        check_moment(as_of, self.clock.now())
        if reference is None:
            if as_of is None:
                model_of(self.database, namespace, model)
            else:
                model_at(self.database, namespace, model, as_of)
            return None
        if as_of is None:
            return version_of(self.database, namespace, model, reference).number
        return version_at(self.database, namespace, model, reference, as_of).number


def record_evaluation(
    stores: Stores,
    caller: Caller,
    version: ModelVersion,
    document: Mapping[str, Any],
    at: datetime,
    reason: str = "",
) -> RegisteredEvaluation:
    """A step of a transaction: keep the report, with its event, unless the version has it.

    Raises as `core.domain.evaluations.evaluate` does.
    """
    evaluation, report = evaluate(version, document, at=at, by=caller.principal.name)
    place = (version.namespace, version.model, version.number)
    if known := stores.evaluations.same(*place, evaluation.digest):
        return RegisteredEvaluation(known, report)
    stores.evaluations.insert(evaluation, report)
    stores.events.add(
        event_of(caller, "evaluation.registered", at=at, after=evaluation, reason=reason)
    )
    return RegisteredEvaluation(evaluation, report, is_new=True)


def check_count(documents: Sequence[Mapping[str, Any]]) -> None:
    """Raise `TooLarge` for more reports than may come along with a version."""
    if len(documents) > MAX_AT_ONCE:
        raise TooLarge(
            f"{len(documents)} evaluations came along; at most {MAX_AT_ONCE} may.",
            next_step="Register the version, then each evaluation of it.",
        )
