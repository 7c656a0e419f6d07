"""The use case that ends grace periods: what was deleted long enough ago goes for good."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar

from core.domain.access import Action, Caller
from core.domain.common import moved_on
from core.domain.deletion import keep_until, tombstone
from core.domain.models import RegisteredModel
from core.domain.retention import Retention, Shown
from core.domain.retention_rules import RetentionRules
from core.domain.subjects import event_of
from core.domain.versions import ModelVersion
from core.ports import BlobStore, Clock, Database, Stores
from core.services.removals import remove_evaluations, remove_files

K = TypeVar("K", RegisteredModel, ModelVersion)

_BATCH = 100
_PURGING = timedelta(seconds=60)
_OVER = "the grace period is over"


@dataclass(frozen=True, slots=True)
class Purges:
    """Remove the bytes and descriptions of what was deleted; names and numbers stay."""

    database: Database
    blobs: BlobStore
    clock: Clock
    grace_seconds: int

    def purge(self, caller: Caller, *, limit: int = _BATCH) -> int:
        """Remove the bytes and descriptions of what was deleted long enough ago; return how many
        models and versions. `sweep` calls this; it stops after a minute and goes on next time."""
        caller.require(Action.DELETED_PURGE)
        now = self.clock.now()
        deadline = now + _PURGING
        count = 0
        for version in self.database.versions.due(now, limit):
            if not self._is_kept_longer(caller, version, now):
                count += self._purge_version(caller, version)
            if self.clock.now() > deadline:
                return count
        for model in self.database.models.due(now, limit):
            if self._is_kept_longer(caller, model, now):
                continue
            for version in self._versions(model):
                count += self._purge_version(caller, version)
                if self.clock.now() > deadline:
                    return count
            count += self._bury(caller, model)
        return count

    def _is_kept_longer(self, caller: Caller, kept: K, now: datetime) -> bool:
        """Whether the rules of the namespace, as they are now, keep it longer than they did when
        it was deleted. If so, its purge is put off, so that it does not come up again before."""
        room = self.database.namespaces.get(kept.namespace)
        rules = RetentionRules() if room is None else room.retention
        grace = timedelta(seconds=self.grace_seconds)
        if isinstance(kept, ModelVersion):
            owner = self.database.models.get(kept.namespace, kept.model)
        else:
            owner = kept
        if owner is None:
            return False
        until = keep_until(rules, kept, owner, grace)
        if isinstance(kept, RegisteredModel) and rules.keep and until <= now:
            ends = (keep_until(rules, each, owner, grace) for each in self._versions(owner))
            until = max(ends, default=until)
        if until <= now:
            return False
        self._put_off(caller, kept, until)
        return True

    def _versions(self, model: RegisteredModel) -> Iterator[ModelVersion]:
        """Those that are not purged yet, newest first."""
        before: int | None = None
        while versions := self.database.versions.page(
            model.namespace, model.name, before=before, limit=_BATCH, shown=Shown.EVERYTHING
        ):
            yield from (each for each in versions if each.retention is not Retention.PURGED)
            before = versions[-1].number

    def _put_off(self, caller: Caller, kept: K, until: datetime) -> None:
        at, by = self.clock.now(), caller.principal.name

        def work(stores: Stores) -> None:
            before = _found(stores, kept)
            if before is not None and before.retention is Retention.DELETED:
                later = max(until, before.purge_at or until)
                after = moved_on(before, at=at, by=by, purge_at=later)
                put_kept(caller, stores, before, after, "purge-put-off", "rules of retention")

        self.database.transaction(work)

    def _purge_version(self, caller: Caller, version: ModelVersion) -> int:
        """First the bytes and their records, then the evaluations, then the note that it is
        done: whatever fails in between is done again. What came on legal hold since it was
        found is passed over."""
        if version.retention is Retention.PURGED or self._is_held(version):
            return 0
        remove_files(self.database, self.blobs, version.id)
        remove_evaluations(self.database, self.clock, caller, version, _OVER)
        return self._bury(caller, version)

    def _is_held(self, version: ModelVersion) -> bool:
        place = version.namespace, version.model
        now = self.database.versions.get(*place, version.number)
        owner = self.database.models.get(*place)
        return any(each is not None and each.holds for each in (now, owner))

    def _bury(self, caller: Caller, kept: K) -> int:
        at = self.clock.now()

        def work(stores: Stores) -> int:
            before = _found(stores, kept)
            if before is None or before.retention is Retention.PURGED or before.is_held:
                return 0
            after = tombstone(before, at=at, by=caller.principal.name)
            put_kept(caller, stores, before, after, "purged", _OVER)
            if isinstance(before, ModelVersion):
                stores.artifacts.forget(before.id)
            return 1

        return self.database.transaction(work)


def _found(stores: Stores, kept: K) -> K | None:
    if isinstance(kept, RegisteredModel):
        return stores.models.get(kept.namespace, kept.name)
    return stores.versions.get(kept.namespace, kept.model, kept.number)


def put_kept(caller: Caller, stores: Stores, before: K, after: K, verb: str, reason: str) -> None:
    """Store the model or version as it is now kept, with the event `model.VERB`."""
    if isinstance(after, RegisteredModel):
        stores.models.replace(after)
    else:
        stores.versions.replace(after)
    noun = "model" if isinstance(after, RegisteredModel) else "version"
    stores.events.add(
        event_of(
            caller,
            f"{noun}.{verb}",
            at=after.updated_at,
            before=before,
            after=after,
            reason=reason,
        )
    )
