"""Events as documents: their id, which sorts by time, is their key."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from core.adapters.mongo.documents import Documents
from core.adapters.mongo.keyset import DESCENDING, after_key, before_key
from core.domain.events import Event, SubjectKind, last_event_id
from core.domain.subjects import Subject

WINDOWS = (
    timedelta(minutes=1),
    timedelta(hours=1),
    timedelta(days=1),
    timedelta(days=30),
    None,
)
"""How far back the last event up to a moment is looked for, step by step; None is for ever."""


class MongoEvents:
    """See `core.ports.EventStore`."""

    def __init__(self, documents: Documents[Event]) -> None:
        self._documents = documents

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

    def last(self, subject: Subject, *, at: datetime | None = None) -> Event | None:
        filter: dict[str, Any] = {
            "namespace": subject.namespace,
            "kind": subject.kind.value,
            "subject": subject.name,
        }
        if at is None:
            return self._documents.one(filter, [("id", DESCENDING)])
        # Some servers read the whole range before they sort it and take the first: so not the
        # whole past of a subject with many events, but backwards, further at each step.
        for window in WINDOWS:
            filter["id"] = {"$lte": last_event_id(at), **_since(at, window)}
            found = self._documents.one(filter, [("id", DESCENDING)])
            if found is not None:
                return found
        return None

    def last_of_each(self, subjects: Sequence[Subject], *, at: datetime) -> Sequence[Event]:
        if not subjects:
            return []
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


def _since(at: datetime, window: timedelta | None) -> dict[str, str]:
    try:
        return {} if window is None else {"$gt": last_event_id(at - window)}
    except OverflowError:
        return {}
