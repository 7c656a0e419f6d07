"""Use cases on versions made of files that lie in the store already, with a run, a logged model or
another version: nobody sends them once more."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from core.domain.access import Action, Caller
from core.domain.files import File, FileDeclaration
from core.domain.handovers import FromLogged, FromVersion, Source
from core.domain.uploads import reminder_of
from core.domain.versions import ModelVersion, OnRepeat, VersionState
from core.errors import NotFound, TooLarge
from core.ports import BlobStore, Clock, Database
from core.services.flavours import read_flavours
from core.services.lookups import ready_version_of
from core.services.owners import owner_of
from core.services.pulls import check_pull
from core.services.receipts import Receipts
from core.services.versions import Registration, Versions

_BATCH = 1_000
_AT_ONCE_BYTES = 1 << 30
_AT_ONCE_FILES = 200


@dataclass(frozen=True, slots=True)
class Handovers:
    """Register versions whose files the store copies: a registration, and the receipt of files
    that are there already."""

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
        source: Source,
        *,
        version: str | None = None,
        name: str | None = None,
        on_repeat: OnRepeat = OnRepeat.NEW,
        even_without: bool = False,
    ) -> Registration:
        """Give the model a version of the files at the source, which are its own from then on.

        What an `MLmodel` among them says fills what `described` leaves out. A usual model is ready
        at once. A large one is pending: its files are copied after the answer, as the store's
        events come; `receipts.complete` is another way to go on. Raises what registering raises,
        what reading the source raises, and `NotFound` if there are no files, or no such source;
        unless a version `even_without` any is wanted.
        """
        caller.require(Action.VERSION_REGISTER, namespace, model=model)
        files = self._files(caller, namespace, source, even_without)
        places = {file.path: (str(file.origin), file.size_bytes) for file in files}
        said = read_flavours(self.blobs, places)
        metadata = {**said.pop("metadata", {}), **described.get("metadata", {})}
        whole = {**said, **described, **({"metadata": metadata} if metadata else {})}
        limits = (self.upload_ttl_seconds, self.max_files, self.max_file_bytes)
        done = Versions(self.database, self.clock, *limits).register(
            caller, namespace, model, whole, files, version=version, name=name, on_repeat=on_repeat
        )
        if done.version.state is not VersionState.PENDING:
            return done
        return Registration(self._copied(caller, done.version), done.outcome)

    def _files(
        self, caller: Caller, namespace: str, source: Source, even_without: bool
    ) -> tuple[FileDeclaration, ...]:
        try:
            if files := tuple(self._found(caller, namespace, source)):
                return files
            raise NotFound(
                "There are no files at the source.",
                next_step="Log them first, or register the version without files.",
            )
        except NotFound as error:
            if not even_without or error.refusal is not None:
                raise
            return ()

    def _copied(self, caller: Caller, version: ModelVersion) -> ModelVersion:
        """The version, ready if it is no more than can be copied while somebody waits."""
        if version.size_bytes <= _AT_ONCE_BYTES and version.file_count <= _AT_ONCE_FILES:
            place = (version.namespace, version.model, version.number)
            receipts = Receipts(self.database, self.blobs, self.clock)
            version = receipts.complete(caller, *place).version
        if version.state is VersionState.PENDING:
            self.blobs.put(reminder_of(version), b"")
        return version

    def _found(self, caller: Caller, namespace: str, source: Source) -> Iterator[FileDeclaration]:
        match source:
            case FromLogged():
                return self._logged(caller, source)
            case FromVersion():
                return self._of_version(caller, namespace, source)

    def _logged(self, caller: Caller, source: FromLogged) -> Iterator[FileDeclaration]:
        caller.require(Action.EXPERIMENT_READ, source.owner.namespace)
        prefix = owner_of(self.database, source.owner).folder(source.folder)
        after: str | None = None
        count = 0
        while found := self.blobs.entries(prefix, after=after, limit=_BATCH, deep=True):
            count += len(found)
            self._check_count(count)
            for entry in found:
                yield FileDeclaration(
                    path=entry.name,
                    size_bytes=entry.size_bytes or 0,
                    sha256="",
                    origin=prefix + entry.name,
                )
            after = found[-1].name

    def _of_version(
        self, caller: Caller, namespace: str, source: FromVersion
    ) -> Iterator[FileDeclaration]:
        caller.require(Action.FILE_READ, namespace, model=source.model)
        version = ready_version_of(self.database, namespace, source.model, source.reference)
        check_pull(self.database, caller, version)
        after: str | None = None
        while found := self.database.files.page(version.id, after=after, limit=_BATCH):
            yield from (_copy_of(file) for file in found)
            after = found[-1].path

    def _check_count(self, count: int) -> None:
        if count > self.max_files:
            raise TooLarge(
                f"There are more than {self.max_files} files at the source; a version holds no"
                " more.",
                next_step="Pack small files into an archive.",
            )


def _copy_of(file: File) -> FileDeclaration:
    return FileDeclaration(
        path=file.path,
        size_bytes=file.size_bytes,
        sha256=file.sha256,
        parts_sha256=file.parts_sha256,
        origin=file.key,
    )
