"""A pull's working directory beside its destination: what makes it resumable, and whole."""

import json
import os
import shutil
import stat
import threading
from collections.abc import Collection
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, Self

from modelry.errors import Conflict, Invalid
from modelry.files import find_files, hash_file
from modelry.records import RemoteFile

try:
    import fcntl
except ImportError:  # Windows: two pulls to one place are the user's business there
    fcntl = None  # type: ignore[assignment]  # a module, elsewhere


class Destination:
    """The directory that a pull makes. Raises `Invalid` for one that cannot be replaced whole."""

    def __init__(self, path: str | os.PathLike[str]) -> None:
        given = Path(path).expanduser()
        self.path = given.parent.resolve() / given.name
        here = Path.cwd().resolve()
        whole = given.resolve()
        if given.is_symlink() or given.name in {"", ".."}:
            raise _unfit(path, "is a link or no name of a directory")
        if here.is_relative_to(whole) or Path.home().is_relative_to(whole):
            raise _unfit(path, "is where you work, or your home")

    def is_occupied(self) -> bool:
        """Whether something lies there that a pull would have to replace."""
        if not self.path.exists():
            return False
        return not self.path.is_dir() or any(self.path.iterdir())

    def holds(self, manifest: Collection[RemoteFile]) -> bool:
        """Whether it holds exactly these files already, by their digests."""
        try:
            found = {file.path: file for file in find_files(self.path)}
        except Invalid:
            return False
        sizes = {file.path: file.size_bytes for file in manifest}
        if not self.path.is_dir() or {p: f.size_bytes for p, f in found.items()} != sizes:
            return False
        return all(hash_file(found[file.path]).sha256 == file.sha256 for file in manifest)


class Staging:
    """The working directory of one version's pull to one destination.

    A journal in it has a line for every range that was written, so that a pull that was killed
    goes on where it stopped; the bytes are checked against the digests in any case.
    """

    def __init__(self, destination: Destination, digest: str, chunk_bytes: int) -> None:
        self._destination = destination
        name = f".{destination.path.name}.modelry-{digest.removeprefix('sha256:')[:16]}"
        self.folder = destination.path.parent / name
        self._content = self.folder / "content"
        self._heading = {"digest": digest, "chunk_bytes": chunk_bytes}
        self._written: dict[str, set[int]] = {}
        self._noting = threading.Lock()

    def __enter__(self) -> Self:
        self.folder.parent.mkdir(parents=True, exist_ok=True)
        _real_directory(self.folder, 0o700)
        self._lock = (self.folder / "lock").open("a")
        if fcntl is not None:
            try:
                fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                self._lock.close()
                raise Conflict(
                    f"Another pull is writing to {self._destination.path}.",
                    next_step="Wait for it, or pull to another directory.",
                ) from None
        self._read_journal()
        _real_directory(self._content)
        self._journal = (self.folder / "journal").open("a", encoding="utf-8")
        if self._journal.tell() == 0:
            self._note(self._heading)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._journal.close()
        self._lock.close()

    def written(self, path: str) -> frozenset[int]:
        """The numbers of the ranges of this file that are on the disk."""
        return frozenset(self._written.get(path, ()))

    def note_written(self, path: str, chunk: int) -> None:
        """Remember that a range of a file is on the disk."""
        self._note([path, chunk])

    def forget(self, path: str) -> None:
        """Don't trust what is on the disk of this file."""
        self._written.pop(path, None)
        self._note([path, None])

    def open_file(self, path: str, size_bytes: int) -> BinaryIO:
        """The file to write to, at its full size; its directories are made as needed.

        Raises `Invalid` if something else than a file or directory of ours lies in the way.
        """
        place = self._content
        *directories, name = path.split("/")
        for directory in directories:
            place = place / directory
            _real_directory(place)
        flags = os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)
        try:
            descriptor = os.open(place / name, flags, 0o666)
        except OSError as error:
            raise Invalid(
                f"{place / name} cannot be written: {error.strerror}.",
                next_step=f"Remove {self.folder} and pull again.",
            ) from None
        if os.fstat(descriptor).st_size != size_bytes:
            os.truncate(descriptor, size_bytes)
        return os.fdopen(descriptor, "r+b", buffering=0)

    def publish(self) -> Path:
        """Put the finished directory at the destination in one step, and tidy up."""
        final = self._destination.path
        replaced = self.folder / "replaced"
        moved = False
        if self._destination.is_occupied():
            os.replace(final, replaced)
            moved = True
        elif final.exists():
            final.rmdir()
        try:
            os.replace(self._content, final)
        except OSError:
            if moved:
                os.replace(replaced, final)
            raise
        shutil.rmtree(self.folder, ignore_errors=True)
        return final

    def _note(self, line: object) -> None:
        with self._noting:
            self._journal.write(json.dumps(line) + "\n")
            self._journal.flush()

    def _read_journal(self) -> None:
        try:
            lines = (self.folder / "journal").read_text(encoding="utf-8").splitlines()
        except FileNotFoundError:
            return
        entries = [entry for line in lines if (entry := _entry(line)) is not None]
        if not entries or entries[0] != self._heading or not self._content.is_dir():
            (self.folder / "journal").unlink()
            return
        if not lines[-1] or _entry(lines[-1]) is None:
            # The line being written when the pull was killed: end it, so that the next is whole.
            with (self.folder / "journal").open("a", encoding="utf-8") as journal:
                journal.write("\n")
        for path, chunk in entries[1:]:
            if chunk is None:
                self._written.pop(path, None)
            else:
                self._written.setdefault(path, set()).add(chunk)


def _entry(line: str) -> Any:
    try:
        return json.loads(line)
    except ValueError:
        return None


def _real_directory(path: Path, mode: int = 0o777) -> None:
    """Make the directory, or make sure that it is one of ours and no link."""
    try:
        path.mkdir(mode=mode)
    except FileExistsError:
        status = path.lstat()
        mine = os.name != "posix" or status.st_uid == os.geteuid()
        if not stat.S_ISDIR(status.st_mode) or not mine:
            raise Invalid(
                f"{path} is in the way: it is no directory of yours.",
                next_step="Remove it, or pull to another directory.",
            ) from None


def _unfit(path: str | os.PathLike[str], reason: str) -> Invalid:
    return Invalid(
        f"{path} cannot be the destination: it {reason}.",
        next_step="Name a directory that shall be made, such as ./model.",
    )
