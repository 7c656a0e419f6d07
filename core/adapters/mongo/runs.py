"""Runs as documents; their metric points are elsewhere, so that they stay small."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from core.adapters.mongo.documents import Documents
from core.adapters.mongo.escaping import escape_key
from core.adapters.mongo.external import joined
from core.adapters.mongo.keyset import ASCENDING, before_key
from core.adapters.mongo.numbered import MongoNumbered
from core.adapters.mongo.retention import BACK, OUT
from core.domain.runs import RUN_FIELDS, Run


class MongoRuns(MongoNumbered[Run]):
    """See `core.ports.RunStore`."""

    def __init__(self, documents: Documents[Run]) -> None:
        super().__init__(documents, RUN_FIELDS, _called)

    def named(self, namespace: str, experiment_id: int, name: str) -> Run | None:
        filter = {"experiment_id": experiment_id, "name": name}
        found = self._documents.one(filter, [("_id", ASCENDING)])
        return found if found is not None and found.namespace == namespace else None

    def note(self, run: Run, keys: Sequence[str]) -> bool:
        fields: dict[str, Any] = {"logged": run.logged}
        for key in keys:
            fields[f"metrics.{escape_key(key)}"] = run.metrics[key]
            fields[f"latest.{escape_key(key)}"] = run.latest[key]
        return self._documents.update({"_id": run.id, "logged": run.logged - 1}, fields)

    def withdraw(self, experiment_id: int) -> None:
        self._documents.derive_all({"experiment_id": experiment_id}, OUT)

    def readmit(self, experiment_id: int) -> None:
        self._documents.derive_all({"experiment_id": experiment_id}, BACK)

    def due(self, at: datetime, limit: int) -> Sequence[Run]:
        filter = {"purges": True, **before_key("purge_at", at)}
        return self._documents.many(filter, [("purge_at", ASCENDING)], limit)


def _called(run: Run) -> dict[str, Any]:
    """`called_key`, if the run has its name for itself."""
    if not run.has_unique_name:
        return {}
    return {"called_key": joined(str(run.experiment_id), run.name)}
