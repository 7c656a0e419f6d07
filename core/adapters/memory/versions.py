"""Model versions in memory."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime

from core.adapters.memory.searches import MemorySearched
from core.adapters.memory.tables import (
    Tables,
    check_external_id,
    insert,
    replace_entity,
)
from core.domain.fields import VERSION_FIELDS
from core.domain.retention import Shown
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
from core.errors import Taken


class MemoryVersions(MemorySearched[ModelVersion]):
    """See `core.ports.VersionStore`."""

    fields = VERSION_FIELDS

    def find(self, namespace: str, model: str, reference: VersionReference) -> ModelVersion | None:
        with self.use(False) as tables:
            readable = _of(tables, namespace, model, Shown.READABLE)
            match reference:
                case ByNumber(number):
                    chosen = [v for v in readable if v.number == number]
                case ByAlias(alias):
                    chosen = [v for v in readable if alias in v.aliases]
                case ByStage(stage):
                    chosen = [v for v in _ready(readable) if v.stage == stage]
                case ByDigest(digest):
                    chosen = [v for v in _ready(readable) if v.digest == digest]
                case ByFingerprint(fingerprint):
                    chosen = [v for v in _ready(readable) if v.fingerprint == fingerprint]
                case ByVersion(wanted):
                    chosen = [v for v in readable if _key(v) == wanted.key]
                case Compatible(releases):
                    chosen = [
                        v
                        for v in _by_precedence(_ready(_of(tables, namespace, model, Shown.LISTED)))
                        if releases.least.key <= _key(v) < releases.end.key and _is_release(v)
                    ]
                case Latest():
                    chosen = _ready(_of(tables, namespace, model, Shown.LISTED))
            return chosen[0] if chosen else None

    def get(self, namespace: str, model: str, number: int) -> ModelVersion | None:
        with self.use(False) as tables:
            return tables.versions.get((namespace, model, number))

    def with_id(self, namespace: str, id: int) -> ModelVersion | None:
        with self.use(False) as tables:
            readable = self.shown_in(tables, Shown.READABLE)
            return next((v for v in readable if (v.namespace, v.id) == (namespace, id)), None)

    def named(self, namespace: str, model: str, name: str) -> ModelVersion | None:
        with self.use(False) as tables:
            versions = _of(tables, namespace, model, Shown.EVERYTHING)
            return next((version for version in versions if version.name == name), None)

    def numbered(
        self, namespace: str, model: str, numbers: Collection[int]
    ) -> Sequence[ModelVersion]:
        with self.use(False) as tables:
            readable = _of(tables, namespace, model, Shown.READABLE)
            return [version for version in readable if version.number in numbers]

    def in_stage(self, namespace: str, stage: str, limit: int) -> Sequence[ModelVersion]:
        with self.use(False) as tables:
            found = [
                version
                for version in tables.versions.values()
                if (version.namespace, version.stage) == (namespace, stage)
            ]
            return sorted(found, key=lambda version: version.id)[:limit]

    def newest_in_stages(self, namespace: str, model: str) -> Sequence[ModelVersion]:
        with self.use(False) as tables:
            newest: dict[str | None, ModelVersion] = {}
            for version in _ready(_of(tables, namespace, model, Shown.READABLE)):
                newest.setdefault(version.stage, version)
            return list(newest.values())

    def at_prefix(self, key_prefix: str) -> ModelVersion | None:
        with self.use(False) as tables:
            found = (v for v in tables.versions.values() if v.key_prefix == key_prefix)
            return next(found, None)

    def pending(self, namespace: str, model: str, digest: str) -> Sequence[ModelVersion]:
        with self.use(False) as tables:
            return [
                version
                for version in _of(tables, namespace, model, Shown.READABLE)
                if version.state is VersionState.PENDING and version.digest == digest
            ][:10]

    def trained(
        self, namespace: str, model: str, fingerprint: str, digest: str | None
    ) -> Sequence[ModelVersion]:
        with self.use(False) as tables:
            return [
                version
                for version in _ready(_of(tables, namespace, model, Shown.READABLE))
                if version.fingerprint == fingerprint and version.digest == digest
            ][:10]

    def highest(
        self,
        namespace: str,
        model: str,
        *,
        below: SemanticVersion | None = None,
        newest: int | None = None,
    ) -> ModelVersion | None:
        with self.use(False) as tables:
            versions = _by_precedence(_of(tables, namespace, model, Shown.EVERYTHING))
            return next((v for v in versions if below is None or _key(v) < below.key), None)

    def bearing(self, namespace: str, model: str, version: SemanticVersion) -> ModelVersion | None:
        with self.use(False) as tables:
            versions = _of(tables, namespace, model, Shown.EVERYTHING)
            return next((v for v in versions if _key(v) == version.key), None)

    def page(
        self,
        namespace: str,
        model: str,
        *,
        before: int | None,
        limit: int,
        shown: Shown = Shown.LISTED,
    ) -> Sequence[ModelVersion]:
        with self.use(False) as tables:
            versions = _of(tables, namespace, model, shown)
            return [v for v in versions if before is None or v.number < before][:limit]

    def withdraw(self, namespace: str, model: str) -> None:
        with self.use(True) as tables:
            tables.withdrawn.add((namespace, model))

    def readmit(self, namespace: str, model: str) -> None:
        with self.use(True) as tables:
            tables.withdrawn.discard((namespace, model))

    def hold(self, namespace: str, model: str) -> None:
        with self.use(True) as tables:
            tables.held.add((namespace, model))

    def release(self, namespace: str, model: str) -> None:
        with self.use(True) as tables:
            tables.held.discard((namespace, model))

    def rename_model(self, namespace: str, model: str, name: str) -> None:
        with self.use(True) as tables:
            for key in [key for key in tables.versions if key[:2] == (namespace, model)]:
                version = tables.versions.pop(key)
                tables.versions[namespace, name, key[2]] = replace(version, model=name)
            for marked in (tables.withdrawn, tables.held):
                if (namespace, model) in marked:
                    marked.discard((namespace, model))
                    marked.add((namespace, name))

    def due(self, at: datetime, limit: int) -> Sequence[ModelVersion]:
        with self.use(False) as tables:
            late = [
                (version.purge_at, version.id, version)
                for version in tables.versions.values()
                if version.purge_at is not None
                and version.purge_at < at
                and not version.is_held
                and (version.namespace, version.model) not in tables.held
            ]
            return [version for _, _, version in sorted(late, key=lambda row: row[:2])][:limit]

    def expired(self, at: datetime, limit: int) -> Sequence[ModelVersion]:
        with self.use(False) as tables:
            late = [
                (version.upload_expires_at, version.id, version)
                for version in tables.versions.values()
                if (version.namespace, version.model) not in tables.withdrawn
                and version.state is not VersionState.READY
                and version.upload_expires_at is not None
                and version.upload_expires_at < at
            ]
            return [version for _, _, version in sorted(late, key=lambda row: row[:2])][:limit]

    def shown_in(self, tables: Tables, shown: Shown) -> list[ModelVersion]:
        return [
            version
            for version in tables.versions.values()
            if shown is Shown.EVERYTHING
            or (
                shown.holds(version.retention)
                and (version.namespace, version.model) not in tables.withdrawn
            )
        ]

    def insert(self, version: ModelVersion) -> None:
        with self.use(True) as tables:
            check_external_id(tables.versions, version)
            _check_name(tables, version)
            insert(tables.versions, _version_key(version), version, f"version {version.number}")
            tables.ledger.changed(version)

    def replace(self, version: ModelVersion) -> None:
        with self.use(True) as tables:
            check_external_id(tables.versions, version)
            replace_entity(
                tables.versions, _version_key(version), version, f"version {version.number}"
            )
            tables.ledger.changed(version)


def _check_name(tables: Tables, version: ModelVersion) -> None:
    others = _of(tables, version.namespace, version.model, Shown.EVERYTHING)
    if version.name is not None and any(other.name == version.name for other in others):
        raise Taken(
            "The version name is taken.", next_step="Choose another one, or use what exists."
        )


def _version_key(version: ModelVersion) -> tuple[str, str, int]:
    return (version.namespace, version.model, version.number)


def _of(tables: Tables, namespace: str, model: str, shown: Shown) -> list[ModelVersion]:
    """Newest first."""
    if (namespace, model) in tables.withdrawn and shown is not Shown.EVERYTHING:
        return []
    keys = sorted(key for key in tables.versions if key[:2] == (namespace, model))
    versions = (tables.versions[key] for key in reversed(keys))
    return [version for version in versions if shown.holds(version.retention)]


def _ready(versions: Sequence[ModelVersion]) -> list[ModelVersion]:
    return [version for version in versions if version.state is VersionState.READY]


def _by_precedence(versions: list[ModelVersion]) -> list[ModelVersion]:
    """Those with a semantic version, the highest first."""
    return sorted((v for v in versions if v.version), key=_key, reverse=True)


def _key(version: ModelVersion) -> str:
    return parse_version(version.version).key if version.version else ""


def _is_release(version: ModelVersion) -> bool:
    return version.version is not None and not parse_version(version.version).prerelease
