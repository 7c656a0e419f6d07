"""Model versions as documents: by id, found by number, alias, digest or object prefix."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from core.adapters.mongo.documents import Documents
from core.adapters.mongo.keyset import ASCENDING, DESCENDING, before_key
from core.adapters.mongo.retention import kept, showing
from core.domain.retention import READABLE, Retention, Shown
from core.domain.versions import (
    ByAlias,
    ByDigest,
    ByNumber,
    Latest,
    ModelVersion,
    VersionReference,
    VersionState,
)

NEWEST_FIRST = [("number", DESCENDING)]
MAX_PENDING = 10


class MongoVersions:
    """See `core.ports.VersionStore`."""

    def __init__(self, documents: Documents[ModelVersion]) -> None:
        self._documents = documents

    def find(self, namespace: str, model: str, reference: VersionReference) -> ModelVersion | None:
        return self._documents.one(
            {"namespace": namespace, "model": model, **_chosen(reference)}, NEWEST_FIRST
        )

    def get(self, namespace: str, model: str, number: int) -> ModelVersion | None:
        return self._documents.one({"namespace": namespace, "model": model, "number": number})

    def at_prefix(self, key_prefix: str) -> ModelVersion | None:
        return self._documents.one({"key_prefix": key_prefix})

    def pending(self, namespace: str, model: str, digest: str) -> Sequence[ModelVersion]:
        filter = {
            "namespace": namespace,
            "model": model,
            "state": VersionState.PENDING.value,
            "readable": True,
            "digest": digest,
        }
        return self._documents.many(filter, NEWEST_FIRST, MAX_PENDING)

    def page(
        self,
        namespace: str,
        model: str,
        *,
        before: int | None,
        limit: int,
        shown: Shown = Shown.LISTED,
    ) -> Sequence[ModelVersion]:
        filter = {"namespace": namespace, "model": model, **showing(shown)}
        return self._documents.many(filter | before_key("number", before), NEWEST_FIRST, limit)

    def withdraw(self, namespace: str, model: str) -> None:
        out = {"listed": False, "readable": False, "expires": False}
        self._documents.derive_all({"namespace": namespace, "model": model}, out)

    def readmit(self, namespace: str, model: str) -> None:
        readable = [retention.value for retention in READABLE]
        expires = {
            "$and": [
                {"$ne": ["$state", VersionState.READY.value]},
                {"$ne": ["$upload_expires_at", None]},
            ]
        }
        self._documents.derive_all(
            {"namespace": namespace, "model": model},
            {
                "listed": {"$eq": ["$retention", Retention.ACTIVE.value]},
                "readable": {"$in": ["$retention", readable]},
                "expires": expires,
            },
        )

    def due(self, at: datetime, limit: int) -> Sequence[ModelVersion]:
        filter = {"purges": True, **before_key("purge_at", at)}
        return self._documents.many(filter, [("purge_at", ASCENDING)], limit)

    def expired(self, at: datetime, limit: int) -> Sequence[ModelVersion]:
        filter = {"expires": True, **before_key("upload_expires_at", at)}
        return self._documents.many(filter, [("upload_expires_at", ASCENDING)], limit)

    def insert(self, version: ModelVersion) -> None:
        self._documents.insert(version.id, version, _what(version), **_derived(version))

    def replace(self, version: ModelVersion) -> None:
        self._documents.replace(version.id, version, _what(version), **_derived(version))


def _chosen(reference: VersionReference) -> dict[str, Any]:
    match reference:
        case ByNumber(number):
            return {"number": number, "readable": True}
        case ByAlias(alias):
            return {"aliases": alias, "readable": True}
        case ByDigest(digest):
            return {"state": VersionState.READY.value, "readable": True, "digest": digest}
        case Latest():
            return {"state": VersionState.READY.value, "listed": True}


def _derived(version: ModelVersion) -> dict[str, Any]:
    is_unfinished = version.state is not VersionState.READY
    expires = is_unfinished and version.upload_expires_at is not None
    return {"expires": expires, **kept(version.retention)}


def _what(version: ModelVersion) -> str:
    return f"version {version.number} of {version.model!r}"
