"""Use cases on what arrived in the object store, told by a storage event or by the client.

Every step may be repeated, in any order, by both at once. Whether the bytes are the declared ones
is asked of the store, never believed of whoever tells.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

from core.domain.access import Action, Caller
from core.domain.artifacts import whole
from core.domain.common import moved_on
from core.domain.events import SubjectKind, change
from core.domain.files import File, FileState, manifest_digest
from core.domain.logged_files import is_logged
from core.domain.retention import Retention
from core.domain.uploads import REMINDERS, disagreement, reminded_of, reminder_of, whole_parts
from core.domain.versions import ByNumber, ModelVersion, VersionState
from core.errors import Conflict
from core.ports import BlobStore, Clock, Database, Stores
from core.services.attachments import attach
from core.services.lookups import unfinished_version_of, version_of

_BATCH = 100
_CHECKING = timedelta(seconds=15)


@dataclass(frozen=True, slots=True)
class Lack:
    """Why a file is not received: it has not arrived (yet), or what arrived `is_refused`."""

    path: str
    problem: str
    is_refused: bool = False


@dataclass(frozen=True, slots=True)
class Completion:
    """What asking for completion came to: the version, and what it lacks (the first 100)."""

    version: ModelVersion
    lacks: tuple[Lack, ...]


@dataclass(frozen=True, slots=True)
class Receipts:
    """Note what arrived; make a version ready once nothing is missing."""

    database: Database
    blobs: BlobStore
    clock: Clock

    def complete(self, caller: Caller, namespace: str, model: str, number: int) -> Completion:
        """Check every file that is still missing; the version is ready if none is afterwards.

        Works for about 15 seconds a call, so a large upload may take several. Raises `NotFound`,
        and `Conflict` naming the files whose bytes are not the declared ones.
        """
        caller.require(Action.VERSION_REGISTER, namespace, model=model)
        version = unfinished_version_of(self.database, namespace, model, ByNumber(number))
        lacks = self._receive_missing(version)
        refused = [(lack.path, lack.problem) for lack in lacks if lack.is_refused]
        if refused:
            raise Conflict(
                f"{len(refused)} of the files of version {number} of {model!r} did not arrive as"
                f" declared, {refused[0][0]!r} for one: {refused[0][1]}. The version stays"
                " pending.",
                next_step="Push again: only what is missing is sent.",
                problems=refused,
            )
        return Completion(self._seal_if_complete(caller, version), tuple(lacks))

    def receive(self, caller: Caller, key: str) -> str:
        """Take note that the store has an object: what a storage event means.

        Returns what it came to: `received`, `ready`, `refused`, `missing`, `removed` for bytes
        that came after their upload was given up, or `ignored` for a key nobody waits for. What
        lies where no version has its files is `noted`, or `measured` for an artifact of there.
        """
        caller.require(Action.UPLOAD_RECEIVE)
        if is_logged(key):
            return "ignored"
        if (reminded := reminded_of(key)) is not None:
            return self._go_on(caller, *reminded)
        parts = key.split("/", 3)
        version = None
        if len(parts) == 4:
            version = self.database.versions.at_prefix("/".join(parts[:3]) + "/")
        if version is None:
            return self._note(caller, key)
        if version.state is VersionState.READY and version.retention is not Retention.PURGED:
            return "ignored"
        if version.state is VersionState.ABANDONED or version.retention is Retention.PURGED:
            self.blobs.remove(key)
            return "removed"
        file = self.database.files.get(version.id, parts[3])
        if file is None:
            return "ignored"
        if file.state is not FileState.RECEIVED and (lack := self._receive(file)) is not None:
            return "refused" if lack.is_refused else "missing"
        sealed = self._seal_if_complete(caller, version)
        return "ready" if sealed.state is VersionState.READY else "received"

    def _go_on(self, caller: Caller, namespace: str, id: int) -> str:
        """Copy more of what a version lacks, until the store has it all: each time it is reminded
        of, and it reminds again if that was not enough."""
        version = self.database.versions.with_id(namespace, id)
        outcome = "ignored"
        if version is not None and version.state is VersionState.PENDING:
            refused = any(lack.is_refused for lack in self._receive_missing(version))
            version = self._seal_if_complete(caller, version)
            outcome = "refused" if refused else version.state.value
            if outcome == VersionState.PENDING:
                self.blobs.put(reminder_of(version), b"")
                return "received"
        self.blobs.remove(f"{namespace}/{REMINDERS}/{id}")
        return outcome

    def _receive_missing(self, version: ModelVersion) -> list[Lack]:
        """What of it has not arrived, the first hundred, after as much work as fits in 15 s."""
        deadline = self.clock.now() + _CHECKING
        lacks: list[Lack] = []
        for file in self._missing(version):
            if (lack := self._receive(file)) is not None:
                lacks.append(lack)
            if self.clock.now() > deadline or len(lacks) >= _BATCH:
                break
        return lacks

    def _note(self, caller: Caller, key: str) -> str:
        from core.services.measurements import note  # which uploads need not wait for

        return note(self.database, self.blobs, self.clock, caller, key)

    def _missing(self, version: ModelVersion) -> Iterator[File]:
        return self._files(version, missing_only=True)

    def _files(self, version: ModelVersion, *, missing_only: bool = False) -> Iterator[File]:
        after: str | None = None
        while files := self.database.files.page(
            version.id, after=after, limit=_BATCH, missing_only=missing_only
        ):
            yield from files
            after = files[-1].path

    def _receive(self, file: File) -> Lack | None:
        """Close its multipart upload if it has one, then hold the object to the declaration.

        Refused bytes are left where they are until others replace them: removing them here could
        race with a good object that has just arrived.
        """
        if file.origin is not None:
            return self._copy(file, file.origin)
        if file.multipart_id is not None and (lack := self._finish(file, file.multipart_id)):
            return lack
        blob = self.blobs.stat(file.key)
        if blob is None:
            return Lack(file.path, file.problem or "has not arrived")
        whole, parts = blob.sha256, blob.parts_sha256
        if whole is None and (parts is None or file.parts_sha256 is None):
            whole = self.blobs.sha256(file.key)
        problem = disagreement(file, blob.size_bytes, whole, parts)
        if problem is not None:
            return self._refused(file, problem)
        self.database.files.receive(file, self.clock.now())
        return None

    def _copy(self, file: File, origin: str) -> Lack | None:
        """Copy it on the store's side. What is copied of a version needs no second proof; of
        anything else, the digest of what was copied is what counts."""
        blob = self.blobs.stat(file.key)
        if blob is None:
            if not self.blobs.copy(origin, file.key):
                return self._refused(file, "what it was to be copied from is gone")
            blob = None if file.sha256 else self.blobs.stat(file.key)
        if not file.sha256 and blob is not None:
            if blob.size_bytes != file.size_bytes:
                return self._refused(file, "what it was copied from has changed meanwhile")
            digest = blob.sha256 or self.blobs.sha256(file.key)
            self.database.files.receive(file, self.clock.now(), sha256=digest)
        else:
            self.database.files.receive(file, self.clock.now())
        return None

    def _refused(self, file: File, problem: str) -> Lack:
        self.database.files.refuse(file, problem)
        return Lack(file.path, problem, is_refused=True)

    def _finish(self, file: File, multipart_id: str) -> Lack | None:
        parts = self.blobs.parts(file.key, multipart_id)
        if parts is None:
            return None  # somebody else has finished it, or the store dropped it: stat will tell
        whole = whole_parts(file, {part.number: part.size_bytes for part in parts})
        if len(whole) < file.parts:
            return Lack(file.path, f"{file.parts - len(whole)} of its {file.parts} parts lack")
        try:
            self.blobs.finish(file.key, multipart_id, parts)
        except Conflict as conflict:
            return Lack(file.path, conflict.message)
        return None

    def _seal_if_complete(self, caller: Caller, version: ModelVersion) -> ModelVersion:
        if version.state is not VersionState.PENDING or self.database.files.page(
            version.id, after=None, limit=1, missing_only=True
        ):
            return version
        at = self.clock.now()
        artifact_id = self.database.next_id("artifact")
        digest = version.digest or manifest_digest(self._files(version))

        def work(stores: Stores) -> ModelVersion:
            before = version_of(stores, version.namespace, version.model, ByNumber(version.number))
            if before.state is not VersionState.PENDING:
                return before
            after = moved_on(
                before,
                at=at,
                by=caller.principal.name,
                state=VersionState.READY,
                digest=digest,
                ready_at=at,
                upload_expires_at=None,
            )
            stores.versions.replace(after)
            stores.events.add(
                change(
                    caller,
                    "version.ready",
                    SubjectKind.VERSION,
                    f"{version.namespace}/{version.model}/{version.number}",
                    at=at,
                    namespace=version.namespace,
                    before=before,
                    after=after,
                )
            )
            model = whole(after, artifact_id)
            attach(stores, caller, [model] if model else [])
            return after

        return self.database.transaction(work)
