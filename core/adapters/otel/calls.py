"""Objects whose every call is seen, whatever they are."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from functools import wraps
from typing import Any, TypeVar

from core.ports import Database, Stores

T = TypeVar("T")


class Watched:
    """Another object; `measure` is entered with the name of the method around each call of one.

    Those whose names begin with one of `unseen` are not measured.
    """

    def __init__(
        self,
        watched: Any,
        measure: Callable[[str], AbstractContextManager[None]],
        unseen: tuple[str, ...] = (),
    ) -> None:
        self._watched = watched
        self._measure = measure
        self._unseen = ("_", *unseen)

    def __getattr__(self, name: str) -> Any:
        value = getattr(self._watched, name)
        if not callable(value) or name.startswith(self._unseen):
            return value

        @wraps(value)
        def call(*args: Any, **named: Any) -> Any:
            with self._measure(name):
                return value(*args, **named)

        setattr(self, name, call)
        return call


class WatchedDatabase:
    """See `core.ports.Database`: transactions are seen as a whole; each command has its own span
    (`core.adapters.otel.commands`)."""

    def __init__(
        self,
        database: Database,
        measure: Callable[[], AbstractContextManager[None]],
        retried: Callable[[], None],
    ) -> None:
        self._database = database
        self._measure = measure
        self._retried = retried

    def __getattr__(self, name: str) -> Any:
        return getattr(self._database, name)

    def transaction(self, work: Callable[[Stores], T]) -> T:
        """See `core.ports.Database.transaction`."""
        tries = 0

        def counted(stores: Stores) -> T:
            nonlocal tries
            tries += 1
            if tries > 1:
                self._retried()
            return work(stores)

        with self._measure():
            return self._database.transaction(counted)
