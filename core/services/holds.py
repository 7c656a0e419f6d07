"""Use cases on legal holds: keep a model or a version from being deleted and purged."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, TypeVar

from core.domain.access import Action, Caller
from core.domain.common import moved_on
from core.domain.holds import Hold, check_can_be_held, check_hold_reason, held, lifted
from core.domain.models import RegisteredModel
from core.domain.retention import Retention
from core.domain.versions import ByNumber, ModelVersion, VersionState
from core.errors import Conflict
from core.ports import Clock, Database, Stores
from core.services.lookups import model_of, version_of
from core.services.purges import put_kept

K = TypeVar("K", RegisteredModel, ModelVersion)


@dataclass(frozen=True, slots=True)
class Holds:
    """Set and lift legal holds, on what is there and on what was deleted but not yet purged."""

    database: Database
    clock: Clock
    grace_seconds: int

    def hold_model(
        self, caller: Caller, namespace: str, model: str, *, reference: str, reason: str
    ) -> RegisteredModel:
        """Keep the model and all its versions for a matter; setting it again changes nothing.

        Raises `Invalid` without a reason, `NotFound`, and `Conflict` if it is purged or about to.
        """
        caller.require(Action.HOLD_CHANGE, namespace, model=model)
        at, hold = self._hold(caller, reference, reason)

        def work(stores: Stores) -> RegisteredModel:
            before = _model(stores, namespace, model)
            check_can_be_held(f"The model {model!r}", before.state, before.purge_at, at)
            holds = held(before.holds, hold)
            if len(holds) == len(before.holds):
                return before
            stores.versions.hold(namespace, model)
            after = replace(before, holds=holds)
            return _put(caller, stores, before, after, "held", reason, at, self._grace)

        return self.database.transaction(work)

    def release_model(
        self,
        caller: Caller,
        namespace: str,
        model: str,
        *,
        reason: str,
        reference: str | None = None,
    ) -> RegisteredModel:
        """Lift a hold of the model: the one with this reference, or the only one. What was
        deleted before it was held is not purged before a whole grace period from now.

        Raises `Invalid` without a reason, `NotFound`, `Conflict` if several are on it.
        """
        caller.require(Action.HOLD_CHANGE, namespace, model=model)
        check_hold_reason(reason)
        at = self.clock.now()

        def work(stores: Stores) -> RegisteredModel:
            before = _model(stores, namespace, model)
            holds = lifted(f"The model {model!r}", before.holds, reference)
            if not holds:
                stores.versions.release(namespace, model)
            after = replace(before, holds=holds)
            return _put(caller, stores, before, after, "released", reason, at, self._grace)

        return self.database.transaction(work)

    def hold_version(
        self,
        caller: Caller,
        namespace: str,
        model: str,
        number: int,
        *,
        reference: str,
        reason: str,
    ) -> ModelVersion:
        """Keep one version, and so its model, for a matter; setting it again changes nothing.

        Raises `Invalid` without a reason, `NotFound`, and `Conflict` if it is not ready, or it or
        its model is purged or about to be.
        """
        caller.require(Action.HOLD_CHANGE, namespace, model=model)
        at, hold = self._hold(caller, reference, reason)

        def work(stores: Stores) -> ModelVersion:
            owner, before = _version(stores, namespace, model, number)
            check_can_be_held(f"The model {model!r}", owner.state, owner.purge_at, at)
            what = f"Version {number} of {model!r}"
            check_can_be_held(what, before.retention, before.purge_at, at)
            if before.state is not VersionState.READY:
                raise Conflict(
                    f"{what} is {before.state}: there is nothing complete to keep.",
                    next_step="Hold a version that is ready, or the whole model.",
                )
            holds = held(before.holds, hold)
            if len(holds) == len(before.holds):
                return before
            after = replace(before, holds=holds)
            return self._put_version(caller, stores, owner, before, after, "held", reason, at)

        return self.database.transaction(work)

    def release_version(
        self,
        caller: Caller,
        namespace: str,
        model: str,
        number: int,
        *,
        reason: str,
        reference: str | None = None,
    ) -> ModelVersion:
        """Lift a hold of the version; see `release_model`."""
        caller.require(Action.HOLD_CHANGE, namespace, model=model)
        check_hold_reason(reason)
        at = self.clock.now()

        def work(stores: Stores) -> ModelVersion:
            owner, before = _version(stores, namespace, model, number)
            holds = lifted(f"Version {number} of {model!r}", before.holds, reference)
            after = replace(before, holds=holds)
            return self._put_version(caller, stores, owner, before, after, "released", reason, at)

        return self.database.transaction(work)

    def _hold(self, caller: Caller, reference: str, reason: str) -> tuple[datetime, Hold]:
        at = self.clock.now()
        return at, Hold(reference, check_hold_reason(reason), caller.principal.name, at)

    @property
    def _grace(self) -> timedelta:
        return timedelta(seconds=self.grace_seconds)

    def _put_version(
        self,
        caller: Caller,
        stores: Stores,
        owner: RegisteredModel,
        before: ModelVersion,
        after: ModelVersion,
        verb: str,
        reason: str,
        at: datetime,
    ) -> ModelVersion:
        """The version, and its model's list of versions that are held; a model on hold itself
        keeps this one as well, whatever became of its own holds."""
        done = _put(caller, stores, before, after, verb, reason, at, self._grace)
        others = {number for number in owner.held_versions if number != done.number}
        numbers = tuple(sorted(others | {done.number} if done.holds else others))
        if numbers != owner.held_versions:
            listing = replace(owner, held_versions=numbers)
            _put(caller, stores, owner, listing, f"version-{verb}", reason, at, self._grace)
        if owner.holds and done.retention is Retention.DELETED:
            stores.versions.hold(owner.namespace, owner.name)
        return done


def _model(stores: Stores, namespace: str, model: str) -> RegisteredModel:
    """The model, deleted or not. Raises `NotFound`."""
    found = stores.models.get(namespace, model)
    return model_of(stores, namespace, model) if found is None else found


def _version(
    stores: Stores, namespace: str, model: str, number: int
) -> tuple[RegisteredModel, ModelVersion]:
    """The version and its model, deleted or not. Raises `NotFound`."""
    owner = _model(stores, namespace, model)
    found = stores.versions.get(namespace, model, number)
    if found is None:
        return owner, version_of(stores, namespace, model, ByNumber(number))
    return owner, found


def _put(
    caller: Caller,
    stores: Stores,
    before: K,
    after: K,
    verb: str,
    reason: str,
    at: datetime,
    grace: timedelta,
) -> K:
    """Store it. What is deleted and free again has a grace period anew, so that a hold that was
    lifted by mistake can be set again."""
    changes: dict[str, Any] = {"holds": after.holds}
    if isinstance(after, RegisteredModel):
        changes["held_versions"] = after.held_versions
    if before.is_held and not after.is_held:
        if before.purge_at is not None:
            changes["purge_at"] = max(before.purge_at, at + grace)
        if isinstance(after, RegisteredModel):
            changes["released_at"] = at
    done = moved_on(before, at=at, by=caller.principal.name, **changes)
    put_kept(caller, stores, before, done, verb, reason)
    return done
