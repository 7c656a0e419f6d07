"""Lifecycles as documents: their key is the namespace."""

from core.adapters.mongo.documents import Documents
from core.domain.lifecycles import Lifecycle


class MongoLifecycles:
    """See `core.ports.LifecycleStore`."""

    def __init__(self, documents: Documents[Lifecycle]) -> None:
        self._documents = documents

    def get(self, namespace: str) -> Lifecycle | None:
        return self._documents.one({"_id": namespace})

    def put(self, lifecycle: Lifecycle) -> None:
        self._documents.put(lifecycle.namespace, lifecycle)
