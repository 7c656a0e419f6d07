"""A file on its way: which of its ranges are there, and which one request shall fetch together."""

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from modelry.records import RemoteFile


class Chunk(NamedTuple):
    """One range of a file: what a resumed pull need not fetch again."""

    number: int
    offset: int
    size_bytes: int

    @property
    def end(self) -> int:
        """The offset right behind it."""
        return self.offset + self.size_bytes


@dataclass(slots=True)
class Target:
    """A file on its way: its address, which ranges are there, and the store's ETag of it."""

    file: RemoteFile
    url: str
    there: set[int]
    chunk_bytes: int
    etag: str | None = None
    arrived: threading.Condition = field(default_factory=threading.Condition)

    def chunks(self) -> Iterator[Chunk]:
        """Every range of the file."""
        for number, offset in enumerate(range(0, self.file.size_bytes, self.chunk_bytes)):
            yield Chunk(number, offset, min(self.chunk_bytes, self.file.size_bytes - offset))

    def runs(self, *, together: bool) -> list[list[Chunk]]:
        """The missing ranges: each by itself, or neighbours `together`."""
        runs: list[list[Chunk]] = []
        for chunk in self.chunks():
            if chunk.number in self.there:
                continue
            if together and runs and runs[-1][-1].end == chunk.offset:
                runs[-1].append(chunk)
            else:
                runs.append([chunk])
        return runs

    def there_bytes(self) -> int:
        """How much of it need not be fetched."""
        return sum(chunk.size_bytes for chunk in self.chunks() if chunk.number in self.there)

    def arrive(self, number: int) -> None:
        """Note that a range is on the disk."""
        with self.arrived:
            self.there.add(number)
            self.arrived.notify_all()

    def wait_for(self, number: int, check: Callable[[], None]) -> None:
        """Return once a range is on the disk; `check` raises if there is no use in waiting."""
        with self.arrived:
            while number not in self.there:
                check()
                self.arrived.wait(0.5)
