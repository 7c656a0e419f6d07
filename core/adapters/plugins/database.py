"""A database that asks hooks before it changes anything, and tells them afterwards."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar, cast

from core.domain.events import Event
from core.domain.files import File
from core.errors import Unavailable
from core.ports import ChangeHooks, Database, EventStore, FileStore, Stores

T = TypeVar("T")

TRIES = 5
"""How often a change is tried anew because it became another one while hooks were asked."""


@dataclass(slots=True)
class _Planned:
    """What one run of a transaction would change."""

    events: list[Event] = field(default_factory=list)
    files: list[File] = field(default_factory=list)

    def declared_by(self, event: Event) -> Sequence[File]:
        """The files that belong to the version which the event registers."""
        if event.action != "version.registered" or event.after is None:
            return ()
        return [file for file in self.files if file.version_id == event.after["id"]]


class _NotYetAsked(Exception):
    """Ends a transaction, so that nobody waits in it for hooks."""


class HookedDatabase:
    """See `core.ports.Database`. Hooks are asked outside of transactions.

    A transaction that hooks have a say in runs once to see what it would change, and is given up;
    then they are asked, and it runs again. What it then would do that nobody was asked about,
    because something else changed meanwhile, is asked about before it is done.
    """

    def __init__(self, database: Database, hooks: ChangeHooks) -> None:
        self._database = database
        self._hooks = hooks

    def __getattr__(self, name: str) -> Any:
        """Whatever needs no hooks: all stores outside transactions."""
        return getattr(self._database, name)

    def transaction(self, work: Callable[[Stores], T]) -> T:
        """See `core.ports.Database.transaction`. Raises `Forbidden` if a hook objects, and
        `Unavailable` if one does not answer or the change never stays the same."""
        asked: list[object] = []
        for _ in range(TRIES):
            planned = _Planned()
            try:
                result = self._attempt(work, planned, asked)
            except _NotYetAsked:
                for event in self._unasked(planned, asked):
                    self._hooks.ask(event, planned.declared_by(event))
                    asked.append(_question(event, planned))
                continue
            for event in planned.events:
                self._hooks.tell(event, planned.declared_by(event))
            return result
        raise Unavailable("What is to change became something else each time hooks were asked.")

    def _attempt(
        self, work: Callable[[Stores], T], planned: _Planned, asked: Sequence[object]
    ) -> T:
        def watched(stores: Stores) -> T:
            planned.events.clear()
            planned.files.clear()
            result = work(cast(Stores, _Watched(stores, planned)))
            if self._unasked(planned, asked):
                raise _NotYetAsked
            return result

        return self._database.transaction(watched)

    def _unasked(self, planned: _Planned, asked: Sequence[object]) -> list[Event]:
        return [
            event
            for event in planned.events
            if self._hooks.is_asked(event) and _question(event, planned) not in asked
        ]


class _Watched:
    """The stores of one transaction, which note what it would change."""

    def __init__(self, stores: Stores, planned: _Planned) -> None:
        self._stores = stores
        self.events = cast(EventStore, _WatchedEvents(stores.events, planned.events))
        self.files = cast(FileStore, _WatchedFiles(stores.files, planned.files))

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stores, name)


class _WatchedEvents:
    def __init__(self, store: EventStore, noted: list[Event]) -> None:
        self._store = store
        self._noted = noted

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    def add(self, event: Event) -> None:
        self._store.add(event)
        self._noted.append(event)


class _WatchedFiles:
    def __init__(self, store: FileStore, noted: list[File]) -> None:
        self._store = store
        self._noted = noted

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    def insert(self, files: Iterable[File]) -> None:
        declared = list(files)
        self._store.insert(declared)
        self._noted.extend(declared)


def _question(event: Event, planned: _Planned) -> object:
    """All of a change but the moment, which is another one each time."""
    return (
        event.action,
        event.namespace,
        event.subject,
        _timeless(event.before),
        _timeless(event.after),
        planned.declared_by(event),
    )


def _timeless(values: Any) -> Any:
    match values:
        case dict():
            return {
                name: _timeless(value)
                for name, value in values.items()
                if not isinstance(value, datetime)
            }
        case list() | tuple():
            return [_timeless(value) for value in values]
    return values
