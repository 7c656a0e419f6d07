"""Use cases on aliases: the mutable pointers to versions that never change."""

from dataclasses import dataclass
from datetime import datetime

from core.domain.access import Action, Caller
from core.domain.aliases import Alias
from core.domain.common import check_revision
from core.domain.models import RegisteredModel
from core.domain.moments import check_moment
from core.domain.names import check_alias_name
from core.domain.versions import VersionReference
from core.errors import NotFound
from core.ports import Clock, Database, Stores
from core.services.lookups import model_of, version_of
from core.services.moments import model_at
from core.services.pointers import check_can_be_pointed_at, check_may_point, point


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

        Raises `Conflict` for a version that is not ready, or an alias that follows a stage,
        `Forbidden` for a protected one that the caller may not move, `Stale` if the model is not at
        the expected revision, `NotFound`, `Invalid`.
        """
        caller.require(Action.ALIAS_CHANGE, namespace, model=model)
        check_alias_name(name)

        def work(stores: Stores) -> Alias:
            check_may_point(stores, caller, namespace, model, name)
            before = model_of(stores, namespace, model)
            check_revision(f"The model {model!r}", before, expected_revision)
            target = version_of(stores, namespace, model, reference)
            check_can_be_pointed_at(target)
            if before.aliases.get(name) == target.number:
                return _alias(before, name)
            at = self.clock.now()
            after = point(caller, stores, before, name, target, at, reason)
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
            check_may_point(stores, caller, namespace, model, name, before)
            point(caller, stores, before, name, None, self.clock.now(), reason)

        self.database.transaction(work)

    def _model(self, namespace: str, model: str, as_of: datetime | None) -> RegisteredModel:
        if as_of is None:
            return model_of(self.database, namespace, model)
        check_moment(as_of, self.clock.now())
        return model_at(self.database, namespace, model, as_of)


def _alias(model: RegisteredModel, name: str) -> Alias:
    found = Alias.of(model, name)
    if found is None:
        known = ", ".join(f"@{alias}" for alias in sorted(model.aliases)[:10])
        raise NotFound(
            f"The model {model.name!r} has no alias {name!r}.",
            next_step=f"Its aliases: {known or 'none'}.",
        )
    return found
