"""Use cases on events: what happened here."""

from dataclasses import dataclass

from core.domain.access import EVERYWHERE, Action, Caller
from core.domain.events import Event, SubjectKind
from core.domain.pages import Page, PageRequest
from core.errors import Invalid
from core.ports import Database
from core.services.lookups import namespace_of


@dataclass(frozen=True, slots=True)
class Events:
    """Read the history."""

    database: Database

    def page(
        self,
        caller: Caller,
        namespace: str,
        request: PageRequest,
        *,
        kind: SubjectKind | None = None,
        subject: str | None = None,
    ) -> Page[Event]:
        """The events of a namespace, newest first; of one subject if both say which.

        Raises `NotFound`, `Invalid`.
        """
        caller.require(Action.EVENT_READ, namespace)
        if (kind is None) != (subject is None):
            raise Invalid(
                "A subject is named by its kind and its name; only one of them was given.",
                next_step="Send both, as in kind=model&subject=default/iris, or neither.",
            )
        query = ("events", namespace, kind or "", subject or "")
        rows = self.database.events.page(
            namespace,
            kind=kind,
            subject=subject,
            before=request.after(*query),
            limit=request.size + 1,
        )
        if not rows and namespace != EVERYWHERE:
            namespace_of(self.database, namespace)
        return request.page(rows, lambda event: event.id, *query)
