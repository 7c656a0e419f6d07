"""Use cases on trusted publishers: which workloads may act in a namespace."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from core.domain.access import Action, Caller, Role
from core.domain.grants import check_end
from core.domain.pages import Page, PageRequest
from core.domain.publishers import ClaimValue, Platform, Publisher
from core.domain.subjects import event_of, publisher_subject
from core.errors import Invalid, NotFound
from core.ports import Clock, Database, Stores
from core.services.lookups import model_of, namespace_of


@dataclass(frozen=True, slots=True)
class Publishers:
    """Set, read and remove publishers. `platforms` are the issuers of workloads that the settings
    trust, by name: no other issuer is ever asked for anything."""

    database: Database
    clock: Clock
    platforms: Mapping[str, str]

    def page(self, caller: Caller, namespace: str, request: PageRequest) -> Page[Publisher]:
        """The publishers of a namespace, by name. Raises `NotFound`."""
        caller.require(Action.GRANT_READ, namespace)
        query = ("publishers", namespace)
        rows = self.database.publishers.page(
            namespace, after=request.after(*query), limit=request.size + 1
        )
        if not rows:
            namespace_of(self.database, namespace)
        return request.page(rows, lambda publisher: publisher.name, *query)

    def get(self, caller: Caller, namespace: str, name: str) -> Publisher:
        """One of them. Raises `NotFound`."""
        caller.require(Action.GRANT_READ, namespace)
        return _publisher_of(self.database, namespace, name)

    def put(
        self,
        caller: Caller,
        namespace: str,
        name: str,
        issuer: str,
        claims: Mapping[str, ClaimValue],
        *,
        model: str | None = None,
        role: Role | None = None,
        actions: tuple[Action, ...] = (),
        expires_at: datetime | None = None,
        reason: str = "",
    ) -> Publisher:
        """Trust the workload that the claims describe, in place of any publisher of this name.

        A model need not be there yet if the publisher may create it. Raises `NotFound`, `Invalid`.
        """
        caller.require(Action.GRANT_CHANGE, namespace)
        now, by = self.clock.now(), caller.principal.name
        check_end(expires_at, now)
        wanted = Publisher(
            namespace=namespace,
            name=name,
            model=model,
            issuer=issuer,
            platform=self._platform(issuer),
            claims=dict(claims),
            role=role,
            actions=tuple(sorted(set(actions))),
            expires_at=expires_at,
            created_at=now,
            created_by=by,
            updated_at=now,
            updated_by=by,
        )

        def work(stores: Stores) -> Publisher:
            namespace_of(stores, namespace)
            if model is not None and Action.MODEL_REGISTER not in wanted.actions:
                model_of(stores, namespace, model)
            before = stores.publishers.get(namespace, name)
            if before is not None and before.says(wanted):
                return before
            at, revision = _next(stores, self.clock, namespace, name)
            publisher = replace(
                wanted,
                created_at=at if before is None else before.created_at,
                created_by=by if before is None else before.created_by,
                updated_at=at,
                revision=revision,
            )
            stores.publishers.put(publisher)
            stores.events.add(
                event_of(
                    caller, "publisher.set", at=at, before=before, after=publisher, reason=reason
                )
            )
            return publisher

        return self.database.transaction(work)

    def remove(self, caller: Caller, namespace: str, name: str, *, reason: str = "") -> None:
        """Trust it no more. Raises `NotFound`."""
        caller.require(Action.GRANT_CHANGE, namespace)

        def work(stores: Stores) -> None:
            before = _publisher_of(stores, namespace, name)
            at, revision = _next(stores, self.clock, namespace, name)
            stores.publishers.remove(namespace, name)
            stores.events.add(
                event_of(
                    caller,
                    "publisher.removed",
                    at=at,
                    before=before,
                    reason=reason,
                    revision=revision,
                )
            )

        self.database.transaction(work)

    def _platform(self, issuer: str) -> Platform:
        platform = self.platforms.get(issuer)
        if platform is None:
            known = ", ".join(sorted(self.platforms)) or "none is set"
            raise Invalid(
                f"{issuer[:60]!a} is no issuer of workloads that is trusted here.",
                next_step=f"Those that are: {known}. An operator adds one to MODELRY_ISSUERS.",
            )
        return Platform(platform)


def _publisher_of(stores: Stores, namespace: str, name: str) -> Publisher:
    publisher = stores.publishers.get(namespace, name)
    if publisher is None:
        namespace_of(stores, namespace)
        raise NotFound(
            f"The namespace {namespace!r} has no publisher {name[:200]!a}.",
            next_step="List its publishers to see which there are.",
        )
    return publisher


def _next(stores: Stores, clock: Clock, namespace: str, name: str) -> tuple[datetime, int]:
    """Time and revision of the next event; a publisher that was removed is not there to count."""
    last = stores.events.last(publisher_subject(namespace, name))
    if last is None:
        return clock.now(), 1
    return max(clock.now(), last.at), last.revision + 1
