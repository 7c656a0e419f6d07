"""Evaluations in memory, in the order in which they were registered."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace

from core.adapters.memory.tables import MemoryStore, insert
from core.domain.evaluations import Evaluation, EvaluationReport
from core.domain.subjects import subject_of
from core.errors import Taken
from core.ports.evaluations import MAX_STANDING


class MemoryEvaluations(MemoryStore):
    """See `core.ports.EvaluationStore`."""

    def get(self, namespace: str, model: str, number: int, evaluation_id: str) -> Evaluation | None:
        with self.use(False) as tables:
            found = tables.evaluations.get(evaluation_id)
            return found if found and _place(found) == (namespace, model, number) else None

    def report(self, evaluation_id: str) -> EvaluationReport | None:
        with self.use(False) as tables:
            return tables.reports.get(evaluation_id)

    def same(self, namespace: str, model: str, number: int, digest: str) -> Evaluation | None:
        with self.use(False) as tables:
            place = (namespace, model, number)
            found = (
                each
                for each in tables.evaluations.values()
                if _place(each) == place and each.digest == digest
            )
            return next(found, None)

    def of(self, namespace: str, model: str, numbers: Collection[int]) -> Sequence[Evaluation]:
        places = {(namespace, model, number) for number in numbers}
        with self.use(False) as tables:
            standing = {
                (each.number, each.dataset.name): each
                for each in tables.evaluations.values()
                if _place(each) in places
            }
            return _newest_first(standing.values())[:MAX_STANDING]

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
        with self.use(False) as tables:
            return _newest_first(
                each
                for each in tables.evaluations.values()
                if (each.namespace, each.model) == (namespace, model)
                and number in {None, each.number}
                and dataset in {None, each.dataset.name}
                and (before is None or each.id < before)
            )[:limit]

    def remove(self, evaluation: Evaluation) -> None:
        with self.use(True) as tables:
            if tables.evaluations.pop(evaluation.id, None) is not None:
                tables.ledger.removed(subject_of(evaluation))
            tables.reports.pop(evaluation.id, None)

    def rename_model(self, namespace: str, model: str, name: str) -> None:
        with self.use(True) as tables:
            for key, each in tables.evaluations.items():
                if (each.namespace, each.model) == (namespace, model):
                    tables.evaluations[key] = replace(each, model=name)

    def insert(self, evaluation: Evaluation, report: EvaluationReport) -> None:
        what = "evaluation"
        with self.use(True) as tables:
            if self.same(*_place(evaluation), evaluation.digest) is not None:
                raise Taken(f"The {what} is taken.", next_step="Use the one that exists.")
            insert(tables.evaluations, evaluation.id, evaluation, what)
            tables.reports[report.id] = report
            tables.ledger.changed(evaluation)


def _place(evaluation: Evaluation) -> tuple[str, str, int]:
    return (evaluation.namespace, evaluation.model, evaluation.number)


def _newest_first(evaluations: Iterable[Evaluation]) -> list[Evaluation]:
    return sorted(evaluations, key=lambda each: each.id, reverse=True)
