"""Logged models as documents."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from core.adapters.mongo.documents import Documents
from core.adapters.mongo.escaping import escape_key
from core.adapters.mongo.keyset import ASCENDING, before_key
from core.adapters.mongo.numbered import MongoNumbered
from core.adapters.mongo.retention import BACK, OUT
from core.domain.logged_models import LOGGED_MODEL_FIELDS, LoggedModel


class MongoLoggedModels(MongoNumbered[LoggedModel]):
    """See `core.ports.LoggedModelStore`."""

    def __init__(self, documents: Documents[LoggedModel]) -> None:
        super().__init__(documents, LOGGED_MODEL_FIELDS)

    def note(self, model: LoggedModel, places: Sequence[str]) -> bool:
        fields: dict[str, Any] = {"logged": model.logged}
        for place in places:
            fields[f"metrics.{escape_key(place)}"] = model.metrics[place]
            fields[f"measured.{escape_key(place)}"] = model.measured[place]
        return self._documents.update({"_id": model.id, "logged": model.logged - 1}, fields)

    def withdraw(self, experiment_id: int) -> None:
        self._documents.derive_all({"experiment_id": experiment_id}, OUT)

    def readmit(self, experiment_id: int) -> None:
        self._documents.derive_all({"experiment_id": experiment_id}, BACK)

    def due(self, at: datetime, limit: int) -> Sequence[LoggedModel]:
        filter = {"purges": True, **before_key("purge_at", at)}
        return self._documents.many(filter, [("purge_at", ASCENDING)], limit)
