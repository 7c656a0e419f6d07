"""Events in the database."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from core.domain.events import Event, SubjectKind
    from core.domain.subjects import Subject


class EventStore(Protocol):
    """Events: added once, never changed."""

    def add(self, event: Event) -> None:
        """Events are stored when the transaction ends, which raises `Taken` for an id in use."""
        ...

    def page(
        self,
        namespace: str,
        *,
        kind: SubjectKind | None = None,
        subject: str | None = None,
        before: str | None,
        limit: int,
    ) -> Sequence[Event]:
        """By id, newest first; of one subject if `kind` and `subject` are given."""
        ...

    def ids(self, namespace: str, *, after: str, until: str | None, limit: int) -> Sequence[str]:
        """The ids above `after`, and up to `until` if it is given, ascending: what happened since.

        It may have become visible in another order: transactions take a while.
        """
        ...

    def with_ids(self, ids: Collection[str]) -> Sequence[Event]:
        """The events of these ids, ascending."""
        ...

    def last(self, subject: Subject, *, at: datetime | None = None) -> Event | None:
        """The newest event of the subject up to and including the moment `at`, if that is given:
        what was true then, in one query."""
        ...

    def last_of_each(self, subjects: Sequence[Subject], *, at: datetime) -> Sequence[Event]:
        """The same for several subjects of one kind, in any order; one query."""
        ...

    def last_in(
        self, namespace: str, kind: SubjectKind, *, at: datetime, after: str | None, limit: int
    ) -> Sequence[Event]:
        """The same for every subject of a kind that was there at the moment (its last event has
        an `after`), by subject, ascending."""
        ...
