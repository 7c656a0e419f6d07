"""Publishers as documents: their key holds namespace and name, their anchor finds them."""

from collections.abc import Sequence

from core.adapters.mongo.documents import Documents
from core.adapters.mongo.keyset import ASCENDING, after_key
from core.domain.publishers import Publisher
from core.domain.subjects import publisher_subject

MAX_ANCHORED = 100


class MongoPublishers:
    """See `core.ports.PublisherStore`."""

    def __init__(self, documents: Documents[Publisher]) -> None:
        self._documents = documents

    def get(self, namespace: str, name: str) -> Publisher | None:
        return self._documents.one({"_id": _key(namespace, name)})

    def page(self, namespace: str, *, after: str | None, limit: int) -> Sequence[Publisher]:
        filter = {"namespace": namespace, **after_key("name", after)}
        return self._documents.many(filter, [("name", ASCENDING)], limit)

    def anchored(self, anchor: str) -> Sequence[Publisher]:
        return self._documents.many({"anchor": anchor}, [("_id", ASCENDING)], MAX_ANCHORED)

    def put(self, publisher: Publisher) -> None:
        key = _key(publisher.namespace, publisher.name)
        self._documents.put(key, publisher, anchor=publisher.anchor)

    def remove(self, namespace: str, name: str) -> None:
        self._documents.remove(_key(namespace, name), publisher_subject(namespace, name))


def _key(namespace: str, name: str) -> str:
    return f"{namespace} {name}"
