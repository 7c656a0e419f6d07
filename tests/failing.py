"""A database and an object store that go down at a chosen step, and come back."""

from threading import RLock
from typing import Any

from core.adapters.memory.blobs import MemoryBlobStore
from core.adapters.memory.database import MemoryDatabase
from core.bootstrap import bundle
from core.errors import Unavailable
from tests.builders import World


class Fuse:
    """Blows at the step it is set to, once; None means never."""

    def __init__(self) -> None:
        self.steps_left: int | None = None
        self.has_blown = False

    def step(self, what: str) -> None:
        """Count a step. Raises `Unavailable` at the one that was chosen."""
        if self.steps_left is None:
            return
        self.steps_left -= 1
        if self.steps_left <= 0:
            self.steps_left = None
            self.has_blown = True
            raise Unavailable(f"The {what} does not answer.")


class FailingDatabase(MemoryDatabase):
    """Every read, write, begin and commit of it is a step of its fuse."""

    def __init__(self) -> None:
        super().__init__()
        self.fuse = Fuse()

    def ping(self) -> None:
        """See `core.ports.Database.ping`."""
        self.fuse.step("database")
        super().ping()


class FailingBlobStore(MemoryBlobStore):
    """Every call of it but the signing ones is a step of its fuse."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        self.fuse = Fuse()

    def _up(self) -> RLock:
        self.fuse.step("object store")
        return super()._up()


class FailingWorld(World):
    """A World whose database and store can be made to fail."""

    database: FailingDatabase
    blobs: FailingBlobStore

    def __init__(self, **changes: Any) -> None:
        super().__init__(**changes)
        database = FailingDatabase()
        database._tables = self.database._tables
        database._last_ids = self.database._last_ids
        self.database = database
        self.blobs = FailingBlobStore(clock=self.clock)
        self.registry = bundle(
            self.settings,
            database,
            self.blobs,
            self.tokens,
            self.clock,
            channel=self.channel,
        )
