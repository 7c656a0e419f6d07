"""The use cases of operators that compare the database with the object store, and clean that up.

Both are walked in the same order, page by page: nothing is held but a page of each.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from core.domain.access import Action, Caller
from core.domain.consistency import Fault, Finding
from core.domain.files import File
from core.domain.logged_files import FileOwner, OwnerKind
from core.domain.retention import Retention, Shown
from core.domain.stored_objects import places_of
from core.domain.versions import ModelVersion, VersionState
from core.errors import NotFound
from core.ports import BlobStore, Clock, Database, Entry
from core.services.lookups import namespace_of
from core.services.owners import owner_of

_PAGE = 1_000
_LOGGED = "~"


@dataclass(frozen=True, slots=True)
class Consistency:
    """Compare every version of a namespace with what the store holds of it, and the other way
    round."""

    database: Database
    blobs: BlobStore
    clock: Clock

    def check(self, caller: Caller, namespace: str) -> Iterator[Finding]:
        """Every disagreement, as it is met. Sizes are compared, bytes are not read. Raises
        `NotFound`."""
        caller.require(Action.STORE_CHECK, namespace)
        namespace_of(self.database, namespace)
        return self._compared(namespace)

    def _compared(self, namespace: str) -> Iterator[Finding]:
        for version in self._versions(namespace):
            if version.state is VersionState.READY and version.retention is not Retention.PURGED:
                yield from self._lacking(version)
        for entry, key, why in self._strays(namespace):
            yield Finding(Fault.UNREFERENCED, key, entry.size_bytes or 0, why)

    def clean(
        self, caller: Caller, namespace: str, *, older_than: timedelta, dry_run: bool
    ) -> Iterator[Finding]:
        """Remove what is unreferenced and was written that long ago, and say each; with `dry_run`
        only say it. Uploads write before the database knows: the grace must be longer than they
        may take. Raises `NotFound`."""
        caller.require(Action.STORE_CLEAN, namespace)
        namespace_of(self.database, namespace)
        return self._removed(namespace, self.clock.now() - older_than, dry_run)

    def _removed(self, namespace: str, limit: datetime, dry_run: bool) -> Iterator[Finding]:
        for entry, key, why in self._strays(namespace):
            if _is_older(entry, limit):
                if not dry_run:
                    self.blobs.remove(key)
                yield Finding(Fault.UNREFERENCED, key, entry.size_bytes or 0, why)

    def _versions(self, namespace: str) -> Iterator[ModelVersion]:
        everything, after = Shown.EVERYTHING, None
        while models := self.database.models.page(
            namespace, after=after, limit=_PAGE, shown=everything
        ):
            for model in models:
                before: int | None = None
                while versions := self.database.versions.page(
                    namespace, model.name, before=before, limit=_PAGE, shown=everything
                ):
                    yield from versions
                    before = versions[-1].number
            after = models[-1].name

    def _lacking(self, version: ModelVersion) -> Iterator[Finding]:
        """Files and objects by path, side by side."""
        entries = self._objects(version.key_prefix)
        entry = next(entries, None)
        for file in self._files(version.id):
            while entry is not None and entry.name < file.path:
                entry = next(entries, None)
            if entry is None or entry.name != file.path:
                why = f"version {version.number} of {version.model!r} has this file"
                yield Finding(Fault.MISSING, file.key, 0, why)
            elif entry.size_bytes != file.size_bytes:
                why = f"version {version.number} of {version.model!r} says {file.size_bytes} bytes"
                yield Finding(Fault.OTHER_SIZE, file.key, entry.size_bytes or 0, why)

    def _strays(self, namespace: str) -> Iterator[tuple[Entry, str, str]]:
        """Objects that nothing refers to, each with its key, and why nothing does."""
        for model in self._folders(f"{namespace}/"):
            logged = model.name.startswith(_LOGGED)
            for each in self._folders(f"{namespace}/{model.name}"):
                prefix = f"{namespace}/{model.name}{each.name}"
                found = self._of_owner(namespace, prefix) if logged else self._of_version(prefix)
                for entry, why in found:
                    yield entry, prefix + entry.name, why

    def _of_owner(self, namespace: str, prefix: str) -> Iterator[tuple[Entry, str]]:
        _, kind, id, _ = prefix.split("/")
        try:
            owner_of(self.database, FileOwner(namespace, OwnerKind(kind.removeprefix("~")), id))
        except (NotFound, ValueError):
            for entry in self._objects(prefix):
                yield entry, f"there is no such owner in {kind.removeprefix('~')!r} any more"

    def _of_version(self, prefix: str) -> Iterator[tuple[Entry, str]]:
        version = self.database.versions.at_prefix(prefix)
        if version is None:
            for entry in self._objects(prefix):
                if not self._is_an_artifacts(prefix + entry.name):
                    yield entry, "no version has this prefix"
        elif version.retention is Retention.PURGED or version.state is VersionState.ABANDONED:
            for entry in self._objects(prefix):
                yield entry, f"version {version.number} was purged or abandoned"
        else:
            yield from self._undeclared(version)

    def _is_an_artifacts(self, key: str) -> bool:
        """Whether the URI of an artifact names the object, or what it lies under; one that can
        still be undeleted, too."""
        places = places_of(key)
        stored_at = self.database.artifacts.stored_at
        return bool(stored_at(places) or stored_at(places, within_reach=False))

    def _undeclared(self, version: ModelVersion) -> Iterator[tuple[Entry, str]]:
        files = self._files(version.id)
        file = next(files, None)
        for entry in self._objects(version.key_prefix):
            while file is not None and file.path < entry.name:
                file = next(files, None)
            if file is None or file.path != entry.name:
                yield entry, f"version {version.number} declares no such file"

    def _files(self, version_id: int) -> Iterator[File]:
        after: str | None = None
        while page := self.database.files.page(version_id, after=after, limit=_PAGE):
            yield from page
            after = page[-1].path

    def _folders(self, prefix: str) -> Iterator[Entry]:
        after: str | None = None
        while page := self.blobs.entries(prefix, after=after, limit=_PAGE):
            yield from (entry for entry in page if entry.is_folder)
            after = page[-1].name

    def _objects(self, prefix: str) -> Iterator[Entry]:
        after: str | None = None
        while page := self.blobs.entries(prefix, after=after, limit=_PAGE, deep=True):
            yield from page
            after = page[-1].name


def _is_older(entry: Entry, limit: datetime) -> bool:
    return entry.modified_at is not None and entry.modified_at < limit
