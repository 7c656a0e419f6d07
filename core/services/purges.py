"""The use case that ends grace periods: what was deleted long enough ago goes for good."""

from dataclasses import dataclass
from datetime import timedelta
from typing import TypeVar

from core.domain.access import Action, Caller
from core.domain.deletion import tombstone
from core.domain.models import RegisteredModel
from core.domain.retention import Retention, Shown
from core.domain.subjects import event_of
from core.domain.versions import ModelVersion
from core.ports import BlobStore, Clock, Database, Stores
from core.services.removals import remove_files

K = TypeVar("K", RegisteredModel, ModelVersion)

_BATCH = 100
_PURGING = timedelta(seconds=60)


@dataclass(frozen=True, slots=True)
class Purges:
    """Remove the bytes and descriptions of what was deleted; names and numbers stay."""

    database: Database
    blobs: BlobStore
    clock: Clock

    def purge(self, caller: Caller, *, limit: int = _BATCH) -> int:
        """Remove the bytes and descriptions of what was deleted long enough ago; return how many
        models and versions. `sweep` calls this; it stops after a minute and goes on next time."""
        caller.require(Action.DELETED_PURGE)
        now = self.clock.now()
        deadline = now + _PURGING
        count = 0
        for version in self.database.versions.due(now, limit):
            count += self._purge_version(caller, version)
            if self.clock.now() > deadline:
                return count
        for model in self.database.models.due(now, limit):
            before: int | None = None
            while versions := self.database.versions.page(
                model.namespace, model.name, before=before, limit=limit, shown=Shown.EVERYTHING
            ):
                for version in versions:
                    count += self._purge_version(caller, version)
                    if self.clock.now() > deadline:
                        return count
                before = versions[-1].number
            count += self._bury(caller, model)
        return count

    def _purge_version(self, caller: Caller, version: ModelVersion) -> int:
        """First the bytes, then their records, then the note that it is done: whatever fails in
        between is done again. What came on legal hold since it was found is passed over."""
        if version.retention is Retention.PURGED or self._is_held(version):
            return 0
        remove_files(self.database, self.blobs, version.id)
        return self._bury(caller, version)

    def _is_held(self, version: ModelVersion) -> bool:
        place = version.namespace, version.model
        now = self.database.versions.get(*place, version.number)
        owner = self.database.models.get(*place)
        return any(each is not None and each.holds for each in (now, owner))

    def _bury(self, caller: Caller, kept: K) -> int:
        at = self.clock.now()

        def work(stores: Stores) -> int:
            before: RegisteredModel | ModelVersion | None
            if isinstance(kept, RegisteredModel):
                before = stores.models.get(kept.namespace, kept.name)
            else:
                before = stores.versions.get(kept.namespace, kept.model, kept.number)
            if before is None or before.retention is Retention.PURGED or before.is_held:
                return 0
            after = tombstone(before, at=at, by=caller.principal.name)
            put_kept(caller, stores, before, after, "purged", "the grace period is over")
            if isinstance(before, ModelVersion):
                stores.artifacts.forget(before.id)
            return 1

        return self.database.transaction(work)


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
