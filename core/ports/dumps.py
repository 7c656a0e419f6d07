"""All the documents of the database, as they are stored, out and in again."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Protocol


class Dumps(Protocol):
    """What a backup asks of a database. Every method raises `Unavailable`."""

    @property
    def name(self) -> str:
        """What the database is called."""
        ...

    def dump(self, *, chunk_bytes: int) -> Iterator[tuple[str, int, bytes]]:
        """Every document of every collection as of one moment, where the database can tell it:
        a chunk at a time, the collection, how many, and the lines."""
        ...

    def begin(self, backup: str) -> bool:
        """Note that this backup is being restored; False, and nothing noted, if there is anything
        but what it has restored before."""
        ...

    def end(self) -> None:
        """Forget the note: all is there."""
        ...

    def load(self, collection: str, lines: Iterable[bytes]) -> int:
        """Store the documents of these lines as they were; how many. One that is there already
        stays, so that it can be done again."""
        ...
