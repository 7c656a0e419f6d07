"""Use cases on grants: who has which role where."""

from dataclasses import dataclass

from core.domain.access import EVERYWHERE, Action, Caller, Grant, Role
from core.domain.events import SubjectKind, change
from core.domain.pages import Page, PageRequest
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
        at = self.clock.now()
        grant = Grant(scope, grantee, role, at, caller.principal.name)

        def work(stores: Stores) -> Grant:
            if scope != EVERYWHERE:
                namespace_of(stores, scope)
            before = stores.grants.get(scope, grantee)
            if before is not None and before.role is role:
                return before
            stores.grants.put(grant)
            stores.events.add(
                change(
                    caller,
                    "grant.given",
                    SubjectKind.GRANT,
                    f"{scope} {grantee}",
                    at=at,
                    namespace=scope,
                    before=before,
                    after=grant,
                    reason=reason,
                )
            )
            return grant

        return self.database.transaction(work)

    def remove(self, caller: Caller, scope: str, grantee: str, *, reason: str = "") -> None:
        """Take the role that `grantee` has in the scope. Raises `NotFound`."""
        _require(caller, scope, Action.GRANT_CHANGE, Action.SYSTEM_GRANT_CHANGE)
        at = self.clock.now()

        def work(stores: Stores) -> None:
            before = stores.grants.get(scope, grantee)
            if before is None:
                raise NotFound(
                    f"{grantee!r} has no role in {scope!r}.", next_step="List the grants there."
                )
            stores.grants.remove(scope, grantee)
            stores.events.add(
                change(
                    caller,
                    "grant.taken",
                    SubjectKind.GRANT,
                    f"{scope} {grantee}",
                    at=at,
                    namespace=scope,
                    before=before,
                    reason=reason,
                )
            )

        self.database.transaction(work)


def _require(caller: Caller, scope: str, here: Action, everywhere: Action) -> None:
    if scope == EVERYWHERE:
        caller.require(everywhere)
    else:
        caller.require(here, scope)
