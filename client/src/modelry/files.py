"""The files of a push: found, refused if odd, and hashed as the registry will check them."""

import hashlib
import os
import stat
import threading
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from modelry.errors import Invalid
from modelry.paths import collisions, path_fault

PART_BYTES = 64 << 20
MAX_PARTS = 10_000
BLOCK_BYTES = 2 << 20


def part_size_bytes(size_bytes: int) -> int:
    """The size of each part but the last: 64 MiB, or the multiple of it that 10 000 parts need."""
    return PART_BYTES * max(1, -(-size_bytes // (PART_BYTES * MAX_PARTS)))


@dataclass(frozen=True, slots=True)
class FoundFile:
    """A file to be pushed, before it is read. `path` is where it lies in the version."""

    path: str
    source: Path
    size_bytes: int
    modified_ns: int


@dataclass(frozen=True, slots=True)
class HashedFile:
    """A file to be pushed and its digests; `part_digests` are binary, one for each part."""

    found: FoundFile
    sha256: str
    part_digests: tuple[bytes, ...] = field(repr=False)

    @property
    def path(self) -> str:
        """Where it lies in the version."""
        return self.found.path

    @property
    def size_bytes(self) -> int:
        """Bytes it had when it was hashed."""
        return self.found.size_bytes

    def declaration(self) -> dict[str, object]:
        """What the registry is told of it before its bytes are sent."""
        declared: dict[str, object] = {
            "path": self.path,
            "size_bytes": self.size_bytes,
            "sha256": self.sha256,
        }
        if len(self.part_digests) > 1:
            declared["parts_sha256"] = hashlib.sha256(b"".join(self.part_digests)).hexdigest()
        return declared

    def check_unchanged(self) -> None:
        """Raise `Invalid` if the file was written to since it was hashed."""
        try:
            now = self.found.source.stat()
        except OSError as error:
            raise _changed(self.found) from error
        if (now.st_size, now.st_mtime_ns) != (self.found.size_bytes, self.found.modified_ns):
            raise _changed(self.found)


def find_files(root: str | os.PathLike[str]) -> list[FoundFile]:
    """Every file to push: `root` itself, or all below it, by path.

    Raises `Invalid`, naming each place, for links that leave `root`, links to directories,
    sockets and the like, and for names that no registry could keep on every system.
    """
    top = Path(root).expanduser().resolve()
    if not top.exists():
        raise Invalid(f"There is no file or directory {root}.", next_step="Check the path.")
    if top.is_file():
        candidates = [(top.name, top)]
        top = top.parent
    else:
        candidates = sorted(_below(top))
    found: list[FoundFile] = []
    faults: list[tuple[str, str]] = []
    for path, source in candidates:
        fault = _source_fault(top, source) or path_fault(path)
        if fault:
            faults.append((ascii(path), fault))
        else:
            status = source.stat()
            found.append(FoundFile(path, source, status.st_size, status.st_mtime_ns))
    faults += collisions(file.path for file in found)
    if faults:
        raise Invalid(
            f"{root} holds {len(faults)} entries that cannot be pushed.",
            problems=faults[:20],
            next_step="Rename or remove them, or replace links by what they point to.",
        )
    if not found:
        raise Invalid(f"{root} holds no files.", next_step="Push a file, or a directory with some.")
    return found


def hash_files(
    files: Sequence[FoundFile],
    *,
    workers: int | None = None,
    on_bytes: Callable[[int], None] = lambda count: None,
) -> list[HashedFile]:
    """Read every file once, several at a time; `on_bytes` is told of each block."""
    with ThreadPoolExecutor(workers or min(4, os.cpu_count() or 1), "modelry-hash") as pool:
        return list(pool.map(lambda file: hash_file(file, on_bytes), files))


def hash_file(file: FoundFile, on_bytes: Callable[[int], None] = lambda count: None) -> HashedFile:
    """The digest of the whole and of each part, from one reading. Raises `Invalid` if the file
    changes meanwhile."""
    if file.size_bytes <= part_size_bytes(file.size_bytes):
        hashed = _hash_small(file, on_bytes)
    else:
        hashed = _hash_parts(file, on_bytes)
    hashed.check_unchanged()
    return hashed


def manifest_digest(files: Iterable[tuple[str, int, str]]) -> str:
    """The digest of a version from (path, size in bytes, hex sha256) of each of its files."""
    lines = sorted(
        (path.encode(), f"{sha256}  {size_bytes}  ".encode()) for path, size_bytes, sha256 in files
    )
    whole = hashlib.sha256()
    for path, head in lines:
        whole.update(head + path + b"\n")
    return f"sha256:{whole.hexdigest()}"


def _hash_small(file: FoundFile, on_bytes: Callable[[int], None]) -> HashedFile:
    whole = hashlib.sha256()
    buffer = bytearray(min(BLOCK_BYTES, max(1, file.size_bytes)))
    with file.source.open("rb", buffering=0) as source:
        while count := source.readinto(buffer):
            whole.update(memoryview(buffer)[:count])
            on_bytes(count)
    return HashedFile(file, whole.hexdigest(), (whole.digest(),))


def _hash_parts(file: FoundFile, on_bytes: Callable[[int], None]) -> HashedFile:
    """Two readings side by side, on two cores: one for the whole, one for the parts."""
    stop = threading.Event()

    def unless_stopped(_: int) -> None:
        if stop.is_set():
            raise _changed(file)

    with ThreadPoolExecutor(1, "modelry-hash-parts") as second:
        part_bytes = part_size_bytes(file.size_bytes)
        parts = second.submit(_digests, file, part_bytes, unless_stopped)
        try:
            (whole,) = _digests(file, file.size_bytes, on_bytes)
        except BaseException:
            stop.set()
            raise
        return HashedFile(file, whole.hex(), parts.result())


def _digests(
    file: FoundFile, part_bytes: int, on_bytes: Callable[[int], None]
) -> tuple[bytes, ...]:
    """The binary digest of each part of the file."""
    digests = []
    view = memoryview(bytearray(BLOCK_BYTES))
    left = file.size_bytes
    with file.source.open("rb", buffering=0) as source:
        while left:
            part = hashlib.sha256()
            part_left = min(part_bytes, left)
            left -= part_left
            while part_left:
                count = source.readinto(view[: min(BLOCK_BYTES, part_left)])
                if not count:
                    raise _changed(file)
                part.update(view[:count])
                part_left -= count
                on_bytes(count)
            digests.append(part.digest())
    return tuple(digests)


def _below(top: Path) -> Iterable[tuple[str, Path]]:
    for directory, directories, names in os.walk(top, onerror=_unreadable):
        here = Path(directory)
        links = [name for name in directories if (here / name).is_symlink()]
        for name in [*names, *links]:
            source = here / name
            yield source.relative_to(top).as_posix(), source


def _unreadable(error: OSError) -> None:
    raise Invalid(
        f"The directory {error.filename} cannot be read: {error.strerror}.",
        next_step="Make it readable, or push a directory without it.",
    ) from error


def _source_fault(top: Path, source: Path) -> str | None:
    try:
        if source.is_symlink() and not source.resolve(strict=True).is_relative_to(top):
            return "is a link that leaves the directory"
        mode = source.stat().st_mode
    except (OSError, RuntimeError):
        return "is a link to nothing, or cannot be read"
    if stat.S_ISDIR(mode):
        return "is a link to a directory"
    if not stat.S_ISREG(mode):
        return "is no regular file"
    return None


def _changed(file: FoundFile) -> Invalid:
    return Invalid(
        f"The file {file.path!r} changed while it was being pushed.",
        next_step="Wait until whatever writes it is done, then push again.",
    )
