"""Model versions as documents: by id, found by number, alias, digest or object prefix."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from core.adapters.mongo.documents import Documents
from core.adapters.mongo.keyset import ASCENDING, DESCENDING, before_key
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

    def at_prefix(self, key_prefix: str) -> ModelVersion | None:
        return self._documents.one({"key_prefix": key_prefix})

    def pending(self, namespace: str, model: str, digest: str) -> Sequence[ModelVersion]:
        filter = {
            "namespace": namespace,
            "model": model,
            "state": VersionState.PENDING.value,
            "digest": digest,
        }
        return self._documents.many(filter, NEWEST_FIRST, MAX_PENDING)

    def page(
        self, namespace: str, model: str, *, before: int | None, limit: int
    ) -> Sequence[ModelVersion]:
        filter = {"namespace": namespace, "model": model, **before_key("number", before)}
        return self._documents.many(filter, NEWEST_FIRST, limit)

    def expired(self, at: datetime, limit: int) -> Sequence[ModelVersion]:
        filter = {"expires": True, **before_key("upload_expires_at", at)}
        return self._documents.many(filter, [("upload_expires_at", ASCENDING)], limit)

    def insert(self, version: ModelVersion) -> None:
        self._documents.insert(version.id, version, _what(version), expires=_expires(version))

    def replace(self, version: ModelVersion) -> None:
        self._documents.replace(version.id, version, _what(version), expires=_expires(version))


def _chosen(reference: VersionReference) -> dict[str, Any]:
    match reference:
        case ByNumber(number):
            return {"number": number}
        case ByAlias(alias):
            return {"aliases": alias}
        case ByDigest(digest):
            return {"state": VersionState.READY.value, "digest": digest}
        case Latest():
            return {"state": VersionState.READY.value}


def _expires(version: ModelVersion) -> bool:
    return version.state is not VersionState.READY and version.upload_expires_at is not None


def _what(version: ModelVersion) -> str:
    return f"version {version.number} of {version.model!r}"
