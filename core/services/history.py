"""Use cases on the past: what changed, when, by whom and why; and taking an update back."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from core.domain.access import Action, Caller
from core.domain.common import check_revision, check_size, moved_on
from core.domain.events import SubjectKind
from core.domain.history import Change, FieldChange, changes_of, field_changes, undo_of, undone
from core.domain.models import RegisteredModel
from core.domain.moments import check_moment, shown
from core.domain.namespaces import Namespace
from core.domain.pages import Page, PageRequest
from core.domain.records import record
from core.domain.subjects import Subject, event_of, subject_of
from core.domain.versions import ByNumber, ModelVersion
from core.errors import Conflict, Invalid, NotFound
from core.ports import Clock, Database, Stores
from core.services.lookups import model_of, namespace_of, version_of

D = TypeVar("D", Namespace, RegisteredModel, ModelVersion)

_LOOKED_BACK = 1_000


@dataclass(frozen=True, slots=True)
class History:
    """Read what happened to one object; undo its last update."""

    database: Database
    clock: Clock

    def page(self, caller: Caller, subject: Subject, request: PageRequest) -> Page[Change]:
        """The changes of a namespace, model, version, alias or grant, newest first, even after
        it was deleted. Raises `NotFound`."""
        _require(caller, subject)
        query = ("history", subject.kind.value, subject.namespace, subject.name)
        before = request.after(*query)
        events = self.database.events.page(
            subject.namespace,
            kind=subject.kind,
            subject=subject.name,
            before=before,
            limit=request.size + 1,
        )
        if not events and before is None:
            raise _unknown(subject)
        found = request.page(events, lambda event: event.id, *query)
        changes = tuple(Change(event, changes_of(event)) for event in found.items)
        return Page(changes, found.next_token)

    def diff(
        self, caller: Caller, subject: Subject, start: datetime, end: datetime | None = None
    ) -> tuple[FieldChange, ...]:
        """What is different at `end` (None: now) from what was at `start`, field by field; where
        it was not there, it had no fields. Raises `NotFound`, `Invalid`."""
        _require(caller, subject)
        now = self.clock.now()
        end = end or now
        check_moment(start, now)
        check_moment(end, now)
        if start > end:
            raise Invalid(
                f"{shown(start)} is after {shown(end)}.", next_step="Give the earlier time first."
            )
        first, last = (self.database.events.last(subject, at=at) for at in (start, end))
        if last is None:
            raise _unknown(subject)
        return field_changes(
            (first and first.after) or {},
            last.after or {},
        )

    def undo_namespace(
        self, caller: Caller, name: str, *, expected_revision: int | None, reason: str = ""
    ) -> Namespace:
        """Put back what its last update changed; repeated, the one before that.

        Raises `NotFound`, `Stale`, and `Conflict` if there is none, or naming the fields that
        something else has changed since.
        """
        caller.require(Action.NAMESPACE_UPDATE, name)
        return self._undo(
            caller,
            lambda stores: namespace_of(stores, name),
            lambda stores, after: stores.namespaces.replace(after),
            expected_revision,
            reason,
        )

    def undo_model(
        self,
        caller: Caller,
        namespace: str,
        name: str,
        *,
        expected_revision: int | None,
        reason: str = "",
    ) -> RegisteredModel:
        """The same for a model."""
        caller.require(Action.MODEL_UPDATE, namespace, model=name)
        return self._undo(
            caller,
            lambda stores: model_of(stores, namespace, name),
            lambda stores, after: stores.models.replace(after),
            expected_revision,
            reason,
        )

    def undo_version(
        self,
        caller: Caller,
        namespace: str,
        model: str,
        number: int,
        *,
        expected_revision: int | None,
        reason: str = "",
    ) -> ModelVersion:
        """The same for a version."""
        caller.require(Action.VERSION_UPDATE, namespace, model=model)
        return self._undo(
            caller,
            lambda stores: version_of(stores, namespace, model, ByNumber(number)),
            lambda stores, after: stores.versions.replace(after),
            expected_revision,
            reason,
        )

    def _undo(
        self,
        caller: Caller,
        find: Callable[[Stores], D],
        put: Callable[[Stores, D], None],
        expected_revision: int | None,
        reason: str,
    ) -> D:
        at = self.clock.now()

        def work(stores: Stores) -> D:
            before = find(stores)
            subject = subject_of(before)
            check_revision(f"The {subject.kind} {subject.name!r}", before, expected_revision)
            fields = self._former(stores, subject, record(before))
            after = moved_on(before, at=at, by=caller.principal.name, **fields)
            put(stores, check_size("What describes it", after))
            stores.events.add(
                event_of(
                    caller,
                    f"{subject.kind}.update-undone",
                    at=at,
                    before=before,
                    after=after,
                    reason=reason,
                )
            )
            return after

        return self.database.transaction(work)

    def _former(
        self, stores: Stores, subject: Subject, current: Mapping[str, Any]
    ) -> Mapping[str, Any]:
        events = stores.events.page(
            subject.namespace,
            kind=subject.kind,
            subject=subject.name,
            before=None,
            limit=_LOOKED_BACK,
        )
        update = undone(events)
        if update is None:
            raise Conflict(
                f"No update of the {subject.kind} {subject.name!r} is left to undo.",
                next_step="See its history for what happened to it.",
            )
        return undo_of(update, current)


def _require(caller: Caller, subject: Subject) -> None:
    if subject.kind is SubjectKind.GRANT:
        caller.require(Action.GRANT_READ, subject.namespace, model=subject.model)
    caller.require(Action.EVENT_READ, subject.namespace, model=subject.model)


def _unknown(subject: Subject) -> NotFound:
    return NotFound(
        f"Nothing is known of a {subject.kind} {subject.name!r}.", next_step="Check its name."
    )
