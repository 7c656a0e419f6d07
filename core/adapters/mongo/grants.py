"""Grants as documents: their key holds scope and grantee, so that a grantee has one role."""

from collections.abc import Collection, Sequence

from core.adapters.mongo.documents import Documents
from core.adapters.mongo.keyset import ASCENDING, after_key
from core.domain.grants import Grant
from core.domain.subjects import grant_subject


class MongoGrants:
    """See `core.ports.GrantStore`."""

    def __init__(self, documents: Documents[Grant]) -> None:
        self._documents = documents

    def reaching(self, grantees: Collection[str]) -> Sequence[Grant]:
        return self._documents.many({"grantee": {"$in": list(grantees)}}, [("_id", ASCENDING)])

    def get(self, scope: str, grantee: str) -> Grant | None:
        return self._documents.one({"_id": _key(scope, grantee)})

    def page(self, scope: str, *, after: str | None, limit: int) -> Sequence[Grant]:
        filter = {"scope": scope, **after_key("grantee", after)}
        return self._documents.many(filter, [("grantee", ASCENDING)], limit)

    def within(self, namespace: str, *, after: str | None, limit: int) -> Sequence[Grant]:
        filter = {"namespace": namespace, **after_key("_id", after)}
        return self._documents.many(filter, [("_id", ASCENDING)], limit)

    def put(self, grant: Grant) -> None:
        self._documents.put(grant.key, grant, namespace=grant.scope.partition("/")[0])

    def remove(self, scope: str, grantee: str) -> None:
        self._documents.remove(_key(scope, grantee), grant_subject(scope, grantee))


def _key(scope: str, grantee: str) -> str:
    return f"{scope} {grantee}"
