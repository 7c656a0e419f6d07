"""Evaluations as documents, short ones, and their reports as others: what reads many evaluations
does not read curves, and no projection is asked for."""

from collections.abc import Collection, Sequence
from typing import Any

from core.adapters.mongo.documents import Documents
from core.adapters.mongo.keyset import DESCENDING, before_key
from core.domain.evaluations import Evaluation, EvaluationReport
from core.domain.subjects import subject_of
from core.ports.evaluations import MAX_STANDING

_NEWEST_FIRST = [("id", DESCENDING)]


class MongoEvaluations:
    """See `core.ports.EvaluationStore`.

    `standing`, a derived field, is true for the last one of a version on a data set.
    """

    def __init__(
        self, documents: Documents[Evaluation], reports: Documents[EvaluationReport]
    ) -> None:
        self._documents = documents
        self._reports = reports

    def get(self, namespace: str, model: str, number: int, evaluation_id: str) -> Evaluation | None:
        return self._documents.one({**_place(namespace, model, number), "id": evaluation_id})

    def report(self, evaluation_id: str) -> EvaluationReport | None:
        return self._reports.one({"_id": evaluation_id})

    def same(self, namespace: str, model: str, number: int, digest: str) -> Evaluation | None:
        return self._documents.one({**_place(namespace, model, number), "digest": digest})

    def of(self, namespace: str, model: str, numbers: Collection[int]) -> Sequence[Evaluation]:
        if not numbers:
            return []
        among = {"namespace": namespace, "model": model, "standing": True}
        filter = {**among, "number": {"$in": sorted(set(numbers))}}
        return self._documents.many(filter, [("_id", DESCENDING)], MAX_STANDING)

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
        filter: dict[str, Any] = {"namespace": namespace, "model": model}
        if number is not None:
            filter["number"] = number
        if dataset is not None:
            filter["dataset_name"] = dataset
        return self._documents.many({**filter, **before_key("id", before)}, _NEWEST_FIRST, limit)

    def remove(self, evaluation: Evaluation) -> None:
        self._documents.remove(evaluation.id, subject_of(evaluation))
        self._reports.remove_all([evaluation.id])

    def rename_model(self, namespace: str, model: str, name: str) -> None:
        self._documents.derive_all({"namespace": namespace, "model": model}, {"model": name})

    def insert(self, evaluation: Evaluation, report: EvaluationReport) -> None:
        place = _place(evaluation.namespace, evaluation.model, evaluation.number)
        name = evaluation.dataset.name
        self._documents.derive_all(
            {**place, "standing": True, "dataset_name": name}, {"standing": False}
        )
        self._documents.insert(
            evaluation.id, evaluation, "evaluation", dataset_name=name, standing=True
        )
        self._reports.put_untold(report.id, report)


def _place(namespace: str, model: str, number: int) -> dict[str, Any]:
    return {"namespace": namespace, "model": model, "number": number}
