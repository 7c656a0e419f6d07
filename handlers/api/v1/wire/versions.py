"""Model versions and their files as JSON."""

from typing import Any, Literal

from pydantic import Field

from core.domain.builds import BUILD_FIELDS, LISTS
from core.domain.deprecations import Deprecation
from core.domain.files import File, FileDeclaration
from core.domain.records import record
from core.domain.versions import ModelVersion
from core.services.downloads import Download
from handlers.api.v1.wire.common import Body, Describing, common
from handlers.api.v1.wire.holds import hold


class DeclaredFile(Body):
    """A file that is going to be sent. Digests are SHA-256 in lower-case hex."""

    path: str
    size_bytes: int
    sha256: str
    parts_sha256: str | None = None

    def declaration(self) -> FileDeclaration:
        """For the use case."""
        return FileDeclaration(
            path=self.path,
            size_bytes=self.size_bytes,
            sha256=self.sha256,
            parts_sha256=self.parts_sha256,
        )


class NewVersion(Describing):
    """A version to register, with the files that will be sent for it.

    `version` is its semantic version; without it the registry chooses by what changed. `name` is
    what people call it, unique in the model; `run_id` the run that produced it. `number` is for
    versions that are moved in and keep theirs: higher than any so far. With `on_repeat` `same` the
    same training is not registered twice.
    """

    version: str | None = None
    name: str | None = None
    number: int | None = Field(default=None, ge=1)
    run_id: str | None = Field(default=None, pattern=r"^[1-9][0-9]{0,8}$")
    on_repeat: Literal["same", "new"] = "same"
    model_type: str | None = None
    parameters: dict[str, Any] = Field(default_factory=dict)
    metrics: dict[str, float | int] = Field(default_factory=dict)
    training_metrics: dict[str, float | int] = Field(default_factory=dict)
    cross_validation_metrics: dict[str, float | int] = Field(default_factory=dict)
    inference_metrics: dict[str, float | int] = Field(default_factory=dict)
    confusion_matrix: dict[str, Any] = Field(default_factory=dict)
    tuning: dict[str, Any] = Field(default_factory=dict)
    datasets: list[dict[str, Any]] = Field(default_factory=list)
    code: dict[str, Any] = Field(default_factory=dict)
    signature: dict[str, Any] = Field(default_factory=dict)
    environment: dict[str, Any] = Field(default_factory=dict)
    framework: dict[str, Any] = Field(default_factory=dict)
    explainability: dict[str, Any] = Field(default_factory=dict)
    fairness: dict[str, Any] = Field(default_factory=dict)
    compliance: dict[str, Any] = Field(default_factory=dict)
    serving: dict[str, Any] = Field(default_factory=dict)
    origin: dict[str, Any] = Field(default_factory=dict)
    artifacts: list[dict[str, Any]] = Field(default_factory=list)
    authors: list[str] = Field(default_factory=list)
    approval_note: str | None = None
    notes: str = ""
    license: str | None = None
    evaluations: list[dict[str, Any]] = Field(default_factory=list)
    files: list[DeclaredFile] = Field(default_factory=list)

    def described(self) -> dict[str, Any]:
        """The fields for the use case, by the domain's names."""
        run_id = None if self.run_id is None else int(self.run_id)
        build = {name: getattr(self, name) for name in BUILD_FIELDS}
        lists = {name: tuple(build[name]) for name in LISTS}
        return {**super().described(), **build, **lists, "run_id": run_id}


def model_version(entity: ModelVersion) -> dict[str, Any]:
    """A model version."""
    return {
        "id": str(entity.id),
        "model_id": str(entity.model_id),
        "namespace": entity.namespace,
        "model": entity.model,
        "number": entity.number,
        "name": entity.name,
        "version": entity.version,
        "version_reason": entity.version_reason,
        "fingerprint": entity.fingerprint,
        "run_id": None if entity.run_id is None else str(entity.run_id),
        "state": entity.state,
        "digest": entity.digest,
        "file_count": entity.file_count,
        "size_bytes": entity.size_bytes,
        "aliases": entity.aliases,
        "stage": entity.stage,
        **{name: getattr(entity, name) for name in BUILD_FIELDS},
        "upload_expires_at": entity.upload_expires_at,
        "ready_at": entity.ready_at,
        "retention": entity.retention,
        "holds": [hold(each) for each in entity.holds],
        "deleted_at": entity.deleted_at,
        "purge_at": entity.purge_at,
        "deprecation": deprecation(entity.deprecation),
        **common(entity),
    }


def deprecation(entity: Deprecation | None) -> dict[str, Any] | None:
    """What is said of a version that should not be used any more; null of all others."""
    return None if entity is None else record(entity)


def file(entity: File) -> dict[str, Any]:
    """A file of a manifest."""
    return {
        "path": entity.path,
        "size_bytes": entity.size_bytes,
        "sha256": entity.sha256,
        "state": entity.state,
        "problem": entity.problem,
    }


def download(entity: Download) -> dict[str, Any]:
    """A file of a ready version and where to fetch it."""
    return {
        "path": entity.file.path,
        "size_bytes": entity.file.size_bytes,
        "sha256": entity.file.sha256,
        "url": entity.request.url,
        "expires_at": entity.request.expires_at,
    }
