"""What creating and changing take, whatever the noun: the store's write, its event, the claim."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, TypeVar

from core.domain.access import Caller
from core.domain.common import Described, check_revision, check_size, patched
from core.domain.subjects import event_of, subject_of
from core.ports import Database, Numbered, Stores
from core.services.claims import created_before, remember

D = TypeVar("D", bound=Described)


def authored(at: datetime, by: str) -> dict[str, Any]:
    """The times and authors of something new."""
    return {"created_at": at, "created_by": by, "updated_at": at, "updated_by": by}


def create(
    database: Database,
    caller: Caller,
    kind: type[D],
    build: Callable[[Stores], D],
    store_of: Callable[[Stores], Numbered[D]],
    at: datetime,
) -> D:
    """Store what `build` makes, in one transaction; an earlier try's creation if this repeats it.

    Raises `Taken` if its external id is in use, and what `build` and the store raise.
    """

    def work(stores: Stores) -> D:
        if before := created_before(stores, caller, kind, at):
            return before
        entity = check_size("What describes it", build(stores))
        store_of(stores).insert(entity)
        kind_of = subject_of(entity).kind
        stores.events.add(event_of(caller, f"{kind_of}.created", at=at, after=entity))
        remember(stores, caller, entity, at)
        return entity

    return database.transaction(work)


def update(
    database: Database,
    caller: Caller,
    find: Callable[[Stores], D],
    store_of: Callable[[Stores], Numbered[D]],
    patch: Mapping[str, Any],
    *,
    at: datetime,
    expected_revision: int | None,
    reason: str,
    settle: Callable[[Stores, D], D] = lambda stores, entity: entity,
) -> D:
    """Merge-patch what `find` finds; `settle` then draws what follows from what changed.

    Raises `Stale`, `Invalid`, `Taken`, and what `find` and `settle` raise.
    """

    def change(stores: Stores, before: D) -> D:
        after = patched(before, patch, at=at, by=caller.principal.name)
        return before if after is before else settle(stores, after)

    return amend(
        database,
        caller,
        find,
        store_of,
        change,
        "updated",
        expected_revision=expected_revision,
        reason=reason,
    )


def amend(
    database: Database,
    caller: Caller,
    find: Callable[[Stores], D],
    store_of: Callable[[Stores], Numbered[D]],
    change: Callable[[Stores, D], D],
    verb: str,
    *,
    expected_revision: int | None = None,
    reason: str = "",
) -> D:
    """Store what `change` makes of what `find` finds, with the event `noun.VERB`, in one
    transaction; nothing if it is the very same. Raises `Stale`, and what these raise."""

    def work(stores: Stores) -> D:
        before = find(stores)
        subject = subject_of(before)
        check_revision(f"The {subject.kind} {subject.name!r}", before, expected_revision)
        after = change(stores, before)
        if after is not before:
            check_size("What describes it", after)
        return put(stores, caller, store_of(stores), before, after, verb, reason)

    return database.transaction(work)


def put(
    stores: Stores,
    caller: Caller,
    store: Numbered[D],
    before: D,
    after: D,
    verb: str,
    reason: str = "",
) -> D:
    """Store the next revision with the event `noun.VERB`; nothing if it is the very same."""
    if after is not before:
        store.replace(after)
        action = f"{subject_of(after).kind}.{verb}"
        at = after.updated_at
        stores.events.add(
            event_of(caller, action, at=at, before=before, after=after, reason=reason)
        )
    return after
