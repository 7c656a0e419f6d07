"""Use cases on uploads: how the declared bytes of a pending version reach the object store.

The bytes go from the client straight to the store; what passes here is signatures. What arrived
is noted by `receipts`.
"""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta

from core.domain.access import Action, Caller
from core.domain.common import moved_on
from core.domain.events import SubjectKind, change
from core.domain.files import File
from core.domain.pages import Page, PageRequest
from core.domain.subjects import event_of
from core.domain.uploads import check_parts, whole_parts
from core.domain.versions import ByNumber, ModelVersion, VersionState
from core.errors import Conflict, NotFound
from core.ports import BlobStore, Clock, Database, SignedRequest, Stores
from core.services.lookups import file_of, unfinished_version_of, version_of
from core.services.removals import remove_files

_BATCH = 100
_COPYING = timedelta(seconds=15)


@dataclass(frozen=True, slots=True)
class Transfer:
    """How to send a file: by `put`, or in parts where that is None; some may be there already."""

    file: File
    put: SignedRequest | None
    received_parts: Sequence[int]


@dataclass(frozen=True, slots=True)
class SignedPart:
    """A part of a file and the request that sends it."""

    number: int
    request: SignedRequest


@dataclass(frozen=True, slots=True)
class Uploads:
    """Open, resume, give up and expire the upload of a pending version."""

    database: Database
    blobs: BlobStore
    clock: Clock

    def open(
        self, caller: Caller, namespace: str, model: str, number: int, request: PageRequest
    ) -> tuple[ModelVersion, Page[Transfer]]:
        """Say how to send each file that the store lacks; opens the upload or resumes it.

        A file whose bytes the namespace already holds is copied on the store's side and not
        asked for. Raises `NotFound`, and `Conflict` for an abandoned version.
        """
        caller.require(Action.VERSION_REGISTER, namespace, model=model)
        version = unfinished_version_of(self.database, namespace, model, ByNumber(number))
        query = ("upload", str(version.id))
        rows = self.database.files.page(
            version.id,
            after=request.after(*query),
            limit=request.size + 1,
            missing_only=True,
        )
        page = request.page(rows, lambda file: file.path, *query)
        awaited = [file for file in page.items if file.origin is None]
        left = self._copy_twins(caller, version, awaited)
        return version, Page(tuple(self._transfer(file) for file in left), page.next_token)

    def sign_parts(
        self,
        caller: Caller,
        namespace: str,
        model: str,
        number: int,
        path: str,
        digests: Sequence[tuple[int, str]],
    ) -> tuple[SignedPart, ...]:
        """Requests for some parts of a file: pairs of part number (from 1) and SHA-256 (hex).

        Raises `NotFound`, `Invalid`, and `Conflict` if the file is not being sent in parts.
        """
        caller.require(Action.VERSION_REGISTER, namespace, model=model)
        version = unfinished_version_of(self.database, namespace, model, ByNumber(number))
        file = file_of(self.database, version, path)
        check_parts(file, digests)
        if file.multipart_id is None:
            raise Conflict(
                f"The file {path!r} is not being sent in parts.",
                next_step="Open the upload and do for each file what the answer says.",
            )
        proves = self.blobs.proves_sha256
        return tuple(
            SignedPart(
                part,
                self.blobs.sign_part(
                    file.key, file.multipart_id, part, sha256=digest if proves else None
                ),
            )
            for part, digest in digests
        )

    def abandon(self, caller: Caller, namespace: str, model: str, number: int) -> None:
        """Give the upload up: its number is spent, its bytes are removed. Repeating is fine.

        Raises `NotFound`, and `Conflict` for a version that is ready.
        """
        caller.require(Action.VERSION_REGISTER, namespace, model=model)
        version = version_of(self.database, namespace, model, ByNumber(number))
        self._abandon(caller, version, "the upload was given up")

    def expire(self, caller: Caller, *, limit: int = _BATCH) -> int:
        """Abandon the uploads that ran out of time, and return how many. `sweep` calls this."""
        caller.require(Action.UPLOAD_EXPIRE)
        expired = self.database.versions.expired(self.clock.now(), limit)
        count = 0
        for version in expired:
            if self._is_awaited(caller, version):
                continue
            with suppress(Conflict, NotFound):  # it was completed, or deleted, in this moment
                self._abandon(caller, version, "the upload ran out of time")
                count += 1
        return count

    def _is_awaited(self, caller: Caller, version: ModelVersion) -> bool:
        """Whether the namespace waits longer for uploads; if so, this one goes on until then."""
        room = self.database.namespaces.get(version.namespace)
        days = None if room is None else room.retention.upload_days
        if days is None or version.state is not VersionState.PENDING:
            return False
        at, until = self.clock.now(), version.created_at + timedelta(days=days)
        if until <= at:
            return False

        def work(stores: Stores) -> None:
            before = stores.versions.get(version.namespace, version.model, version.number)
            if before is None or before.state is not VersionState.PENDING:
                return
            by = caller.principal.name
            after = moved_on(before, at=at, by=by, upload_expires_at=until)
            stores.versions.replace(after)
            event = event_of(caller, "version.upload-prolonged", at=at, before=before, after=after)
            stores.events.add(event)

        self.database.transaction(work)
        return True

    def _copy_twins(
        self, caller: Caller, version: ModelVersion, files: Sequence[File]
    ) -> list[File]:
        if not files:
            return []
        digests = {file.sha256 for file in files}
        twins = self.database.files.twins(version.namespace, digests)
        if not caller.may(Action.FILE_READ, version.namespace):
            # Knowing a digest must not give anybody the bytes of a model that they cannot read.
            own = version.key_prefix.rpartition("/")[0] + "/"
            twins = {key: twin for key, twin in twins.items() if twin.key.startswith(own)}
        deadline = self.clock.now() + _COPYING
        left = []
        for file in files:
            twin = twins.get(file.sha256)
            if (
                twin is not None
                and file.is_twin_of(twin)
                and self.clock.now() < deadline
                and self.blobs.copy(twin.key, file.key)
            ):
                self.database.files.receive(file, self.clock.now())
            else:
                left.append(file)
        return left

    def _transfer(self, file: File) -> Transfer:
        if self.blobs.proves_sha256 and file.parts == 1:
            return Transfer(file, self.blobs.sign_put(file.key, sha256=file.sha256), ())
        if file.multipart_id is not None:
            parts = self.blobs.parts(file.key, file.multipart_id)
            if parts is not None:
                sizes = {part.number: part.size_bytes for part in parts}
                return Transfer(file, None, whole_parts(file, sizes))
            self.database.files.refuse(file, "the store no longer has its parts")
        multipart_id = self.blobs.start(file.key)
        if not self.database.files.begin(file, multipart_id):
            self.blobs.abort(file.key, multipart_id)
        return Transfer(file, None, ())

    def _abandon(self, caller: Caller, version: ModelVersion, reason: str) -> None:
        """First the state, so that nothing can make it ready any more, then the bytes."""
        self._move(caller, version, "version.abandoned", reason)
        remove_files(self.database, self.blobs, version.id)
        self._move(caller, version, "version.emptied", reason)

    def _move(self, caller: Caller, version: ModelVersion, action: str, reason: str) -> None:
        at = self.clock.now()
        emptied = action == "version.emptied"

        def work(stores: Stores) -> None:
            before = version_of(stores, version.namespace, version.model, ByNumber(version.number))
            if before.state is VersionState.READY:
                raise Conflict(
                    f"Version {version.number} of {version.model!r} is ready; it never changes.",
                    next_step="Register another version instead.",
                )
            if before.state is VersionState.ABANDONED and not (
                emptied and before.upload_expires_at
            ):
                return
            after = moved_on(
                before,
                at=at,
                by=caller.principal.name,
                state=VersionState.ABANDONED,
                upload_expires_at=None if emptied else at,
            )
            stores.versions.replace(after)
            stores.events.add(
                change(
                    caller,
                    action,
                    SubjectKind.VERSION,
                    f"{version.namespace}/{version.model}/{version.number}",
                    at=at,
                    namespace=version.namespace,
                    before=before,
                    after=after,
                    reason=reason,
                )
            )

        self.database.transaction(work)
