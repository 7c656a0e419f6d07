"""The file that an evidence pack is: members in a zip, and a manifest with the digest of each.

The same members make the same bytes, whoever packs them and when: no times, no compression.
"""

import hashlib
import json
import os
import tempfile
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

FORM = "modelry-evidence/1"
MANIFEST = "evidence.json"
INDEX = "index.html"
_BLOCK_BYTES = 1 << 20
_SPOOLED_BYTES = 1 << 20
_EPOCH = (1980, 1, 1, 0, 0, 0)
_READABLE = 0o100644 << 16
_UNIX = 3


def document_bytes(document: Any) -> bytes:
    """JSON as it stands in a pack: sorted, indented, UTF-8."""
    text = json.dumps(document, indent=1, sort_keys=True, ensure_ascii=False, allow_nan=False)
    return f"{text}\n".encode("utf-8", "replace")


def line_bytes(document: Any) -> bytes:
    """The same as one line of NDJSON."""
    text = json.dumps(document, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return f"{text}\n".encode("utf-8", "replace")


class Spool:
    """A member that is being written: in memory while it is small, in a file after that."""

    def __init__(self, path: str, about: str) -> None:
        self.path = path
        self.about = about
        self.lines = 0
        self._file: IO[bytes] = tempfile.SpooledTemporaryFile(_SPOOLED_BYTES)  # noqa: SIM115  # closed by `close`

    def write(self, content: bytes) -> None:
        """Add bytes."""
        self._file.write(content)

    def line(self, document: Any) -> None:
        """Add a line of NDJSON."""
        self._file.write(line_bytes(document))
        self.lines += 1

    def content(self) -> IO[bytes]:
        """What was written, from its beginning."""
        self._file.seek(0)
        return self._file

    def close(self) -> None:
        """Throw it away."""
        self._file.close()


@dataclass(slots=True)
class Pack:
    """A pack that is being written; `members` are listed as they were added."""

    archive: zipfile.ZipFile
    members: list[dict[str, Any]] = field(default_factory=list)

    def add(self, spool: Spool) -> None:
        """Add a member, and close its spool."""
        digest, size = self._write(spool.path, spool.content())
        spool.close()
        self.members.append(
            {"path": spool.path, "size_bytes": size, "sha256": digest, "about": spool.about}
        )

    def document(self, path: str, document: Any, about: str) -> None:
        """Add a JSON document."""
        spool = Spool(path, about)
        spool.write(document_bytes(document))
        self.add(spool)

    def seal(self, about: Mapping[str, Any]) -> None:
        """Add the manifest, which has every member but itself."""
        spool = Spool(MANIFEST, "")
        spool.write(document_bytes({"form": FORM, **about, "members": self.members}))
        self._write(MANIFEST, spool.content())
        spool.close()

    def _write(self, path: str, content: IO[bytes]) -> tuple[str, int]:
        entry = zipfile.ZipInfo(path, _EPOCH)
        entry.compress_type = zipfile.ZIP_STORED
        entry.create_system = _UNIX
        entry.external_attr = _READABLE
        whole, size = hashlib.sha256(), 0
        with self.archive.open(entry, "w", force_zip64=True) as target:
            while block := content.read(_BLOCK_BYTES):
                whole.update(block)
                size += len(block)
                target.write(block)
        return whole.hexdigest(), size


class Packing:
    """Writes a pack beside its place and puts it there when it is whole; a context manager."""

    def __init__(self, target: str | os.PathLike[str]) -> None:
        self.target = Path(target)
        self._unfinished = self.target.with_name(f".{self.target.name}.{os.getpid()}.part")

    def __enter__(self) -> Pack:
        self._archive = zipfile.ZipFile(self._unfinished, "w")
        return Pack(self._archive)

    def __exit__(self, kind: type[BaseException] | None, *rest: object) -> None:
        self._archive.close()
        if kind is None:
            os.replace(self._unfinished, self.target)
        else:
            self._unfinished.unlink(missing_ok=True)


def file_digest(path: str | os.PathLike[str]) -> str:
    """The SHA-256 of a whole file, in hex."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
