"""Model versions as documents: by id, found by every way to name one."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from core.adapters.mongo.documents import Documents
from core.adapters.mongo.external import external, joined
from core.adapters.mongo.keyset import ASCENDING, DESCENDING, before_key
from core.adapters.mongo.retention import kept, showing
from core.adapters.mongo.searches import MongoSearched
from core.adapters.mongo.terms import derived
from core.domain.fields import VERSION_FIELDS
from core.domain.retention import READABLE, Retention, Shown
from core.domain.semantic_versions import SemanticVersion, parse_version
from core.domain.versions import (
    ByAlias,
    ByDigest,
    ByFingerprint,
    ByNumber,
    ByStage,
    ByVersion,
    Compatible,
    Latest,
    ModelVersion,
    VersionReference,
    VersionState,
)

NEWEST_FIRST = [("number", DESCENDING)]
HIGHEST_FIRST = [("semver_key", DESCENDING)]
HIGHEST_RELEASE_FIRST = [("release_key", DESCENDING)]
MAX_ALIKE = 10

_NAMED = ("terms", "words", "called_key")
"""The derived fields in which the name of the model is."""


class MongoVersions(MongoSearched[ModelVersion]):
    """See `core.ports.VersionStore`. `walks_indexes`: whether the database takes the last of a
    range without reading the rest of it."""

    def __init__(self, documents: Documents[ModelVersion], *, walks_indexes: bool = True) -> None:
        self._walks_indexes = walks_indexes
        super().__init__(documents, VERSION_FIELDS)

    def find(self, namespace: str, model: str, reference: VersionReference) -> ModelVersion | None:
        filter, sort = _chosen(reference)
        return self._documents.one({"namespace": namespace, "model": model, **filter}, sort)

    def get(self, namespace: str, model: str, number: int) -> ModelVersion | None:
        return self._documents.one({"namespace": namespace, "model": model, "number": number})

    def with_id(self, namespace: str, id: int) -> ModelVersion | None:
        return self._documents.with_key(id, {"namespace": namespace, "readable": True})

    def named(self, namespace: str, model: str, name: str) -> ModelVersion | None:
        return self._documents.one({"called_key": joined(namespace, model, name)})

    def numbered(
        self, namespace: str, model: str, numbers: Collection[int]
    ) -> Sequence[ModelVersion]:
        among = {"$in": sorted(set(numbers))}
        filter = {"namespace": namespace, "model": model, "readable": True, "number": among}
        return self._documents.many(filter, NEWEST_FIRST)

    def in_stage(self, namespace: str, stage: str, limit: int) -> Sequence[ModelVersion]:
        filter = {"namespace": namespace, "stage": stage}
        return self._documents.many(filter, [("id", ASCENDING)], limit)

    def newest_in_stages(self, namespace: str, model: str) -> Sequence[ModelVersion]:
        """From stage to stage down the index; no stage is the lowest, and less than no text."""
        ready: dict[str, Any] = {
            "namespace": namespace,
            "model": model,
            "readable": True,
            "state": VersionState.READY.value,
        }
        found: list[ModelVersion] = []
        by_stage = [("stage", DESCENDING)]
        last = self._documents.one(ready, by_stage)
        while last is not None:
            newest = self.find(namespace, model, ByStage(last.stage))
            found += [] if newest is None else [newest]
            if last.stage is None:
                return found
            last = self._documents.one({**ready, "stage": {"$lt": last.stage}}, by_stage)
        initial = self.find(namespace, model, ByStage(None)) if found else None
        return found if initial is None else [*found, initial]

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
        return self._documents.many(filter, NEWEST_FIRST, MAX_ALIKE)

    def trained(
        self, namespace: str, model: str, fingerprint: str, digest: str | None
    ) -> Sequence[ModelVersion]:
        filter = {
            "namespace": namespace,
            "model": model,
            "state": VersionState.READY.value,
            "readable": True,
            "fingerprint": fingerprint,
            "digest": digest,
        }
        return self._documents.many(filter, NEWEST_FIRST, MAX_ALIKE)

    def highest(
        self,
        namespace: str,
        model: str,
        *,
        below: SemanticVersion | None = None,
        newest: int | None = None,
    ) -> ModelVersion | None:
        if below is None and newest and not self._walks_indexes:
            found = self.get(namespace, model, newest)
            if found is not None and found.version is not None:
                above = {"$gt": parse_version(found.version).key}
                filter = {"namespace": namespace, "model": model, "semver_key": above}
                return self._documents.one(filter, HIGHEST_FIRST) or found
        keys = {"$gt": ""} if below is None else {"$gt": "", "$lt": below.key}
        filter = {"namespace": namespace, "model": model, "semver_key": keys}
        return self._documents.one(filter, HIGHEST_FIRST)

    def bearing(self, namespace: str, model: str, version: SemanticVersion) -> ModelVersion | None:
        filter = {"namespace": namespace, "model": model, "semver_key": version.key}
        return self._documents.one(filter)

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

    def hold(self, namespace: str, model: str) -> None:
        self._documents.derive_all({"namespace": namespace, "model": model}, {"purges": False})

    def release(self, namespace: str, model: str) -> None:
        is_deleted = {"$eq": ["$retention", Retention.DELETED.value]}
        purges = {"$and": [is_deleted, {"$ne": ["$held", True]}]}
        self._documents.derive_all({"namespace": namespace, "model": model}, {"purges": purges})

    def rename_model(self, namespace: str, model: str, name: str) -> None:
        def renamed(version: ModelVersion) -> dict[str, Any]:
            fields = _derived(replace(version, model=name))
            kept = {each: fields[each] for each in _NAMED if each in fields}
            return {"model": name, **kept}

        self._documents.derive_each({"namespace": namespace, "model": model}, renamed)

    def due(self, at: datetime, limit: int) -> Sequence[ModelVersion]:
        filter = {"purges": True, **before_key("purge_at", at)}
        return self._documents.many(filter, [("purge_at", ASCENDING)], limit)

    def expired(self, at: datetime, limit: int) -> Sequence[ModelVersion]:
        filter = {"expires": True, **before_key("upload_expires_at", at)}
        return self._documents.many(filter, [("upload_expires_at", ASCENDING)], limit)

    def insert(self, version: ModelVersion) -> None:
        self._documents.insert(version.id, version, _what(version), **_derived(version))

    def document(self, version: ModelVersion) -> dict[str, Any]:
        """As it is stored; measurements insert many at once."""
        return self._documents.document(version.id, version, _derived(version))

    def replace(self, version: ModelVersion) -> None:
        self._documents.replace(version.id, version, _what(version), **_derived(version))


def _chosen(reference: VersionReference) -> tuple[dict[str, Any], list[tuple[str, int]]]:
    """What to ask for, and of several matches which one comes first."""
    ready = {"state": VersionState.READY.value}
    match reference:
        case ByNumber(number):
            return {"number": number, "readable": True}, NEWEST_FIRST
        case ByAlias(alias):
            return {"aliases": alias, "readable": True}, NEWEST_FIRST
        case ByStage(stage):
            return {**ready, "readable": True, "stage": stage}, NEWEST_FIRST
        case ByDigest(digest):
            return {**ready, "readable": True, "digest": digest}, NEWEST_FIRST
        case ByFingerprint(fingerprint):
            return {**ready, "readable": True, "fingerprint": fingerprint}, NEWEST_FIRST
        case ByVersion(version):
            return {"readable": True, "semver_key": version.key}, HIGHEST_FIRST
        case Compatible(releases):
            keys = {"$gte": releases.least.key, "$lt": releases.end.key}
            return {"listed": True, "release_key": keys}, HIGHEST_RELEASE_FIRST
        case Latest():
            return {**ready, "listed": True}, NEWEST_FIRST


def _derived(version: ModelVersion) -> dict[str, Any]:
    """`release_key` is there for what a range may choose: ready versions that are releases."""
    is_ready = version.state is VersionState.READY
    expires = not is_ready and version.upload_expires_at is not None
    fields: dict[str, Any] = {
        "expires": expires,
        "held": version.is_held,
        "hold_references": list(version.hold_references),
        **kept(version.retention, is_held=version.is_held),
        **external(version.namespace, version),
    }
    if version.name is not None:
        fields["called_key"] = joined(version.namespace, version.model, version.name)
    if version.version is not None:
        parsed = parse_version(version.version)
        fields["semver_key"] = parsed.key
        if is_ready and not parsed.prerelease:
            fields["release_key"] = parsed.key
    return {**fields, **derived(version, VERSION_FIELDS)}


def _what(version: ModelVersion) -> str:
    return f"version {version.number} of {version.model!r}"
