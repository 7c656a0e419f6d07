"""The managed files of a version, their manifest and its digest."""

import hashlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from core.domain.names import check_file_path
from core.errors import Invalid, TooLarge

SHA256 = re.compile(r"[0-9a-f]{64}")

PART_BYTES = 64 << 20
MAX_PARTS = 10_000
MAX_FILE_BYTES = 5 << 40


class FileState(StrEnum):
    """A file is declared first, and received once the store has exactly the declared bytes."""

    MISSING = "missing"
    RECEIVED = "received"


def part_size_bytes(size_bytes: int) -> int:
    """The size of each part but the last: 64 MiB, or the multiple of it that 10 000 parts need.

    A file no larger than one part is sent by a single PUT.
    """
    return PART_BYTES * max(1, -(-size_bytes // (PART_BYTES * MAX_PARTS)))


def part_count(size_bytes: int) -> int:
    """How many parts a file of this size is sent in; 1 means a single PUT."""
    return max(1, -(-size_bytes // part_size_bytes(size_bytes)))


@dataclass(frozen=True, slots=True, kw_only=True)
class FileDeclaration:
    """What the pusher says of a file before sending it.

    `sha256` is the hex digest of the whole. `parts_sha256`, needed for a file of more than one
    part, is the hex SHA-256 over the concatenated binary SHA-256 digests of its parts: it is what
    an object store can prove of a multipart object without anybody reading it again.

    What nobody has to send lies under the key `origin` already: its `sha256` is empty if it is not
    known until its bytes are copied.
    """

    path: str
    size_bytes: int
    sha256: str
    parts_sha256: str | None = None
    origin: str | None = None

    def __post_init__(self) -> None:
        check_file_path(self.path)
        if not 0 <= self.size_bytes <= MAX_FILE_BYTES:
            raise Invalid(
                f"The file {self.path!r} is declared with {self.size_bytes} bytes.",
                next_step=f"Sizes go from 0 to {MAX_FILE_BYTES} bytes.",
            )
        if self.origin is not None and not self.sha256:
            return
        needs_parts = part_count(self.size_bytes) > 1 and self.origin is None
        for field, value in (("sha256", self.sha256), ("parts_sha256", self.parts_sha256)):
            if value is None and field == "parts_sha256" and not needs_parts:
                continue
            if value is None or not SHA256.fullmatch(value):
                raise Invalid(
                    f"The file {self.path!r} has no valid {field}.",
                    next_step=f"Send {field} as 64 lower-case hex digits.",
                )


@dataclass(frozen=True, slots=True, kw_only=True)
class File:
    """A declared file and how far its transfer is.

    `key` is where its bytes lie in the store; `multipart_id` names the store's open multipart
    upload; `problem` says why bytes that did arrive were refused. A file with an `origin` is copied
    from there; until then its `sha256` may be empty.
    """

    version_id: int
    namespace: str
    path: str
    size_bytes: int
    sha256: str
    parts_sha256: str | None = None
    key: str
    origin: str | None = None
    state: FileState = FileState.MISSING
    multipart_id: str | None = None
    problem: str | None = None
    received_at: datetime | None = None

    @property
    def parts(self) -> int:
        """In how many parts it is sent."""
        return part_count(self.size_bytes)

    @property
    def part_size_bytes(self) -> int:
        """Bytes of each part but the last."""
        return part_size_bytes(self.size_bytes)

    def is_twin_of(self, other: "File") -> bool:
        """Whether both are provably the same bytes.

        For a file in parts the store proved its parts, not its whole; so that nobody can pass
        off other bytes under a digest he merely claims, the parts must agree as well.
        """
        return (self.size_bytes, self.sha256, self.parts_sha256) == (
            other.size_bytes,
            other.sha256,
            other.parts_sha256,
        )


def check_manifest(
    files: Sequence[FileDeclaration], *, max_files: int, max_file_bytes: int
) -> None:
    """Refuse a set of files that could not lie in one directory on every system.

    Raises `TooLarge` over the limits; `Invalid` if two paths are equal but for case, or one is
    the directory of another.
    """
    if len(files) > max_files:
        raise TooLarge(
            f"{len(files)} files are declared; a version holds at most {max_files}.",
            next_step="Pack small files into an archive.",
        )
    seen: dict[str, str] = {}
    for file in files:
        if file.size_bytes > max_file_bytes:
            raise TooLarge(
                f"The file {file.path!r} has {file.size_bytes} bytes; this registry's object"
                f" store takes at most {max_file_bytes} a file.",
                next_step="Use a registry on a full object store, such as MinIO, or split the"
                " file; an operator raises the limit with MODELRY_MAX_FILE_BYTES.",
            )
        folded = file.path.casefold()
        if folded in seen:
            raise Invalid(
                f"The paths {seen[folded]!r} and {file.path!r} are the same file on systems"
                " that ignore case.",
                next_step="Rename one of them.",
            )
        seen[folded] = file.path
    for folded, path in seen.items():
        parent = folded
        while "/" in parent:
            parent = parent.rpartition("/")[0]
            if parent in seen:
                raise Invalid(
                    f"{seen[parent]!r} is declared as a file, and as the directory of {path!r}.",
                    next_step="Rename one of them.",
                )


def manifest_digest(files: Iterable[FileDeclaration | File]) -> str:
    """The digest of a version: `sha256:` over its files' lines, sorted by the bytes of the path.

    A line is `{sha256}  {size_bytes}  {path}\\n` in UTF-8: with coreutils alone anybody can
    compute it again.
    """
    return lines_digest((file.path, file.size_bytes, file.sha256) for file in files)


def lines_digest(files: Iterable[tuple[str, int, str]]) -> str:
    """The same of files of which no more is known than path, size and SHA-256 (hex)."""
    lines = sorted((path.encode(), f"{sha256}  {size}  ".encode()) for path, size, sha256 in files)
    whole = hashlib.sha256()
    for path, head in lines:
        whole.update(head + path + b"\n")
    return f"sha256:{whole.hexdigest()}"
