"""Use cases on grants: who has which role where."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from core.domain.access import Action, Caller, Role
from core.domain.events import SubjectKind
from core.domain.grants import Effect, Grant, check_end
from core.domain.moments import check_moment
from core.domain.pages import Page, PageRequest
from core.domain.records import restore
from core.domain.rules import EVERYWHERE, place_of
from core.domain.subjects import event_of, grant_subject
from core.errors import NotFound
from core.ports import Clock, Database, Stores
from core.services.lookups import model_of, namespace_of


@dataclass(frozen=True, slots=True)
class Grants:
    """Give, deny and take roles. The scope is a namespace, one model (`namespace/model`), or `*`
    for the roles that reach all."""

    database: Database
    clock: Clock

    def page(
        self, caller: Caller, scope: str, request: PageRequest, *, as_of: datetime | None = None
    ) -> Page[Grant]:
        """The grants of a scope, by grantee, now or at a moment; those of a namespace's single
        models follow its own. Raises `NotFound`, `Invalid`."""
        _require(caller, scope, Action.GRANT_READ, Action.SYSTEM_GRANT_READ)
        query = ("grants", scope, str(as_of or ""))
        after, limit = request.after(*query), request.size + 1
        place = place_of(scope)
        rows: Sequence[Grant]
        if as_of is not None:
            check_moment(as_of, self.clock.now())
            rows = self._then(scope, as_of, after, limit)
        elif place.model is None:
            rows = self.database.grants.within(scope, after=after, limit=limit)
        else:
            start = None if after is None else after.removeprefix(f"{scope} ")
            rows = self.database.grants.page(scope, after=start, limit=limit)
        if not rows and place.namespace is not None:
            namespace_of(self.database, place.namespace)
        return request.page(rows, lambda grant: grant.key, *query)

    def _then(self, scope: str, at: datetime, after: str | None, limit: int) -> list[Grant]:
        """The grants of a moment: of a namespace and all in it, or of one model."""
        place = place_of(scope)
        found: list[Grant] = []
        while len(found) < limit:
            events = self.database.events.last_in(
                place.namespace or EVERYWHERE, SubjectKind.GRANT, at=at, after=after, limit=limit
            )
            grants = [restore(Grant, event.after) for event in events if event.after is not None]
            found += [one for one in grants if place.model is None or one.scope == scope]
            if len(events) < limit:
                break
            after = events[-1].subject
        return found[:limit]

    def put(
        self,
        caller: Caller,
        scope: str,
        grantee: str,
        role: Role,
        *,
        effect: Effect = Effect.ALLOW,
        expires_at: datetime | None = None,
        reason: str = "",
    ) -> Grant:
        """Give `grantee` the role or deny it, in place of what it has in the scope.

        Raises `Invalid`, also for an end that has passed, and `NotFound`.
        """
        _require(caller, scope, Action.GRANT_CHANGE, Action.SYSTEM_GRANT_CHANGE)
        now, by = self.clock.now(), caller.principal.name
        check_end(expires_at, now)
        wanted = Grant(  # refuses what is none at once
            scope, grantee, role, now, by, effect=effect, expires_at=expires_at
        )

        def work(stores: Stores) -> Grant:
            _check_there(stores, scope)
            before = stores.grants.get(scope, grantee)
            if before is not None and before.says(wanted):
                return before
            at, revision = self._next(stores, scope, grantee)
            grant = replace(wanted, created_at=at, revision=revision)
            stores.grants.put(grant)
            action = "grant.given" if effect is Effect.ALLOW else "grant.denied"
            stores.events.add(
                event_of(caller, action, at=at, before=before, after=grant, reason=reason)
            )
            return grant

        return self.database.transaction(work)

    def remove(self, caller: Caller, scope: str, grantee: str, *, reason: str = "") -> None:
        """Take back what `grantee` was given or denied in the scope. Raises `NotFound`."""
        _require(caller, scope, Action.GRANT_CHANGE, Action.SYSTEM_GRANT_CHANGE)

        def work(stores: Stores) -> None:
            before = stores.grants.get(scope, grantee)
            if before is None:
                raise NotFound(
                    f"Nothing was granted to {grantee!r} in {scope!r}.",
                    next_step="List the grants there.",
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
    place = place_of(scope)
    if place.namespace is None:
        caller.require(everywhere)
    else:
        caller.require(here, place.namespace, model=place.model)


def _check_there(stores: Stores, scope: str) -> None:
    place = place_of(scope)
    if place.namespace is not None:
        namespace_of(stores, place.namespace)
    if place.namespace is not None and place.model is not None:
        model_of(stores, place.namespace, place.model)
