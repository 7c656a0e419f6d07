"""Use cases on grants: who has which role where."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from core.domain.access import EVERYWHERE, Action, Caller, Grant, Role
from core.domain.events import SubjectKind
from core.domain.moments import check_moment
from core.domain.pages import Page, PageRequest
from core.domain.records import restore
from core.domain.subjects import event_of, grant_subject
from core.errors import NotFound
from core.ports import Clock, Database, Stores
from core.services.lookups import namespace_of


@dataclass(frozen=True, slots=True)
class Grants:
    """Give and take roles. The scope is a namespace, or `*` for the roles that reach all."""

    database: Database
    clock: Clock

    def page(
        self, caller: Caller, scope: str, request: PageRequest, *, as_of: datetime | None = None
    ) -> Page[Grant]:
        """The grants of a scope, by grantee, now or at a moment. Raises `NotFound`, `Invalid`."""
        _require(caller, scope, Action.GRANT_READ, Action.SYSTEM_GRANT_READ)
        query = ("grants", scope, str(as_of or ""))
        after, limit = request.after(*query), request.size + 1
        rows: Sequence[Grant]
        if as_of is None:
            rows = self.database.grants.page(scope, after=after, limit=limit)
        else:
            check_moment(as_of, self.clock.now())
            start = None if after is None else grant_subject(scope, after).name
            rows = [
                restore(Grant, event.after)
                for event in self.database.events.last_in(
                    scope, SubjectKind.GRANT, at=as_of, after=start, limit=limit
                )
                if event.after is not None
            ]
        if not rows and scope != EVERYWHERE:
            namespace_of(self.database, scope)
        return request.page(rows, lambda grant: grant.grantee, *query)

    def put(
        self, caller: Caller, scope: str, grantee: str, role: Role, *, reason: str = ""
    ) -> Grant:
        """Give `grantee` the role, in place of any it has in the scope. Raises `Invalid`."""
        _require(caller, scope, Action.GRANT_CHANGE, Action.SYSTEM_GRANT_CHANGE)
        by = caller.principal.name
        Grant(scope, grantee, role, self.clock.now(), by)  # refuses what is none at once

        def work(stores: Stores) -> Grant:
            if scope != EVERYWHERE:
                namespace_of(stores, scope)
            before = stores.grants.get(scope, grantee)
            if before is not None and before.role is role:
                return before
            at, revision = self._next(stores, scope, grantee)
            grant = Grant(scope, grantee, role, at, by, revision)
            stores.grants.put(grant)
            stores.events.add(
                event_of(caller, "grant.given", at=at, before=before, after=grant, reason=reason)
            )
            return grant

        return self.database.transaction(work)

    def remove(self, caller: Caller, scope: str, grantee: str, *, reason: str = "") -> None:
        """Take the role that `grantee` has in the scope. Raises `NotFound`."""
        _require(caller, scope, Action.GRANT_CHANGE, Action.SYSTEM_GRANT_CHANGE)

        def work(stores: Stores) -> None:
            before = stores.grants.get(scope, grantee)
            if before is None:
                raise NotFound(
                    f"{grantee!r} has no role in {scope!r}.", next_step="List the grants there."
                )
            at, revision = self._next(stores, scope, grantee)
            stores.grants.remove(scope, grantee)
            stores.events.add(
                event_of(
                    caller,
                    "grant.taken",
                    at=at,
                    before=before,
                    reason=reason,
                    revision=revision,
                )
            )

        self.database.transaction(work)

    def _next(self, stores: Stores, scope: str, grantee: str) -> tuple[datetime, int]:
        """Time and revision of the next event; a grant that was taken is not there to count."""
        last = stores.events.last(grant_subject(scope, grantee))
        if last is None:
            return self.clock.now(), 1
        return max(self.clock.now(), last.at), last.revision + 1


def _require(caller: Caller, scope: str, here: Action, everywhere: Action) -> None:
    if scope == EVERYWHERE:
        caller.require(everywhere)
    else:
        caller.require(here, scope)
