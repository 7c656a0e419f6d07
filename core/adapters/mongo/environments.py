"""Environments as documents."""

from core.adapters.mongo.documents import Documents
from core.adapters.mongo.numbered import MongoNumbered
from core.domain.environments import ENVIRONMENT_FIELDS, Environment


class MongoEnvironments(MongoNumbered[Environment]):
    """See `core.ports.EnvironmentStore`."""

    def __init__(self, documents: Documents[Environment]) -> None:
        super().__init__(documents, ENVIRONMENT_FIELDS)

    def named(self, namespace: str, name: str) -> Environment | None:
        return self._documents.one({"namespace": namespace, "name": name})
