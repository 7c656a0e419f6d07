"""Namespaces as documents: their name is their key."""

from collections.abc import Collection, Mapping, Sequence
from secrets import token_hex
from typing import Any

from core.adapters.mongo.documents import Documents
from core.adapters.mongo.keyset import ASCENDING, after_key
from core.domain.namespaces import Namespace, lifecycle_is_stale


class MongoNamespaces:
    """See `core.ports.NamespaceStore`."""

    def __init__(self, documents: Documents[Namespace]) -> None:
        self._documents = documents

    def get(self, name: str) -> Namespace | None:
        return self._documents.one({"_id": name})

    def page(
        self,
        *,
        among: Collection[str] | None,
        after: str | None,
        limit: int,
        without: Collection[str] = (),
    ) -> Sequence[Namespace]:
        if among is None:
            # A constant before the name, because lists without a prefix scan on some servers.
            filter = {"listed": True, **after_key("name", after)}
            found = self._documents.many(filter, [("name", ASCENDING)], limit + len(without))
            return [each for each in found if each.name not in without][:limit]
        names = [name for name in {*among} - {*without} if after is None or name > after]
        if not names:
            return []
        return self._documents.many({"_id": {"$in": names}}, [("_id", ASCENDING)], limit)

    def insert(self, namespace: Namespace) -> None:
        self._documents.insert(namespace.name, namespace, _what(namespace), listed=True)

    def pin_lifecycle(self, name: str, revision: int) -> None:
        self._documents.changing()
        # Documents that are older than the field have none. A write, so that it conflicts.
        among = {"$in": [revision] if revision else [0, None]}
        filter = {"_id": name, "lifecycle_revision": among}
        if not self._documents.update(filter, {"pinned": token_hex(8)}):
            raise lifecycle_is_stale(name, revision)

    def replace(self, namespace: Namespace) -> None:
        self._documents.replace(namespace.name, namespace, _what(namespace), listed=True)

    def renewed(self, document: Mapping[str, Any]) -> dict[str, Any]:
        """A stored document as it is stored today."""
        namespace = self._documents.entity(document)
        return self._documents.document(namespace.name, namespace, {"listed": True})


def _what(namespace: Namespace) -> str:
    return f"namespace {namespace.name!r}"
