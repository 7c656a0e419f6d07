"""What a caller wants registered, before it has a number; and which semantic version it gets."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from core.domain.access import Caller
from core.domain.artifacts import check_artifacts
from core.domain.builds import BUILD_FIELDS, check_shapes
from core.domain.changes import change_between
from core.domain.common import check_size
from core.domain.documents import is_same
from core.domain.files import File, FileDeclaration, manifest_digest
from core.domain.models import RegisteredModel, next_version
from core.domain.semantic_versions import FIRST, SemanticVersion, parse_version
from core.domain.versions import ModelVersion, VersionState
from core.errors import Conflict, Taken
from core.ports import Stores
from core.services.conformity import check_against_schemas
from core.services.fingerprints import fingerprint_of


class Draft:
    """A version without a place: no id, no number. Raises `Invalid` for what could not be one."""

    def __init__(
        self,
        caller: Caller,
        namespace: str,
        model: str,
        described: Mapping[str, Any],
        files: Sequence[FileDeclaration],
        at: datetime,
        upload_ttl_seconds: int,
        version: str | None,
        name: str | None = None,
        number: int | None = None,
    ) -> None:
        self.at = at
        self.by = caller.principal.name
        self._files = files
        self._given = None if version is None else parse_version(version)
        check_shapes(described)
        check_artifacts(described.get("artifacts", ()), {file.path for file in files})
        build = ModelVersion(
            id=0,
            model_id=0,
            namespace=namespace,
            model=model,
            number=number or 0,
            name=name,
            state=VersionState.PENDING if files else VersionState.READY,
            digest=manifest_digest(files) if files and all(f.sha256 for f in files) else None,
            file_count=len(files),
            size_bytes=sum(file.size_bytes for file in files),
            key_prefix="",
            upload_expires_at=at + timedelta(seconds=upload_ttl_seconds) if files else None,
            ready_at=None if files else at,
            created_at=at,
            created_by=self.by,
            updated_at=at,
            updated_by=self.by,
            **described,
        )
        check_size("What is said of the version", build)
        self.build = replace(build, fingerprint=fingerprint_of(build))

    def existing(self, stores: Stores) -> ModelVersion | None:
        """The newest ready version of the same training: same fingerprint, files, signature and
        artifacts.

        A caller who gives a semantic version or a name means only the one that has it.
        """
        build = self.build
        if build.fingerprint is None:
            return None
        trained = stores.versions.trained(
            build.namespace, build.model, build.fingerprint, build.digest
        )
        return next(
            (
                version
                for version in trained
                if is_same(version.signature, build.signature)
                and is_same(version.artifacts, build.artifacts)
                and self._may_be(version)
            ),
            None,
        )

    def unfinished(self, stores: Stores) -> ModelVersion | None:
        """The caller's own pending version with exactly this content."""
        if self.build.digest is None:
            return None
        pending = stores.versions.pending(self.build.namespace, self.build.model, self.build.digest)
        return next(
            (
                version
                for version in pending
                if self._describes(version) and self._has_parts_of(stores, version)
            ),
            None,
        )

    def placed(self, stores: Stores, model: RegisteredModel, version_id: int) -> ModelVersion:
        """The version that this becomes. Raises `Conflict` if its semantic version won't do, and
        `Invalid` if the namespace has a schema that it does not satisfy."""
        check_against_schemas(stores, model, self.build)
        self._check_name(stores)
        version, reason = self._named(stores, model.last_version)
        number = next_version(model, self.build.number or None)
        return replace(
            self.build,
            id=version_id,
            model_id=model.id,
            number=number,
            version=str(version),
            version_reason=reason,
            key_prefix=f"{model.namespace}/{model.key_segment}/{number}/",
        )

    def files_of(self, version: ModelVersion) -> list[File]:
        """Its declared files, each with its place in the store."""
        return [
            File(
                version_id=version.id,
                namespace=version.namespace,
                path=file.path,
                size_bytes=file.size_bytes,
                sha256=file.sha256,
                parts_sha256=file.parts_sha256,
                key=version.key_prefix + file.path,
                origin=file.origin,
            )
            for file in self._files
        ]

    def _check_name(self, stores: Stores) -> None:
        name = self.build.name
        if name is None:
            return
        used = stores.versions.named(self.build.namespace, self.build.model, name)
        if used is not None:
            raise Taken(
                f"A version of {self.build.model!r} is called {name!r} already:"
                f" version {used.number}, which is {used.state}.",
                next_step="Choose another name, or use that version.",
            )

    def _named(self, stores: Stores, newest: int) -> tuple[SemanticVersion, str]:
        """The semantic version and why it is that one."""
        if self._given is not None:
            return self._given, self._accepted(stores, self._given)
        build = self.build
        highest = stores.versions.highest(build.namespace, build.model, newest=newest)
        if highest is None or highest.version is None:
            return FIRST, "first version"
        change = change_between(highest, self.build)
        version = parse_version(highest.version).after(change.step)
        return version, change.since(highest.version)

    def _accepted(self, stores: Stores, given: SemanticVersion) -> str:
        """Hold the given version to the rules; the reason to note."""
        namespace, model = self.build.namespace, self.build.model
        used = stores.versions.bearing(namespace, model, given)
        if used is not None:
            raise Taken(
                f"Version {given} of {model!r} is taken: version {used.number} is {used.version}"
                f" and {used.state}.",
                next_step="Give another one, or none: then the registry chooses.",
            )
        before = stores.versions.highest(namespace, model, below=given)
        if before is None or before.version is None:
            return "given when it was registered"
        change = change_between(before, self.build)
        least = parse_version(before.version).after(change.step)
        if given.release.key < least.key:
            raise Conflict(
                f"Version {given} of {model!r} would hide what happened:"
                f" {change.since(before.version)}, which takes {least} at the least.",
                next_step=f"Give {least} or a higher one, or none: then the registry chooses.",
            )
        return f"given when it was registered; {change.since(before.version)}"

    def _describes(self, version: ModelVersion) -> bool:
        return (
            version.created_by == self.by
            and version.upload_expires_at is not None
            and version.upload_expires_at > self.at
            and self._may_be(version)
            and all(
                is_same(getattr(version, name), getattr(self.build, name)) for name in BUILD_FIELDS
            )
        )

    def _has_parts_of(self, stores: Stores, version: ModelVersion) -> bool:
        """Whether large files were declared with the same parts, which the digest leaves out."""
        for declared in self._files:
            if declared.parts_sha256 is None:
                continue
            file = stores.files.get(version.id, declared.path)
            if file is None or file.parts_sha256 != declared.parts_sha256:
                return False
        return True

    def _may_be(self, version: ModelVersion) -> bool:
        if self.build.name is not None and version.name != self.build.name:
            return False
        if self.build.number not in {0, version.number}:
            return False
        return self._given is None or version.version == str(self._given)
