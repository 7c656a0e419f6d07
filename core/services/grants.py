"""Use cases on grants: who has which role where."""

from dataclasses import dataclass
from datetime import datetime

from core.domain.access import EVERYWHERE, Action, Caller, Grant, Role
from core.domain.pages import Page, PageRequest
from core.domain.subjects import event_of, grant_subject
from core.errors import NotFound
from core.ports import Clock, Database, Stores
from core.services.lookups import namespace_of


@dataclass(frozen=True, slots=True)
class Grants:
    """Give and take roles. The scope is a namespace, or `*` for the roles that reach all."""

    database: Database
    clock: Clock

    def page(self, caller: Caller, scope: str, request: PageRequest) -> Page[Grant]:
        """The grants of a scope, by grantee. Raises `NotFound`."""
        _require(caller, scope, Action.GRANT_READ, Action.SYSTEM_GRANT_READ)
        query = ("grants", scope)
        rows = self.database.grants.page(scope, after=request.after(*query), limit=request.size + 1)
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
