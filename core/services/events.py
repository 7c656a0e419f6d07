"""Use cases on events: what happened here."""

from dataclasses import dataclass
from datetime import datetime

from core.domain.access import EVERYWHERE, Action, Caller
from core.domain.events import Event, SubjectKind, last_event_id
from core.domain.moments import check_moment
from core.domain.pages import Page, PageRequest
from core.domain.subjects import Subject
from core.errors import Invalid
from core.ports import Clock, Database
from core.services.lookups import namespace_of


@dataclass(frozen=True, slots=True)
class Events:
    """Read the history."""

    database: Database
    clock: Clock

    def page(
        self,
        caller: Caller,
        namespace: str,
        request: PageRequest,
        *,
        kind: SubjectKind | None = None,
        subject: str | None = None,
        as_of: datetime | None = None,
    ) -> Page[Event]:
        """The events of a namespace, newest first; of one subject if both say which; those up
        to a moment if one is given.

        Raises `NotFound`, `Invalid`.
        """
        model = None
        if kind is not None and subject is not None:
            model = Subject(kind, namespace, subject).model
        caller.require(Action.EVENT_READ, namespace, model=model)
        if (kind is None) != (subject is None):
            raise Invalid(
                "A subject is named by its kind and its name; only one of them was given.",
                next_step="Send both, as in kind=model&subject=default/iris, or neither.",
            )
        check_moment(as_of, self.clock.now())
        query = ("events", namespace, kind or "", subject or "", str(as_of or ""))
        before = request.after(*query)
        if before is None and as_of is not None:
            before = last_event_id(as_of) + "g"  # after every hex digit: that moment included
        rows = self.database.events.page(
            namespace,
            kind=kind,
            subject=subject,
            before=before,
            limit=request.size + 1,
        )
        if not rows and namespace != EVERYWHERE:
            namespace_of(self.database, namespace)
        return request.page(rows, lambda event: event.id, *query)
