"""The use case of reading manifests: what a version's digest stands for, so the same for ever."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import islice

from core.domain.access import Action, Caller
from core.domain.files import File, FileState
from core.domain.moments import check_moment
from core.domain.pages import Page, PageRequest
from core.domain.versions import ByDigest, ModelVersion, VersionReference, VersionState
from core.errors import Conflict
from core.ports import Clock, Database, Entry, Stores
from core.services.lookups import version_of
from core.services.moments import version_at

_BATCH = 100
_BEYOND = "\U0010ffff"  # no path holds it, so that it comes after all that a folder holds


@dataclass(frozen=True, slots=True)
class Manifest:
    """A page of a version's files, None if the caller has it already.

    `digest` is there once the version is ready: from then on the page is always the same.
    """

    page: Page[File] | None
    digest: str | None = None


@dataclass(frozen=True, slots=True)
class Manifests:
    """Read which files a version has."""

    database: Database
    clock: Clock

    def page(
        self,
        caller: Caller,
        namespace: str,
        model: str,
        reference: VersionReference,
        request: PageRequest,
        *,
        known: Collection[str] = (),
        as_of: datetime | None = None,
    ) -> Manifest:
        """The files of a version, by path, unless its digest is among the `known` ones.

        A digest stands for its files wherever it is met, so that naming a version by a known one
        asks the database nothing. As of a moment, a file that arrived later is missing. Raises
        `NotFound`, `Invalid`, and `Conflict` if it was purged since.
        """
        caller.require(Action.MODEL_READ, namespace, model=model)
        if as_of is not None:
            check_moment(as_of, self.clock.now())
            version = version_at(self.database, namespace, model, reference, as_of)
            page = files_of(self.database, version, request)
            return Manifest(Page(tuple(files_at(page.items, version, as_of)), page.next_token))
        if isinstance(reference, ByDigest) and reference.digest in known:
            return Manifest(None, reference.digest)
        version = version_of(self.database, namespace, model, reference)
        digest = version.digest if version.state is VersionState.READY else None
        if digest in known:
            return Manifest(None, digest)
        return Manifest(files_of(self.database, version, request), digest)

    def folder(
        self,
        caller: Caller,
        namespace: str,
        model: str,
        reference: VersionReference,
        folder: str,
        request: PageRequest,
    ) -> Page[Entry]:
        """What lies in one folder of a version, by name: files, and folders that stand for all in
        them. Nothing if there is no such folder. Raises `NotFound`, `Invalid`."""
        caller.require(Action.MODEL_READ, namespace, model=model)
        version = version_of(self.database, namespace, model, reference)
        prefix = f"{folder.rstrip('/')}/" if folder.rstrip("/") else ""
        query = ("folder", str(version.id), prefix)
        after = request.after(*query)
        found = islice(self._entries(version, prefix, after), request.size + 1)
        return request.page(list(found), lambda entry: entry.name, *query)

    def _entries(self, version: ModelVersion, prefix: str, after: str | None) -> Iterator[Entry]:
        """Each file or folder right under a prefix, in as many queries as there are folders."""
        begin = prefix + (after or "")
        while True:
            start = begin + _BEYOND if begin.endswith("/") and begin != prefix else begin
            found = self.database.files.page(version.id, after=start or None, limit=_BATCH)
            for file in found:
                name = file.path.removeprefix(prefix)
                if not file.path.startswith(prefix):
                    return
                first, slash, _ = name.partition("/")
                begin = prefix + first + slash
                yield Entry(first + slash, None if slash else file.size_bytes)
                if slash:
                    break
            else:
                if len(found) < _BATCH:
                    return


def files_of(stores: Stores, version: ModelVersion, request: PageRequest) -> Page[File]:
    """A page of the files of a version, by path.

    The tokens of a ready version's pages go by its digest, as all else in them does.
    """
    is_ready = version.state is VersionState.READY and version.digest is not None
    query = ("files", str(version.digest if is_ready else version.id))
    rows = stores.files.page(version.id, after=request.after(*query), limit=request.size + 1)
    return request.page(rows, lambda file: file.path, *query)


def files_at(files: Sequence[File], version: ModelVersion, at: datetime) -> list[File]:
    """Declared files as they were then: what arrived later was missing.

    Raises `Conflict` if the manifest has been purged since.
    """
    if not files and version.file_count:
        raise Conflict(
            f"Version {version.number} of {version.model!r} was purged since: its files are gone.",
            next_step="What it was is still in its history.",
        )
    return [
        file
        if file.received_at is not None and file.received_at <= at
        else replace(file, state=FileState.MISSING, received_at=None, problem=None)
        for file in files
    ]
