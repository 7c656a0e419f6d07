"""Events as documents: their id, which sorts by time, is their key."""

from collections.abc import Sequence
from typing import Any

from core.adapters.mongo.documents import Documents
from core.adapters.mongo.keyset import DESCENDING, before_key
from core.domain.events import Event, SubjectKind


class MongoEvents:
    """See `core.ports.EventStore`."""

    def __init__(self, documents: Documents[Event]) -> None:
        self._documents = documents

    def add(self, event: Event) -> None:
        self._documents.insert(event.id, event, f"event id {event.id}")
        if self._documents.progress is not None:
            self._documents.progress.events += 1

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
