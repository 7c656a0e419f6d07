"""Use cases on the files that runs and logged models keep: read, send, remove.

What passes here is signatures, but for what a client cannot send straight to the store.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from core.domain.access import Action, Caller
from core.domain.logged_files import MAX_PARTS, FileOwner
from core.domain.pages import Page, PageRequest
from core.errors import Conflict, Invalid, NotFound, Unavailable
from core.ports import BlobStore, Clock, Database, Entry, Part, SignedRequest
from core.services.arrivals import Arrival, check_passing
from core.services.owners import owner_of
from core.services.pulls import handed_out_of
from core.services.uploads import SignedPart

_BATCH = 100
_REMOVING = timedelta(seconds=15)
_ETAG = re.compile(r"[0-9A-Za-z-]{1,128}", re.ASCII)


@dataclass(frozen=True, slots=True)
class LoggedFile:
    """A file and the request that fetches it. `sha256` is hex, None if the store does not know."""

    path: str
    size_bytes: int
    sha256: str | None
    request: SignedRequest


@dataclass(frozen=True, slots=True)
class LoggedFiles:
    """List, fetch, send and remove what a run or a logged model keeps.

    Every method raises `NotFound` if there is no such run or model, `Invalid` for what is no path,
    and `Forbidden`.
    """

    database: Database
    blobs: BlobStore
    clock: Clock
    max_proxied_bytes: int

    def page(
        self, caller: Caller, owner: FileOwner, folder: str, request: PageRequest
    ) -> Page[Entry]:
        """What lies in a folder, by name; nothing if there is no such folder."""
        caller.require(Action.EXPERIMENT_READ, owner.namespace)
        prefix = owner_of(self.database, owner).folder(folder)
        query = ("logged-files", prefix)
        after = request.after(*query)
        rows = self.blobs.entries(prefix, after=after, limit=request.size + 1)
        return request.page(rows, lambda entry: entry.name, *query)

    def get(self, caller: Caller, owner: FileOwner, path: str) -> LoggedFile:
        """One file. Raises `Invalid` for a folder."""
        caller.require(Action.EXPERIMENT_READ, owner.namespace)
        owner = owner_of(self.database, owner)
        key = owner.key(path)
        blob = self.blobs.stat(key)
        if blob is None:
            if self.blobs.entries(owner.folder(path), after=None, limit=1):
                raise Invalid(
                    f"{path!r} is a folder.", next_step="List it, and fetch the files in it."
                )
            raise NotFound(
                f"There is no file {path[:200]!a} there.",
                next_step="List the folder that it is in to see what there is.",
            )
        at = self.clock.now()
        request = handed_out_of(
            self.database, self.blobs, caller, owner, path, blob.size_bytes, at=at
        )
        return LoggedFile(path, blob.size_bytes, blob.sha256, request)

    def sign_put(self, caller: Caller, owner: FileOwner, path: str) -> SignedRequest:
        """A request that sends one file of at most 5 GiB whole, in place of the one there is."""
        key = self._key(caller, owner, path)
        return self.blobs.sign_put(key, sha256=None)

    def receive(self, caller: Caller, owner: FileOwner, path: str, size_bytes: int) -> Arrival:
        """Where to put the bytes of a file that pass through here; `size_bytes` is how many are
        announced, 0 if that was not said. Raises `TooLarge`."""
        key = self._key(caller, owner, path)
        check_passing(size_bytes, self.max_proxied_bytes)
        return Arrival(self.blobs, key, self.max_proxied_bytes)

    def start(
        self, caller: Caller, owner: FileOwner, path: str, parts: int
    ) -> tuple[str, tuple[SignedPart, ...]]:
        """Open the upload of a file in so many parts: its id, and the request for each part."""
        key = self._key(caller, owner, path)
        if not 1 <= parts <= MAX_PARTS:
            raise Invalid(
                f"{parts} parts were asked for.", next_step=f"Send 1 to {MAX_PARTS} parts."
            )
        multipart_id = self.blobs.start(key, digested=False)
        signed = (
            SignedPart(number, self.blobs.sign_part(key, multipart_id, number, sha256=None))
            for number in range(1, parts + 1)
        )
        return multipart_id, tuple(signed)

    def complete(
        self,
        caller: Caller,
        owner: FileOwner,
        path: str,
        multipart_id: str,
        parts: Sequence[tuple[int, str]],
    ) -> None:
        """Make the file of its parts: pairs of number and the entity tag that the store answered.
        Doing so again is fine. Raises `Conflict` if the store has not these parts."""
        key = self._key(caller, owner, path)
        tags = [(number, tag.strip('"')) for number, tag in parts]
        if not tags or not all(_ETAG.fullmatch(tag) for _, tag in tags):
            raise Invalid(
                f"The upload of {path!r} is to be completed of {len(tags)} parts, of which not all"
                " have an entity tag.",
                next_step="Name each part with the ETag that the store answered to it.",
            )
        try:
            self.blobs.finish(key, multipart_id, [Part(n, 0, tag) for n, tag in sorted(tags)])
        except Conflict:
            is_over = self.blobs.parts(key, multipart_id) is None
            if not is_over or self.blobs.stat(key) is None:
                raise

    def abort(self, caller: Caller, owner: FileOwner, path: str, multipart_id: str) -> None:
        """Give an upload up; nothing happens if there is none."""
        key = self._key(caller, owner, path)
        self.blobs.abort(key, multipart_id)

    def remove(self, caller: Caller, owner: FileOwner, path: str) -> None:
        """Remove a file or a folder with all that is in it; nothing happens if there is none.

        Raises `Unavailable` if there is more than can be removed in one go.
        """
        caller.require(Action.RUN_DELETE, owner.namespace)
        owner = owner_of(self.database, owner)
        if path.rstrip("/"):
            self.blobs.remove(owner.key(path.rstrip("/")))
        if not remove_folder(self.blobs, self.clock, owner.folder(path), _REMOVING):
            raise Unavailable("There is more in it than could be removed in one go.")

    def _key(self, caller: Caller, owner: FileOwner, path: str) -> str:
        caller.require(Action.RUN_LOG, owner.namespace)
        return owner_of(self.database, owner).key(path)


def remove_folder(blobs: BlobStore, clock: Clock, prefix: str, within: timedelta) -> bool:
    """Remove everything under a prefix; False if the time was over before all was gone."""
    deadline = clock.now() + within
    while found := blobs.entries(prefix, after=None, limit=_BATCH, deep=True):
        for entry in found:
            blobs.remove(prefix + entry.name)
        if clock.now() > deadline:
            return False
    return True
