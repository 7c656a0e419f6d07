"""The audit log as documents; counts that the database itself removes."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from heapq import merge
from itertools import islice
from typing import Any

from pymongo import ReturnDocument
from pymongo.collection import Collection
from pymongo.errors import DuplicateKeyError

from core.adapters.mongo.documents import Documents
from core.adapters.mongo.failures import translated
from core.adapters.mongo.keyset import ASCENDING, DESCENDING
from core.domain.events import Event, Outcome, SubjectKind, last_event_id, moment_of
from core.domain.selection import Selection

ACCESSES = frozenset({SubjectKind.ACCESS, SubjectKind.DOWNLOAD})
SPANS = (timedelta(hours=1), timedelta(days=1), timedelta(days=30))


class MongoAudit:
    """See `core.ports.AuditStore`."""

    def __init__(
        self,
        changes: Documents[Event],
        accesses: Documents[Event],
        tallies: Collection[dict[str, Any]],
    ) -> None:
        self._changes = changes
        self._accesses = accesses
        self._tallies = tallies

    def between(self, after: str, until: str, limit: int) -> Sequence[Event]:
        filter = {"id": {"$gt": after, "$lte": until}}
        found = [
            documents.many(filter, [("id", ASCENDING)], limit)
            for documents in (self._changes, self._accesses)
        ]
        return list(islice(merge(*found, key=lambda event: event.id), limit))

    def page(
        self,
        selection: Selection,
        *,
        position: str | None,
        oldest_first: bool,
        at: datetime,
        limit: int,
    ) -> Sequence[Event]:
        bounds = selection.ids(position, oldest_first=oldest_first)
        wanted = selected(selection)
        collections = [self._changes, self._accesses]
        if selection.outcome is Outcome.REFUSED:  # no change is one
            collections = [self._accesses]
        elif selection.kind is not None:
            collections = [collections[selection.kind in ACCESSES]]
        events: list[Event] = []
        for lower, upper in pieces(*bounds, at, oldest_first=oldest_first):
            filter = {**wanted, "id": {"$gt": lower, "$lt": upper}}
            order = [("id", ASCENDING if oldest_first else DESCENDING)]
            left = limit - len(events)
            found = [documents.many(filter, order, left) for documents in collections]
            ordered = merge(*found, key=lambda event: event.id, reverse=not oldest_first)
            events += islice(ordered, left)
            if len(events) == limit:
                break
        return events

    def get(self, event_id: str) -> Event | None:
        by_id = {"_id": event_id}
        return self._changes.one(by_id) or self._accesses.one(by_id)

    def size(self) -> int:
        with translated():
            return sum(
                documents.collection.estimated_document_count()
                for documents in (self._changes, self._accesses)
            )

    def note(self, event: Event) -> None:
        self._accesses.insert_all([(event.id, event)], "id of an event")

    def count(self, name: str, expires_at: datetime) -> int:
        with translated():
            while True:
                # Never an upsert; see `core.adapters.mongo.counters`.
                tally = self._tallies.find_one_and_update(
                    {"_id": name}, {"$inc": {"count": 1}}, return_document=ReturnDocument.AFTER
                )
                if tally is not None:
                    return int(tally["count"])
                try:
                    self._tallies.insert_one({"_id": name, "count": 1, "expires_at": expires_at})
                except DuplicateKeyError:
                    continue
                return 1


def selected(selection: Selection) -> dict[str, Any]:
    """The condition on everything but ids. What old documents lack has its default."""
    filter: dict[str, Any] = dict(selection.equalities)
    if selection.outcome is Outcome.DONE:
        filter["outcome"] = {"$ne": Outcome.REFUSED.value}
    if selection.noun is not None:
        filter["action"] = {"$gte": selection.noun, "$lt": f"{selection.noun[:-1]}/"}
    return filter


def pieces(
    lower: str, upper: str, at: datetime, *, oldest_first: bool
) -> Iterator[tuple[str, str]]:
    """The ids between, in pieces that grow with the distance from where reading begins: some
    servers read a whole range before they sort it and take the first."""
    if oldest_first:
        for span in SPANS if lower else ():
            edge = f"{last_event_id(moment_of(lower) + span)}g"
            if edge >= upper:
                break
            yield lower, edge
            lower = edge
    else:
        start = min(at, moment_of(upper)) if upper < "g" else at
        for span in SPANS:
            edge = last_event_id(start - span)
            if edge <= lower:
                break
            yield edge, upper
            upper = f"{edge}g"
    yield lower, upper
