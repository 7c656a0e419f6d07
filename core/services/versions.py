"""Use cases on model versions."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

from core.domain.access import Action, Caller
from core.domain.common import check_revision, moved_on, patched
from core.domain.documents import is_same
from core.domain.events import SubjectKind, change
from core.domain.files import File, FileDeclaration, check_manifest, manifest_digest
from core.domain.models import RegisteredModel
from core.domain.moments import check_moment
from core.domain.names import key_segment
from core.domain.pages import Page, PageRequest
from core.domain.retention import Shown
from core.domain.subjects import event_of
from core.domain.versions import (
    BUILD_FIELDS,
    ByNumber,
    ModelVersion,
    VersionReference,
    VersionState,
)
from core.ports import BlobStore, Clock, Database, SignedRequest, Stores
from core.services.lookups import file_of, model_of, ready_version_of, version_of
from core.services.moments import files_at, model_at, version_at, versions_at


@dataclass(frozen=True, slots=True)
class Registration:
    """A version, and whether this call created it or found the caller's own unfinished one."""

    version: ModelVersion
    is_new: bool


@dataclass(frozen=True, slots=True)
class Download:
    """A file of a ready version and the request that fetches it from the object store."""

    version: ModelVersion
    file: File
    request: SignedRequest


@dataclass(frozen=True, slots=True)
class Versions:
    """Register, read, describe and download versions."""

    database: Database
    blobs: BlobStore
    clock: Clock
    upload_ttl_seconds: int
    max_files: int
    max_file_bytes: int

    def register(
        self,
        caller: Caller,
        namespace: str,
        model: str,
        described: Mapping[str, Any],
        files: Sequence[FileDeclaration] = (),
    ) -> Registration:
        """Give the model its next version and declare its files.

        `described` holds the fields every object has and those of a build. A version without
        files is ready at once; else it is pending until the store has them all. If the caller
        already has a pending version with exactly this content, that one is returned: so an
        interrupted push is resumed. Raises `NotFound`, `Invalid`, `TooLarge`, `Forbidden`.
        """
        caller.require(Action.VERSION_REGISTER, namespace)
        check_manifest(files, max_files=self.max_files, max_file_bytes=self.max_file_bytes)
        draft = _Draft(caller, described, files, self.clock.now(), self.upload_ttl_seconds)
        if files and (unfinished := self._unfinished(namespace, model, draft)):
            return Registration(unfinished, is_new=False)
        version_id = self.database.next_id("version")

        def work(stores: Stores) -> ModelVersion:
            before = model_of(stores, namespace, model)
            number = before.last_version + 1
            version = draft.version(before, version_id, number)
            after = moved_on(before, at=draft.at, by=draft.by, last_version=number)
            stores.models.replace(after)
            stores.versions.insert(version)
            stores.files.insert(draft.files_of(version))
            stores.events.add(
                event_of(
                    caller, "model.version-registered", at=draft.at, before=before, after=after
                )
            )
            stores.events.add(
                change(
                    caller,
                    "version.registered",
                    SubjectKind.VERSION,
                    f"{namespace}/{model}/{number}",
                    at=draft.at,
                    namespace=namespace,
                    after=version,
                )
            )
            return version

        return Registration(self.database.transaction(work), is_new=True)

    def _unfinished(self, namespace: str, model: str, draft: "_Draft") -> ModelVersion | None:
        pending = self.database.versions.pending(namespace, model, draft.digest)
        return next((version for version in pending if draft.describes(version)), None)

    def get(
        self,
        caller: Caller,
        namespace: str,
        model: str,
        reference: VersionReference,
        *,
        as_of: datetime | None = None,
    ) -> ModelVersion:
        """Resolve a reference, now or as it was at a moment. Raises `NotFound`, `Invalid`."""
        caller.require(Action.MODEL_READ, namespace)
        return self._version(namespace, model, reference, as_of)

    def page(
        self,
        caller: Caller,
        namespace: str,
        model: str,
        request: PageRequest,
        *,
        shown: Shown = Shown.LISTED,
        as_of: datetime | None = None,
    ) -> Page[ModelVersion]:
        """The versions of a model, newest first; archived ones too if `shown` says so.

        Raises `NotFound`, `Invalid`.
        """
        caller.require(Action.MODEL_READ, namespace)
        query = ("versions", namespace, model, shown.value, str(as_of or ""))
        before = request.after_number(*query)
        limit = request.size + 1
        rows: Sequence[ModelVersion]
        if as_of is None:
            rows = self.database.versions.page(
                namespace, model, before=before, limit=limit, shown=shown
            )
            if not rows and before is None:
                model_of(self.database, namespace, model)
        else:
            check_moment(as_of, self.clock.now())
            owner = model_at(self.database, namespace, model, as_of)
            found = versions_at(self.database, owner, as_of, before=before, shown=shown)
            rows = list(islice(found, limit))
        return request.page(rows, lambda version: version.number, *query)

    def update(
        self,
        caller: Caller,
        namespace: str,
        model: str,
        reference: VersionReference,
        patch: Mapping[str, Any],
        *,
        expected_revision: int | None,
        reason: str = "",
    ) -> ModelVersion:
        """Merge-patch what describes it; the build itself never changes.

        Raises `NotFound`, `Stale`, `Invalid`, `Forbidden`.
        """
        caller.require(Action.VERSION_UPDATE, namespace)
        at = self.clock.now()

        def work(stores: Stores) -> ModelVersion:
            before = version_of(stores, namespace, model, reference)
            check_revision(f"Version {before.number} of {model!r}", before, expected_revision)
            after = patched(before, patch, at=at, by=caller.principal.name)
            if after is not before:
                stores.versions.replace(after)
                stores.events.add(
                    change(
                        caller,
                        "version.updated",
                        SubjectKind.VERSION,
                        f"{namespace}/{model}/{before.number}",
                        at=at,
                        namespace=namespace,
                        before=before,
                        after=after,
                        reason=reason,
                    )
                )
            return after

        return self.database.transaction(work)

    def files(
        self,
        caller: Caller,
        namespace: str,
        model: str,
        reference: VersionReference,
        request: PageRequest,
        *,
        as_of: datetime | None = None,
    ) -> Page[File]:
        """The manifest of a version, by path. Raises `NotFound`, `Invalid`.

        As of a moment, a file that arrived later is missing; `Conflict` if it was purged since.
        """
        caller.require(Action.MODEL_READ, namespace)
        version = self._version(namespace, model, reference, as_of)
        page = self._manifest(version, request)
        if as_of is None:
            return page
        return Page(tuple(files_at(page.items, version, as_of)), page.next_token)

    def downloads(
        self,
        caller: Caller,
        namespace: str,
        model: str,
        reference: VersionReference,
        request: PageRequest,
        *,
        as_of: datetime | None = None,
    ) -> Page[Download]:
        """The manifest of a ready version, each file with the request that fetches it.

        As of a moment it is the version that the reference named then, if it still can be read.
        Raises `NotFound`, `Invalid`, and `Conflict` for a version that is not ready.
        """
        caller.require(Action.FILE_READ, namespace)
        version = self._ready(namespace, model, reference, as_of)
        page = self._manifest(version, request)
        items = tuple(Download(version, file, self._signed(file)) for file in page.items)
        return Page(items, page.next_token)

    def download(
        self,
        caller: Caller,
        namespace: str,
        model: str,
        reference: VersionReference,
        path: str,
        *,
        as_of: datetime | None = None,
    ) -> Download:
        """One file of a ready version; see `downloads`. Raises `NotFound`, `Conflict`."""
        caller.require(Action.FILE_READ, namespace)
        version = self._ready(namespace, model, reference, as_of)
        file = file_of(self.database, version, path)
        return Download(version, file, self._signed(file))

    def _version(
        self, namespace: str, model: str, reference: VersionReference, as_of: datetime | None
    ) -> ModelVersion:
        if as_of is None:
            return version_of(self.database, namespace, model, reference)
        check_moment(as_of, self.clock.now())
        return version_at(self.database, namespace, model, reference, as_of)

    def _ready(
        self, namespace: str, model: str, reference: VersionReference, as_of: datetime | None
    ) -> ModelVersion:
        if as_of is not None:
            reference = ByNumber(self._version(namespace, model, reference, as_of).number)
        return ready_version_of(self.database, namespace, model, reference)

    def _manifest(self, version: ModelVersion, request: PageRequest) -> Page[File]:
        query = ("files", str(version.id))
        rows = self.database.files.page(
            version.id, after=request.after(*query), limit=request.size + 1
        )
        return request.page(rows, lambda file: file.path, *query)

    def _signed(self, file: File) -> SignedRequest:
        return self.blobs.sign_get(file.key, filename=file.path.rpartition("/")[2])


class _Draft:
    """What a caller wants registered, before it has a number."""

    def __init__(
        self,
        caller: Caller,
        described: Mapping[str, Any],
        files: Sequence[FileDeclaration],
        at: datetime,
        upload_ttl_seconds: int,
    ) -> None:
        self.described = described
        self.files = files
        self.at = at
        self.by = caller.principal.name
        self.expires_at = at + timedelta(seconds=upload_ttl_seconds)
        self.digest = manifest_digest(files)

    def version(self, model: RegisteredModel, version_id: int, number: int) -> ModelVersion:
        """The version this draft becomes."""
        return ModelVersion(
            id=version_id,
            model_id=model.id,
            namespace=model.namespace,
            model=model.name,
            number=number,
            state=VersionState.PENDING if self.files else VersionState.READY,
            digest=self.digest if self.files else None,
            file_count=len(self.files),
            size_bytes=sum(file.size_bytes for file in self.files),
            key_prefix=f"{model.namespace}/{key_segment(model.name)}/{number}/",
            upload_expires_at=self.expires_at if self.files else None,
            ready_at=None if self.files else self.at,
            created_at=self.at,
            created_by=self.by,
            updated_at=self.at,
            updated_by=self.by,
            **self.described,
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
            )
            for file in self.files
        ]

    def describes(self, version: ModelVersion) -> bool:
        """Whether the version is this draft, registered before by the same author."""
        return (
            version.created_by == self.by
            and version.upload_expires_at is not None
            and version.upload_expires_at > self.at
            and all(
                is_same(getattr(version, name), self.described.get(name, default))
                for name, default in BUILD_FIELDS.items()
            )
        )
