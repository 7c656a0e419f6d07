"""Use cases on the bytes of versions: who may pull them, and the event that says who did."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from core.domain.access import Action, Caller
from core.domain.files import File
from core.domain.moments import check_moment
from core.domain.pages import Page, PageRequest
from core.domain.versions import ByNumber, ModelVersion, VersionReference
from core.ports import BlobStore, Clock, Database, SignedRequest
from core.services.lookups import file_of, ready_version_of
from core.services.manifests import files_of
from core.services.moments import version_at
from core.services.pulls import handed_out


@dataclass(frozen=True, slots=True)
class Download:
    """A file of a ready version and the request that fetches it from the object store."""

    version: ModelVersion
    file: File
    request: SignedRequest


@dataclass(frozen=True, slots=True)
class Downloads:
    """Hand out addresses that serve the files of versions."""

    database: Database
    blobs: BlobStore
    clock: Clock

    def page(
        self,
        caller: Caller,
        namespace: str,
        model: str,
        reference: VersionReference,
        request: PageRequest,
        *,
        as_of: datetime | None = None,
        forced: str | None = None,
    ) -> Page[Download]:
        """The manifest of a ready version, each file with the request that fetches it.

        As of a moment: of the version that was named so then, if it still can be read. Of a
        retired version only if it is `forced`, by whoever may and for that reason. Raises
        `NotFound`, `Invalid`, `Forbidden`, and `Conflict` for a version that is not ready, or is
        retired.
        """
        caller.require(Action.FILE_READ, namespace, model=model)
        version = self._ready(namespace, model, reference, as_of)
        found = files_of(self.database, version, request)
        return Page(self._handed_out(caller, version, found.items, forced), found.next_token)

    def get(
        self,
        caller: Caller,
        namespace: str,
        model: str,
        reference: VersionReference,
        path: str,
        *,
        as_of: datetime | None = None,
        forced: str | None = None,
    ) -> Download:
        """One file of a ready version; see `page`. Raises `NotFound`, `Conflict`."""
        caller.require(Action.FILE_READ, namespace, model=model)
        version = self._ready(namespace, model, reference, as_of)
        file = file_of(self.database, version, path)
        return self._handed_out(caller, version, [file], forced)[0]

    def _ready(
        self, namespace: str, model: str, reference: VersionReference, as_of: datetime | None
    ) -> ModelVersion:
        if as_of is not None:
            check_moment(as_of, self.clock.now())
            then = version_at(self.database, namespace, model, reference, as_of)
            reference = ByNumber(then.number)
        return ready_version_of(self.database, namespace, model, reference)

    def _handed_out(
        self, caller: Caller, version: ModelVersion, files: Sequence[File], forced: str | None
    ) -> tuple[Download, ...]:
        at = self.clock.now()
        requests = handed_out(
            self.database, self.blobs, caller, version, files, at=at, forced=forced
        )
        pairs = zip(files, requests, strict=True)
        return tuple(Download(version, file, request) for file, request in pairs)
