"""Use cases on registered models."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from core.domain.access import Action, Caller
from core.domain.common import check_revision, check_size, patched
from core.domain.deletion import also_kept, gone, kept_as
from core.domain.events import SubjectKind, change
from core.domain.models import RegisteredModel
from core.domain.moments import check_moment
from core.domain.pages import Page, PageRequest
from core.domain.retention import READABLE, Retention, Shown
from core.domain.subjects import event_of
from core.errors import Taken
from core.ports import Clock, Database, Stores
from core.services.claims import created_before, remember
from core.services.lookups import model_of, model_with_id, namespace_of
from core.services.moments import model_at, namespace_at, page_at
from core.services.renaming import apart_from_renamed, renamed, set_aside

_ASIDE = "its name is used again"


@dataclass(frozen=True, slots=True)
class Models:
    """Register, read and describe models."""

    database: Database
    clock: Clock

    def register(
        self,
        caller: Caller,
        namespace: str,
        name: str,
        described: Mapping[str, Any],
        *,
        reuse_deleted: bool = False,
        sets_aside: bool = False,
    ) -> RegisteredModel:
        """Register a model under a name that is free in the namespace.

        `described` holds the fields every object has. The name of a model that was deleted for
        good can be used again, if asked for: id, history and the count of versions go on. If one
        that can be undeleted has the name, it is set aside if that is asked for, under a name of
        its own; versions of the new one are counted on from its. Raises `Taken`, `Invalid`,
        `NotFound`.
        """
        caller.require(Action.MODEL_REGISTER, namespace, model=name)
        at, by = self.clock.now(), caller.principal.name
        model = RegisteredModel(
            id=self.database.next_id("model"),
            namespace=namespace,
            name=name,
            created_at=at,
            created_by=by,
            updated_at=at,
            updated_by=by,
            **described,
        )
        check_size("What describes it", model)

        def work(stores: Stores) -> RegisteredModel:
            if before := created_before(stores, caller, RegisteredModel, at):
                return before
            namespace_of(stores, namespace)
            deleted = stores.models.get(namespace, name)
            new = model
            if sets_aside and deleted is not None and deleted.purge_at is not None:
                renamed(caller, stores, deleted, set_aside(deleted), at, _ASIDE)
                new = replace(model, last_version=deleted.last_version)
            elif deleted is not None and deleted.state not in READABLE:
                again = self._register_again(caller, stores, deleted, described, reuse_deleted)
                remember(stores, caller, again, at)
                return again
            new = apart_from_renamed(stores, new)
            stores.models.insert(new)
            stores.events.add(event_of(caller, "model.registered", at=at, after=new))
            remember(stores, caller, new, at)
            return new

        return self.database.transaction(work)

    def _register_again(
        self,
        caller: Caller,
        stores: Stores,
        deleted: RegisteredModel,
        described: Mapping[str, Any],
        reuse_deleted: bool,
    ) -> RegisteredModel:
        if deleted.purge_at is not None or not reuse_deleted:
            message, _ = gone(f"A model named {deleted.name!r}", deleted)
            raise Taken(
                message,
                next_step="Choose another name; to use this one again"
                + (", undelete the model." if deleted.purge_at else ", ask for it: reuse_deleted."),
            )
        after = kept_as(
            deleted,
            Retention.ACTIVE,
            at=self.clock.now(),
            by=caller.principal.name,
            **described,
        )
        stores.models.replace(after)
        stores.versions.readmit(after.namespace, after.name)
        stores.artifacts.readmit(after.namespace, after.name)
        stores.events.add(
            event_of(caller, "model.registered", at=after.updated_at, before=deleted, after=after)
        )
        return after

    def get(
        self, caller: Caller, namespace: str, name: str, *, as_of: datetime | None = None
    ) -> RegisteredModel:
        """The model, or what it was at a moment. Raises `NotFound`, `Invalid`."""
        caller.require(Action.MODEL_READ, namespace, model=name)
        if as_of is not None:
            check_moment(as_of, self.clock.now())
            return model_at(self.database, namespace, name, as_of)
        return model_of(self.database, namespace, name)

    def with_id(self, caller: Caller, namespace: str, id: int) -> RegisteredModel:
        """The model of this decimal id; one query. Raises `NotFound`."""
        caller.require(Action.NAMESPACE_SEE, namespace)
        return model_with_id(self.database, caller, namespace, id)

    def page(
        self,
        caller: Caller,
        namespace: str,
        request: PageRequest,
        *,
        shown: Shown = Shown.LISTED,
        as_of: datetime | None = None,
    ) -> Page[RegisteredModel]:
        """The models of a namespace that the caller may read, by name; archived ones too if
        `shown` says so.

        Raises `NotFound`, `Invalid`.
        """
        reach = caller.reach()
        among = None if reach.holds(namespace) else reach.singled(namespace)
        if among is not None and not among:
            caller.require(Action.MODEL_READ, namespace)
        without = reach.hidden_in(namespace)

        def found(start: str | None, size: int, shown: Shown) -> Sequence[RegisteredModel]:
            return self.database.models.page(
                namespace, after=start, limit=size, shown=shown, among=among, without=without
            )

        query = ("models", namespace, shown.value, str(as_of or ""))
        after = request.after(*query)
        if as_of is not None:
            rows = self._page_at(namespace, found, shown, as_of, after, request.size + 1)
        else:
            rows = found(after, request.size + 1, shown)
        if not rows and after is None:
            namespace_of(self.database, namespace)
        return request.page(rows, lambda model: model.name, *query)

    def _page_at(
        self,
        namespace: str,
        found: Callable[[str | None, int, Shown], Sequence[RegisteredModel]],
        shown: Shown,
        at: datetime,
        after: str | None,
        limit: int,
    ) -> Sequence[RegisteredModel]:
        check_moment(at, self.clock.now())
        if after is None:
            namespace_at(self.database, namespace, at)
        return page_at(
            self.database,
            lambda start, size: found(start, size, Shown.EVERYTHING),
            lambda model: model.name,
            lambda model: shown.holds(model.state),
            at=at,
            after=after,
            limit=limit,
        )

    def update(
        self,
        caller: Caller,
        namespace: str,
        name: str,
        patch: Mapping[str, Any],
        *,
        expected_revision: int | None,
        kept: Retention | None = None,
        reason: str = "",
    ) -> RegisteredModel:
        """Merge-patch what describes it; archive or restore it in the same step if `kept` says so.

        Raises `NotFound`, `Stale`, `Invalid`, `Forbidden`.
        """
        caller.require(Action.MODEL_UPDATE, namespace, model=name)
        if kept is not None:
            caller.require(Action.MODEL_ARCHIVE, namespace, model=name)
        at, by = self.clock.now(), caller.principal.name

        def work(stores: Stores) -> RegisteredModel:
            before = model_of(stores, namespace, name)
            check_revision(f"The model {name!r}", before, expected_revision)
            after = patched(before, patch, at=at, by=by)
            after = also_kept(before, after, kept, at=at, by=by)
            if after is not before:
                stores.models.replace(after)
                stores.events.add(
                    change(
                        caller,
                        "model.updated",
                        SubjectKind.MODEL,
                        f"{namespace}/{name}",
                        at=at,
                        namespace=namespace,
                        before=before,
                        after=after,
                        reason=reason,
                    )
                )
            return after

        return self.database.transaction(work)
