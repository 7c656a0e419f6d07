"""The use cases of operators that keep the documents in a bucket, and bring them back."""

import gzip
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from core.domain.access import Action, Caller
from core.domain.backups import CHUNK_BYTES, MANIFEST, PREFIX, Backup, Chunk, backup_name
from core.errors import Conflict, NotFound
from core.ports import BlobStore, Clock, Dumps

_PAGE = 1_000
Told = Callable[[Chunk], None]


@dataclass(frozen=True, slots=True)
class Backups:
    """Backups of the database in a bucket, which may be another than that of the artifacts.

    Bytes of artifacts are not in them: the store's own versioning and replication keep those, and
    `Consistency.check` tells whether a restored database still has its bytes.
    """

    dumps: Dumps
    blobs: BlobStore
    clock: Clock

    def write(self, caller: Caller, told: Told = lambda chunk: None) -> Backup:
        """Write all documents; the manifest last, so that a backup without one was broken off.

        Chunks are held in memory one at a time.
        """
        caller.require(Action.BACKUP_WRITE)
        began_at = self.clock.now()
        name = backup_name(began_at)
        chunks: list[Chunk] = []
        places: dict[str, int] = {}
        for collection, count, lines in self.dumps.dump(chunk_bytes=CHUNK_BYTES):
            content = gzip.compress(lines, compresslevel=6, mtime=0)
            places[collection] = places.get(collection, 0) + 1
            chunk = Chunk.of(collection, places[collection], count, content)
            self.blobs.put(f"{PREFIX}{name}/{chunk.name}", content)
            chunks.append(chunk)
            told(chunk)
        backup = Backup(name, began_at, self.dumps.name, tuple(chunks))
        self.blobs.put(f"{PREFIX}{name}/{MANIFEST}", backup.document())
        return backup

    def page(self, caller: Caller) -> Iterator[Backup]:
        """The whole ones, the oldest first."""
        caller.require(Action.BACKUP_READ)
        return self._whole()

    def restore(self, caller: Caller, name: str, told: Told = lambda chunk: None) -> Backup:
        """Bring everything back as it was, into an empty database. If it was broken off, it goes
        on with `name` again: nothing is stored twice.

        Every chunk is checked before the first is stored. Raises `NotFound`, `Invalid` for a
        backup that is not whole, and `Conflict` for a database that holds anything else.
        """
        caller.require(Action.BACKUP_RESTORE)
        content = self.blobs.get(f"{PREFIX}{name}/{MANIFEST}")
        if content is None:
            raise NotFound(
                f"There is no whole backup {name!r}.",
                next_step="List them with `python -m handlers.admin backups`.",
            )
        backup = Backup.read(content)
        for chunk in backup.chunks:
            self._content(backup, chunk)
        self._check_room(backup)
        for chunk in backup.chunks:
            lines = gzip.decompress(self._content(backup, chunk)).splitlines()
            self.dumps.load(chunk.collection, lines)
            told(chunk)
        self.dumps.end()
        return backup

    def _check_room(self, backup: Backup) -> None:
        if not self.dumps.begin(backup.name):
            raise Conflict(
                f"The database {self.dumps.name!r} is not empty, and {backup.name} would be mixed"
                " with what it holds.",
                next_step="Restore into a new one (MODELRY_MONGODB_DATABASE), then point the"
                " functions at it.",
            )

    def _content(self, backup: Backup, chunk: Chunk) -> bytes:
        return chunk.check(self.blobs.get(f"{PREFIX}{backup.name}/{chunk.name}"))

    def _whole(self) -> Iterator[Backup]:
        after: str | None = None
        while found := self.blobs.entries(PREFIX, after=after, limit=_PAGE):
            for entry in found:
                content = self.blobs.get(f"{PREFIX}{entry.name}{MANIFEST}")
                if content is not None:
                    yield Backup.read(content)
            after = found[-1].name
