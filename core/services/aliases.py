"""Use cases on aliases: the mutable pointers to versions that never change."""

from dataclasses import dataclass
from datetime import datetime

from core.domain.access import Action, Caller
from core.domain.aliases import Alias
from core.domain.common import check_revision, moved_on
from core.domain.models import RegisteredModel
from core.domain.moments import check_moment
from core.domain.names import check_alias_name
from core.domain.retention import Retention
from core.domain.subjects import event_of
from core.domain.versions import ByNumber, ModelVersion, VersionReference, VersionState
from core.errors import Conflict, NotFound
from core.ports import Clock, Database, Stores
from core.services.lookups import model_of, version_of
from core.services.moments import model_at


@dataclass(frozen=True, slots=True)
class Aliases:
    """Point an alias at a ready version, move it, remove it."""

    database: Database
    clock: Clock

    def get(
        self,
        caller: Caller,
        namespace: str,
        model: str,
        name: str,
        *,
        as_of: datetime | None = None,
    ) -> Alias:
        """Where it points, or pointed at a moment. Raises `NotFound`, `Invalid`."""
        caller.require(Action.MODEL_READ, namespace, model=model)
        return _alias(self._model(namespace, model, as_of), name)

    def of_model(
        self, caller: Caller, namespace: str, model: str, *, as_of: datetime | None = None
    ) -> tuple[Alias, ...]:
        """All aliases of the model, by name. Raises `NotFound`, `Invalid`."""
        caller.require(Action.MODEL_READ, namespace, model=model)
        found = self._model(namespace, model, as_of)
        return tuple(_alias(found, name) for name in sorted(found.aliases))

    def point(
        self,
        caller: Caller,
        namespace: str,
        model: str,
        name: str,
        reference: VersionReference,
        *,
        expected_revision: int | None = None,
        reason: str = "",
    ) -> Alias:
        """Point the alias at a version, from wherever it points now; nothing if it is there.

        Raises `Conflict` for a version that is not ready, `Stale` if the model is not at the
        expected revision, `NotFound`, `Invalid`.
        """
        caller.require(Action.ALIAS_CHANGE, namespace, model=model)
        check_alias_name(name)

        def work(stores: Stores) -> Alias:
            before = model_of(stores, namespace, model)
            check_revision(f"The model {model!r}", before, expected_revision)
            target = version_of(stores, namespace, model, reference)
            if target.state is not VersionState.READY:
                raise Conflict(
                    f"Version {target.number} of {model!r} is {target.state}, so no alias can"
                    " point to it.",
                    next_step="Complete its upload first, or choose a version that is ready.",
                )
            if target.retention is not Retention.ACTIVE:
                raise Conflict(
                    f"Version {target.number} of {model!r} is archived, so no alias can point"
                    " to it.",
                    next_step="Restore it first, or choose a version that is active.",
                )
            if before.aliases.get(name) == target.number:
                return _alias(before, name)
            after = self._move(caller, stores, before, name, target, reason)
            return _alias(after, name)

        return self.database.transaction(work)

    def remove(
        self, caller: Caller, namespace: str, model: str, name: str, *, reason: str = ""
    ) -> None:
        """Take the alias away; the version stays. Raises `NotFound`."""
        caller.require(Action.ALIAS_CHANGE, namespace, model=model)

        def work(stores: Stores) -> None:
            before = model_of(stores, namespace, model)
            _alias(before, name)
            self._move(caller, stores, before, name, None, reason)

        self.database.transaction(work)

    def _model(self, namespace: str, model: str, as_of: datetime | None) -> RegisteredModel:
        if as_of is None:
            return model_of(self.database, namespace, model)
        check_moment(as_of, self.clock.now())
        return model_at(self.database, namespace, model, as_of)

    def _move(
        self,
        caller: Caller,
        stores: Stores,
        model: RegisteredModel,
        name: str,
        target: ModelVersion | None,
        reason: str,
    ) -> RegisteredModel:
        by = caller.principal.name
        old = Alias.of(model, name)
        versions = [] if target is None else [target]
        if old is not None:
            left = ByNumber(old.version)
            versions.append(version_of(stores, model.namespace, model.name, left))
        at = max(self.clock.now(), model.updated_at, *(each.updated_at for each in versions))
        aliases = {alias: where for alias, where in model.aliases.items() if alias != name}
        if target is not None:
            aliases[name] = target.number
        after = moved_on(model, at=at, by=by, aliases=aliases)
        new = Alias.of(after, name)
        verb = "removed" if new is None else "moved" if old else "set"
        stores.models.replace(after)
        for action, before, now in (
            (f"alias.{verb}", old, new),
            (f"model.alias-{verb}", model, after),
        ):
            stores.events.add(
                event_of(
                    caller,
                    action,
                    at=at,
                    before=before,
                    after=now,
                    reason=reason,
                    revision=after.revision,
                )
            )
        for version in versions:
            self._rename(caller, stores, version, name, version is target, at, reason)
        return after

    def _rename(
        self,
        caller: Caller,
        stores: Stores,
        before: ModelVersion,
        name: str,
        is_target: bool,
        at: datetime,
        reason: str,
    ) -> None:
        """Keep the version's own list of aliases true, so that it is found by one query."""
        names = {*before.aliases, name} if is_target else {*before.aliases} - {name}
        aliases = tuple(sorted(names))
        after = moved_on(before, at=at, by=caller.principal.name, aliases=aliases)
        action = "version.alias-set" if is_target else "version.alias-removed"
        stores.versions.replace(after)
        stores.events.add(
            event_of(caller, action, at=at, before=before, after=after, reason=reason)
        )


def _alias(model: RegisteredModel, name: str) -> Alias:
    found = Alias.of(model, name)
    if found is None:
        known = ", ".join(f"@{alias}" for alias in sorted(model.aliases)[:10])
        raise NotFound(
            f"The model {model.name!r} has no alias {name!r}.",
            next_step=f"Its aliases: {known or 'none'}.",
        )
    return found
