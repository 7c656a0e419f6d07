"""Use cases on what is not wanted any more: archive, delete with time to undelete, purge."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar

from core.domain.access import Action, Caller
from core.domain.common import check_revision
from core.domain.deletion import (
    check_can_leave,
    check_can_return,
    check_reason,
    kept_as,
    tombstone,
)
from core.domain.models import RegisteredModel
from core.domain.retention import Retention, Shown
from core.domain.subjects import event_of
from core.domain.versions import ByNumber, ModelVersion
from core.ports import BlobStore, Clock, Database, Stores
from core.services.lookups import model_of, version_of

K = TypeVar("K", RegisteredModel, ModelVersion)

_BATCH = 100
_PURGING = timedelta(seconds=60)


@dataclass(frozen=True, slots=True)
class Deletions:
    """Models and versions: out of sight and back, out of reach and back for a while, and gone."""

    database: Database
    blobs: BlobStore
    clock: Clock
    grace_seconds: int

    def archive_model(
        self,
        caller: Caller,
        namespace: str,
        model: str,
        *,
        expected_revision: int | None = None,
        reason: str = "",
    ) -> RegisteredModel:
        """Leave it out of lists; nothing else changes. Raises `NotFound`, `Stale`."""
        caller.require(Action.MODEL_ARCHIVE, namespace)
        return self._keep_model(
            caller, namespace, model, Retention.ARCHIVED, expected_revision, reason
        )

    def restore_model(
        self,
        caller: Caller,
        namespace: str,
        model: str,
        *,
        expected_revision: int | None = None,
        reason: str = "",
    ) -> RegisteredModel:
        """Put an archived one back into lists. Raises `NotFound`, `Stale`."""
        caller.require(Action.MODEL_ARCHIVE, namespace)
        return self._keep_model(
            caller, namespace, model, Retention.ACTIVE, expected_revision, reason
        )

    def archive_version(
        self,
        caller: Caller,
        namespace: str,
        model: str,
        number: int,
        *,
        expected_revision: int | None = None,
        reason: str = "",
    ) -> ModelVersion:
        """Leave it out of lists and of `latest`; it can still be read and pulled.

        Raises `NotFound`, `Stale`, and `Conflict` naming the aliases that point to it.
        """
        caller.require(Action.VERSION_ARCHIVE, namespace)
        return self._keep_version(
            caller, namespace, model, number, Retention.ARCHIVED, expected_revision, reason
        )

    def restore_version(
        self,
        caller: Caller,
        namespace: str,
        model: str,
        number: int,
        *,
        expected_revision: int | None = None,
        reason: str = "",
    ) -> ModelVersion:
        """Put an archived one back into lists. Raises `NotFound`, `Stale`."""
        caller.require(Action.VERSION_ARCHIVE, namespace)
        return self._keep_version(
            caller, namespace, model, number, Retention.ACTIVE, expected_revision, reason
        )

    def delete_model(
        self,
        caller: Caller,
        namespace: str,
        model: str,
        *,
        reason: str,
        expected_revision: int | None = None,
    ) -> RegisteredModel:
        """Put it and its versions out of reach; after the grace period they are purged.

        Raises `Invalid` without a reason, `NotFound`, `Stale`.
        """
        caller.require(Action.MODEL_DELETE, namespace)
        check_reason(reason)
        return self._keep_model(
            caller, namespace, model, Retention.DELETED, expected_revision, reason
        )

    def delete_version(
        self,
        caller: Caller,
        namespace: str,
        model: str,
        number: int,
        *,
        reason: str,
        expected_revision: int | None = None,
    ) -> ModelVersion:
        """Put it out of reach; after the grace period its bytes are removed.

        Raises `Invalid` without a reason, `NotFound`, `Stale`, and `Conflict` naming the aliases
        that point to it.
        """
        caller.require(Action.VERSION_DELETE, namespace)
        check_reason(reason)
        return self._keep_version(
            caller, namespace, model, number, Retention.DELETED, expected_revision, reason
        )

    def undelete_model(
        self, caller: Caller, namespace: str, model: str, *, reason: str = ""
    ) -> RegisteredModel:
        """Bring it back, within the grace period, with its versions and aliases as they were.

        Raises `NotFound`, and `Conflict` if it is not deleted or the time is over.
        """
        caller.require(Action.MODEL_DELETE, namespace)
        at = self.clock.now()

        def work(stores: Stores) -> RegisteredModel:
            before = stores.models.get(namespace, model)
            if before is None:
                return model_of(stores, namespace, model)
            check_can_return(f"the model {model!r}", before, at)
            stores.versions.readmit(namespace, model)
            return self._moved(caller, stores, before, Retention.ACTIVE, at, reason, "undeleted")

        return self.database.transaction(work)

    def undelete_version(
        self, caller: Caller, namespace: str, model: str, number: int, *, reason: str = ""
    ) -> ModelVersion:
        """Bring it back, within the grace period.

        Raises `NotFound`, and `Conflict` if it is not deleted or the time is over.
        """
        caller.require(Action.VERSION_DELETE, namespace)
        at = self.clock.now()

        def work(stores: Stores) -> ModelVersion:
            model_of(stores, namespace, model)
            before = stores.versions.get(namespace, model, number)
            if before is None:
                return version_of(stores, namespace, model, ByNumber(number))
            check_can_return(f"version {number} of {model!r}", before, at)
            return self._moved(caller, stores, before, Retention.ACTIVE, at, reason, "undeleted")

        return self.database.transaction(work)

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
        between is done again."""
        if version.retention is Retention.PURGED:
            return 0
        while files := self.database.files.page(version.id, after=None, limit=_BATCH):
            for file in files:
                if file.multipart_id is not None:
                    self.blobs.abort(file.key, file.multipart_id)
                self.blobs.remove(file.key)
            self.database.files.remove(version.id, [file.path for file in files])
        return self._bury(caller, version)

    def _bury(self, caller: Caller, kept: K) -> int:
        at = self.clock.now()

        def work(stores: Stores) -> int:
            before: RegisteredModel | ModelVersion | None
            if isinstance(kept, RegisteredModel):
                before = stores.models.get(kept.namespace, kept.name)
            else:
                before = stores.versions.get(kept.namespace, kept.model, kept.number)
            if before is None or before.retention is Retention.PURGED:
                return 0
            after = tombstone(before, at=at, by=caller.principal.name)
            self._put(caller, stores, before, after, "purged", "the grace period is over")
            return 1

        return self.database.transaction(work)

    def _keep_model(
        self,
        caller: Caller,
        namespace: str,
        model: str,
        retention: Retention,
        expected_revision: int | None,
        reason: str,
    ) -> RegisteredModel:
        at = self.clock.now()

        def work(stores: Stores) -> RegisteredModel:
            before = model_of(stores, namespace, model)
            check_revision(f"The model {model!r}", before, expected_revision)
            if before.retention is retention:
                return before
            if retention is Retention.DELETED:
                stores.versions.withdraw(namespace, model)
            return self._moved(caller, stores, before, retention, at, reason)

        return self.database.transaction(work)

    def _keep_version(
        self,
        caller: Caller,
        namespace: str,
        model: str,
        number: int,
        retention: Retention,
        expected_revision: int | None,
        reason: str,
    ) -> ModelVersion:
        at = self.clock.now()

        def work(stores: Stores) -> ModelVersion:
            before = version_of(stores, namespace, model, ByNumber(number))
            check_revision(f"Version {number} of {model!r}", before, expected_revision)
            if before.retention is retention:
                return before
            if retention is not Retention.ACTIVE:
                check_can_leave(before)
            return self._moved(caller, stores, before, retention, at, reason)

        return self.database.transaction(work)

    def _moved(
        self,
        caller: Caller,
        stores: Stores,
        before: K,
        retention: Retention,
        at: datetime,
        reason: str,
        verb: str = "",
    ) -> K:
        grace = timedelta(seconds=self.grace_seconds)
        purge_at = at + grace if retention is Retention.DELETED else None
        by = caller.principal.name
        after = kept_as(before, retention, at=at, by=by, purge_at=purge_at)
        verb = verb or ("restored" if retention is Retention.ACTIVE else retention.value)
        self._put(caller, stores, before, after, verb, reason)
        return after

    def _put(
        self, caller: Caller, stores: Stores, before: K, after: K, verb: str, reason: str
    ) -> None:
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
