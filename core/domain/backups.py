"""What a backup is: the documents of every collection, in chunks, and a manifest that names them.

A chunk is lines of canonical MongoDB Extended JSON (v2), one document a line, compressed by gzip.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from core.domain.moments import shown
from core.errors import Invalid

FORM = "modelry-backup-1"
PREFIX = ".backups/"
"""Where backups lie in a bucket: what begins with a dot is the registry's own."""
MANIFEST = "manifest.json"
CHUNK_BYTES = 8 << 20
"""How many bytes of documents a chunk holds, about, before they are compressed."""


@dataclass(frozen=True, slots=True)
class Chunk:
    """Documents of one collection. `name` is where they lie below the backup, `sha256` the hex
    digest of the compressed bytes."""

    collection: str
    name: str
    documents: int
    size_bytes: int
    sha256: str

    @classmethod
    def of(cls, collection: str, place: int, documents: int, content: bytes) -> "Chunk":
        """The chunk of these compressed bytes, the `place`th of its collection."""
        digest = hashlib.sha256(content).hexdigest()
        return cls(collection, f"{collection}/{place:06}.gz", documents, len(content), digest)

    def check(self, content: bytes | None) -> bytes:
        """The compressed bytes, if they are those that were written. Raises `Invalid`."""
        if content is None or hashlib.sha256(content).hexdigest() != self.sha256:
            raise Invalid(
                f"{self.name} of the backup {'lacks' if content is None else 'was changed'}.",
                next_step="Restore another backup; this one is not whole.",
            )
        return content


@dataclass(frozen=True, slots=True)
class Backup:
    """A whole backup: what it is called, when it was begun, of what, and its chunks."""

    name: str
    began_at: datetime
    database: str
    chunks: tuple[Chunk, ...]

    @property
    def documents(self) -> int:
        """How many there are in all."""
        return sum(chunk.documents for chunk in self.chunks)

    @property
    def size_bytes(self) -> int:
        """How many bytes its chunks have."""
        return sum(chunk.size_bytes for chunk in self.chunks)

    def document(self) -> bytes:
        """The manifest, as it is written."""
        about = {
            "form": FORM,
            "name": self.name,
            "began_at": shown(self.began_at),
            "database": self.database,
            "chunks": [asdict(chunk) for chunk in self.chunks],
        }
        return json.dumps(about, indent=1).encode()

    @classmethod
    def read(cls, content: bytes) -> "Backup":
        """The backup of a manifest. Raises `Invalid`."""
        try:
            about: Mapping[str, Any] = json.loads(content)
            if about["form"] != FORM:
                raise ValueError(about["form"])
            return cls(
                name=str(about["name"]),
                began_at=datetime.fromisoformat(str(about["began_at"])),
                database=str(about["database"]),
                chunks=tuple(Chunk(**each) for each in about["chunks"]),
            )
        except (ValueError, KeyError, TypeError) as error:
            raise Invalid(
                f"This is no manifest of a backup: {error}.",
                next_step="Name a backup that `python -m handlers.admin backups` lists.",
            ) from None


def backup_name(at: datetime) -> str:
    """What a backup that begins now is called; names sort by time."""
    return f"{at:%Y%m%dT%H%M%SZ}"
