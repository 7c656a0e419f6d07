"""Experiments as documents."""

from collections.abc import Sequence
from datetime import datetime

from core.adapters.mongo.documents import Documents
from core.adapters.mongo.keyset import ASCENDING, before_key
from core.adapters.mongo.numbered import MongoNumbered
from core.domain.experiments import EXPERIMENT_FIELDS, Experiment


class MongoExperiments(MongoNumbered[Experiment]):
    """See `core.ports.ExperimentStore`."""

    def __init__(self, documents: Documents[Experiment]) -> None:
        super().__init__(documents, EXPERIMENT_FIELDS)

    def named(self, namespace: str, name: str) -> Experiment | None:
        return self._documents.one({"namespace": namespace, "name": name})

    def due(self, at: datetime, limit: int) -> Sequence[Experiment]:
        filter = {"purges": True, **before_key("purge_at", at)}
        return self._documents.many(filter, [("purge_at", ASCENDING)], limit)
