"""Use cases on namespaces."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from core.domain.access import Action, Caller, Role
from core.domain.common import check_revision, check_size, patched
from core.domain.events import SubjectKind, change
from core.domain.grants import Grant
from core.domain.moments import check_moment
from core.domain.namespaces import Namespace
from core.domain.pages import Page, PageRequest
from core.ports import Clock, Database, Stores
from core.services.claims import created_before, remember
from core.services.lookups import namespace_of
from core.services.moments import namespace_at, page_at


@dataclass(frozen=True, slots=True)
class Namespaces:
    """Create, read and describe namespaces."""

    database: Database
    clock: Clock

    def create(self, caller: Caller, name: str, described: Mapping[str, Any]) -> Namespace:
        """Create a namespace and make the caller its owner.

        `described` holds the fields every object has. Raises `Taken`, `Invalid`, `Forbidden`.
        """
        caller.require(Action.NAMESPACE_CREATE)
        at, by = self.clock.now(), caller.principal.name
        namespace = Namespace(
            name=name, created_at=at, created_by=by, updated_at=at, updated_by=by, **described
        )
        check_size("What describes it", namespace)
        grant = Grant(name, by, Role.OWNER, at, by)

        def work(stores: Stores) -> Namespace:
            if before := created_before(stores, caller, Namespace, at):
                return before
            stores.namespaces.insert(namespace)
            stores.grants.put(grant)
            stores.events.add(
                change(
                    caller,
                    "namespace.created",
                    SubjectKind.NAMESPACE,
                    name,
                    at=at,
                    namespace=name,
                    after=namespace,
                )
            )
            stores.events.add(
                change(
                    caller,
                    "grant.given",
                    SubjectKind.GRANT,
                    f"{name} {by}",
                    at=at,
                    namespace=name,
                    after=grant,
                )
            )
            remember(stores, caller, namespace, at)
            return namespace

        return self.database.transaction(work)

    def get(self, caller: Caller, name: str, *, as_of: datetime | None = None) -> Namespace:
        """The namespace, or what it was at a moment. Raises `NotFound`, `Invalid`."""
        caller.require(Action.NAMESPACE_SEE, name)
        if as_of is not None:
            check_moment(as_of, self.clock.now())
            return namespace_at(self.database, name, as_of)
        return namespace_of(self.database, name)

    def page(
        self, caller: Caller, request: PageRequest, *, as_of: datetime | None = None
    ) -> Page[Namespace]:
        """The namespaces that the caller may read, or a model of which. Raises `Invalid`."""
        reach = caller.reach(Action.NAMESPACE_READ)
        among = None
        if not reach.everywhere:
            among = reach.namespaces | {namespace for namespace, _ in caller.reach().models}
        query = ("namespaces", str(as_of or ""))
        after = request.after(*query)
        limit = request.size + 1
        if as_of is None:
            rows = self.database.namespaces.page(
                among=among, after=after, limit=limit, without=reach.closed
            )
        else:
            check_moment(as_of, self.clock.now())
            rows = page_at(
                self.database,
                lambda start, size: self.database.namespaces.page(
                    among=among, after=start, limit=size, without=reach.closed
                ),
                lambda namespace: namespace.name,
                lambda namespace: True,
                at=as_of,
                after=after,
                limit=limit,
            )
        return request.page(rows, lambda namespace: namespace.name, *query)

    def update(
        self,
        caller: Caller,
        name: str,
        patch: Mapping[str, Any],
        *,
        expected_revision: int | None,
        reason: str = "",
    ) -> Namespace:
        """Merge-patch what describes it. Raises `NotFound`, `Stale`, `Invalid`, `Forbidden`."""
        caller.require(Action.NAMESPACE_UPDATE, name)
        at = self.clock.now()

        def work(stores: Stores) -> Namespace:
            before = namespace_of(stores, name)
            check_revision(f"The namespace {name!r}", before, expected_revision)
            after = patched(before, patch, at=at, by=caller.principal.name)
            if after is not before:
                stores.namespaces.replace(after)
                stores.events.add(
                    change(
                        caller,
                        "namespace.updated",
                        SubjectKind.NAMESPACE,
                        name,
                        at=at,
                        namespace=name,
                        before=before,
                        after=after,
                        reason=reason,
                    )
                )
            return after

        return self.database.transaction(work)
