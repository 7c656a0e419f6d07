"""Use cases on artifacts: what a version holds, by name."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from core.domain.access import Action, Caller
from core.domain.moments import check_moment
from core.domain.versions import ByNumber, ModelVersion, VersionReference
from core.errors import NotFound
from core.ports import BlobStore, Clock, Database, SignedRequest
from core.services.lookups import ready_version_of, version_of
from core.services.moments import version_at


@dataclass(frozen=True, slots=True)
class FoundArtifact:
    """An artifact of a version. `request` fetches its bytes and `sha256` is theirs (hex), if it
    is a single managed file; None for a directory and for a reference."""

    version: ModelVersion
    record: Mapping[str, Any]
    sha256: str | None = None
    request: SignedRequest | None = None


@dataclass(frozen=True, slots=True)
class Artifacts:
    """Read the artifacts of versions; they are fixed when the version is registered."""

    database: Database
    blobs: BlobStore
    clock: Clock

    def of_version(
        self,
        caller: Caller,
        namespace: str,
        model: str,
        reference: VersionReference,
        *,
        as_of: datetime | None = None,
    ) -> Sequence[Mapping[str, Any]]:
        """All artifacts of a version, as they were listed. Raises `NotFound`, `Invalid`."""
        caller.require(Action.MODEL_READ, namespace, model=model)
        return self._version(namespace, model, reference, as_of).artifacts

    def get(
        self,
        caller: Caller,
        namespace: str,
        model: str,
        reference: VersionReference,
        name: str,
        *,
        as_of: datetime | None = None,
    ) -> FoundArtifact:
        """One artifact, with the request that fetches it if it is a managed file.

        Raises `NotFound`, and `Conflict` for a file of a version that is not ready.
        """
        caller.require(Action.FILE_READ, namespace, model=model)
        version = self._version(namespace, model, reference, as_of)
        record = next((each for each in version.artifacts if each["name"] == name), None)
        if record is None:
            known = ", ".join(str(each["name"]) for each in version.artifacts[:10])
            raise NotFound(
                f"Version {version.number} of {model!r} has no artifact {name[:200]!a}.",
                next_step=f"Its artifacts: {known or 'none'}.",
            )
        path = record.get("path")
        file = None if path is None else self.database.files.get(version.id, path)
        if file is None:
            return FoundArtifact(version, record)
        ready_version_of(self.database, namespace, model, ByNumber(version.number))
        request = self.blobs.sign_get(file.key, filename=file.path.rpartition("/")[2])
        return FoundArtifact(version, record, file.sha256, request)

    def _version(
        self, namespace: str, model: str, reference: VersionReference, as_of: datetime | None
    ) -> ModelVersion:
        check_moment(as_of, self.clock.now())
        if as_of is None:
            return version_of(self.database, namespace, model, reference)
        return version_at(self.database, namespace, model, reference, as_of)
