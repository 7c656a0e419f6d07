"""Events as documents: their id, which sorts by time, is their key."""

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

from core.adapters.mongo.documents import Documents
from core.adapters.mongo.keyset import ASCENDING, DESCENDING, after_key, before_key
from core.domain.events import Event, SubjectKind, last_event_id, moment_of
from core.domain.subjects import Subject

STEPS = tuple(timedelta(seconds=8 * 16**step) for step in range(6))
"""How far back the last event up to a moment is looked for at first, where a database reads the
whole of a range before it takes the last of it: from eight seconds to 97 days, then for ever."""

FORWARD = tuple(timedelta(milliseconds=250 * 8**step) for step in range(6))
"""The same for what happened since: from a quarter of a second to two hours."""


class MongoEvents:
    """See `core.ports.EventStore`. `walks_indexes`: whether the database takes the last of a
    range without reading the rest of it."""

    def __init__(self, documents: Documents[Event], *, walks_indexes: bool) -> None:
        self._documents = documents
        self._steps = () if walks_indexes else STEPS

    def add(self, event: Event) -> None:
        """They are inserted together, when the transaction ends (`insert_all`)."""
        self._documents.changing().events.append(event)

    def insert_all(self, events: Sequence[Event]) -> None:
        """Store what was added. Raise `Taken` for one that is there already."""
        self._documents.insert_all(((event.id, event) for event in events), "id of an event")

    def page(
        self,
        namespace: str,
        *,
        kind: SubjectKind | None = None,
        subject: str | None = None,
        before: str | None,
        limit: int,
    ) -> Sequence[Event]:
        filter: dict[str, Any] = {"namespace": namespace}
        if kind is not None:
            filter |= {"kind": kind.value, "subject": subject}
        return self._documents.many(filter | before_key("id", before), [("id", DESCENDING)], limit)

    def ids(self, namespace: str, *, after: str, until: str | None, limit: int) -> Sequence[str]:
        found: list[str] = []
        for lower, upper in self._spans(after, until):
            span = {"$gt": lower} | ({} if upper is None else {"$lte": upper})
            filter = {"namespace": namespace, "id": span}
            order = [("id", ASCENDING)]
            found += self._documents.values("id", filter, order, limit - len(found))
            if len(found) == limit:
                break
        return found

    def _spans(self, after: str, until: str | None) -> Iterator[tuple[str, str | None]]:
        """The ids above `after`, in pieces that grow where a database reads all of a range."""
        lower = after
        for step in FORWARD if self._steps and after else ():
            upper = last_event_id(moment_of(after) + step)
            if until is not None and upper >= until:
                break
            yield lower, upper
            lower = upper
        yield lower, until

    def with_ids(self, ids: Collection[str]) -> Sequence[Event]:
        return self._documents.with_keys(sorted(ids))

    def last(self, subject: Subject, *, at: datetime | None = None) -> Event | None:
        filter: dict[str, Any] = {
            "namespace": subject.namespace,
            "kind": subject.kind.value,
            "subject": subject.name,
        }
        if at is None:
            return self._documents.one(filter, [("id", DESCENDING)])
        for step in (*self._steps, None):
            filter["id"] = {"$lte": last_event_id(at), **_since(at, step)}
            found = self._documents.one(filter, [("id", DESCENDING)])
            if found is not None:
                return found
        return None

    def last_of_each(self, subjects: Sequence[Subject], *, at: datetime) -> Sequence[Event]:
        if not subjects:
            return []
        if self._steps:
            each = (self.last(subject, at=at) for subject in subjects)
            return [found for found in each if found is not None]
        return self._documents.last_of_each(
            "subject",
            {
                "namespace": {"$in": sorted({subject.namespace for subject in subjects})},
                "kind": subjects[0].kind.value,
                "subject": {"$in": sorted(subject.name for subject in subjects)},
                "id": {"$lte": last_event_id(at)},
            },
            by="id",
        )

    def last_in(
        self, namespace: str, kind: SubjectKind, *, at: datetime, after: str | None, limit: int
    ) -> Sequence[Event]:
        filter: dict[str, Any] = {"namespace": namespace, "kind": kind.value}
        filter |= {**after_key("subject", after), "id": {"$lte": last_event_id(at)}}
        return self._documents.last_of_each(
            "subject", filter, by="id", where={"after": {"$ne": None}}, limit=limit
        )


def _since(at: datetime, step: timedelta | None) -> dict[str, str]:
    try:
        return {} if step is None else {"$gt": last_event_id(at - step)}
    except OverflowError:
        return {}
