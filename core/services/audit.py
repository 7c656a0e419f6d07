"""Use cases on the audit log: whoever may audit reads what happened, was refused, was pulled."""

from dataclasses import dataclass

from core.domain.access import Action, Caller
from core.domain.events import Event
from core.domain.pages import Page, PageRequest
from core.domain.selection import Selection
from core.errors import NotFound
from core.ports import Clock, Database, Stores


@dataclass(frozen=True, slots=True)
class Audit:
    """Read the audit log, of one namespace or of all."""

    database: Database
    clock: Clock

    def page(
        self,
        caller: Caller,
        request: PageRequest,
        selection: Selection | None = None,
        *,
        oldest_first: bool = False,
    ) -> Page[Event]:
        """What is selected, newest first unless asked otherwise. Raises `Forbidden`, and
        `NotFound` for a namespace that the caller may not see."""
        selection = selection or Selection()
        caller.require(Action.AUDIT_READ, selection.namespace)
        query = (*selection.query, "oldest" if oldest_first else "newest")
        rows = self.database.audit.page(
            selection,
            position=request.after(*query),
            oldest_first=oldest_first,
            at=self.clock.now(),
            limit=request.size + 1,
        )
        return request.page(rows, lambda event: event.id, *query)

    def get(self, caller: Caller, event_id: str, namespace: str | None = None) -> Event:
        """One event, if it is of the namespace (None: of any). Raises `NotFound`."""
        caller.require(Action.AUDIT_READ, namespace)
        return event_of_log(self.database, event_id, namespace)


def event_of_log(stores: Stores, event_id: str, namespace: str | None) -> Event:
    """The event, or `NotFound`."""
    event = stores.audit.get(event_id)
    if event is None or namespace not in {None, event.namespace}:
        raise NotFound(
            f"There is no event {event_id[:100]!a} here.",
            next_step="Check its id, and the namespace that you look in.",
        )
    return event
