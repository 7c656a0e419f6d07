"""Use cases on what is not wanted any more: archive it, or delete it with time to undelete."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TypeVar

from core.domain.access import Action, Caller
from core.domain.common import check_revision
from core.domain.deletion import (
    check_can_leave,
    check_can_return,
    check_model_not_held,
    check_reason,
    keep_until,
    kept_as,
)
from core.domain.holds import check_not_held
from core.domain.models import RegisteredModel
from core.domain.retention import Retention
from core.domain.retirement import check_free
from core.domain.versions import ByNumber, ModelVersion
from core.ports import Clock, Database, Stores
from core.services.holders import holders_of, holders_of_model
from core.services.lookups import model_of, namespace_of, version_of
from core.services.pointers import unpoint
from core.services.purges import put_kept

K = TypeVar("K", RegisteredModel, ModelVersion)


@dataclass(frozen=True, slots=True)
class Deletions:
    """Models and versions: out of sight and back, out of reach and back for a while."""

    database: Database
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
        caller.require(Action.MODEL_ARCHIVE, namespace, model=model)
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
        caller.require(Action.MODEL_ARCHIVE, namespace, model=model)
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
        caller.require(Action.VERSION_ARCHIVE, namespace, model=model)
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
        caller.require(Action.VERSION_ARCHIVE, namespace, model=model)
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

        Raises `Invalid` without a reason, `NotFound`, `Stale`, and `Conflict` naming the legal
        holds on it, or the versions that have some.
        """
        caller.require(Action.MODEL_DELETE, namespace, model=model)
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
        with_aliases: bool = False,
    ) -> ModelVersion:
        """Put it out of reach; after the grace period its bytes are removed.

        Raises `Invalid` without a reason, `NotFound`, `Stale`, and `Conflict` naming the aliases
        that point to it, unless these are to go with it, or the legal holds on it or its model.
        """
        caller.require(Action.VERSION_DELETE, namespace, model=model)
        if with_aliases:
            caller.require(Action.ALIAS_CHANGE, namespace, model=model)
        check_reason(reason)
        return self._keep_version(
            caller,
            namespace,
            model,
            number,
            Retention.DELETED,
            expected_revision,
            reason,
            with_aliases=with_aliases,
        )

    def undelete_model(
        self, caller: Caller, namespace: str, model: str, *, reason: str = ""
    ) -> RegisteredModel:
        """Bring it back, within the grace period, with its versions and aliases as they were.

        Raises `NotFound`, and `Conflict` if it is not deleted or the time is over.
        """
        caller.require(Action.MODEL_DELETE, namespace, model=model)
        at = self.clock.now()

        def work(stores: Stores) -> RegisteredModel:
            before = stores.models.get(namespace, model)
            if before is None:
                return model_of(stores, namespace, model)
            check_can_return(f"the model {model!r}", before, at)
            stores.versions.readmit(namespace, model)
            stores.artifacts.readmit(namespace, model)
            return self._moved(caller, stores, before, Retention.ACTIVE, at, reason, "undeleted")

        return self.database.transaction(work)

    def undelete_version(
        self, caller: Caller, namespace: str, model: str, number: int, *, reason: str = ""
    ) -> ModelVersion:
        """Bring it back, within the grace period.

        Raises `NotFound`, and `Conflict` if it is not deleted or the time is over.
        """
        caller.require(Action.VERSION_DELETE, namespace, model=model)
        at = self.clock.now()

        def work(stores: Stores) -> ModelVersion:
            model_of(stores, namespace, model)
            before = stores.versions.get(namespace, model, number)
            if before is None:
                return version_of(stores, namespace, model, ByNumber(number))
            check_can_return(f"version {number} of {model!r}", before, at)
            stores.artifacts.readmit(namespace, model, number)
            return self._moved(caller, stores, before, Retention.ACTIVE, at, reason, "undeleted")

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
                check_model_not_held(before)
                check_free(
                    f"The model {model!r}", holders_of_model(stores, before), so="cannot be deleted"
                )
                stores.versions.withdraw(namespace, model)
                stores.artifacts.withdraw(namespace, model)
                return self._deleted(caller, stores, before, before, at, reason)
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
        with_aliases: bool = False,
    ) -> ModelVersion:
        at = self.clock.now()

        def work(stores: Stores) -> ModelVersion:
            before = version_of(stores, namespace, model, ByNumber(number))
            check_revision(f"Version {number} of {model!r}", before, expected_revision)
            if before.retention is retention:
                return before
            if retention is not Retention.ACTIVE:
                so = "can be neither archived nor deleted"
                check_free(f"Version {number} of {model!r}", holders_of(stores, before), so=so)
                if with_aliases and before.aliases:
                    unpoint(caller, stores, before, at, reason)
                    before = version_of(stores, namespace, model, ByNumber(number))
                check_can_leave(before)
            if retention is Retention.DELETED:
                check_not_held(f"Version {number} of {model!r}", before.holds)
                owner = model_of(stores, namespace, model)
                check_not_held(f"The model {model!r}", owner.holds)
                stores.artifacts.withdraw(namespace, model, number)
                return self._deleted(caller, stores, before, owner, at, reason)
            return self._moved(caller, stores, before, retention, at, reason)

        return self.database.transaction(work)

    def _deleted(
        self,
        caller: Caller,
        stores: Stores,
        before: K,
        owner: RegisteredModel,
        at: datetime,
        reason: str,
    ) -> K:
        """Out of reach, and to be purged when the rules of the namespace allow it."""
        rules = namespace_of(stores, owner.namespace).retention
        bare = replace(before, deleted_at=at)
        until = keep_until(rules, bare, owner, timedelta(seconds=self.grace_seconds))
        return self._moved(
            caller, stores, before, Retention.DELETED, at, reason, deleted_at=at, purge_at=until
        )

    def _moved(
        self,
        caller: Caller,
        stores: Stores,
        before: K,
        retention: Retention,
        at: datetime,
        reason: str,
        verb: str = "",
        *,
        deleted_at: datetime | None = None,
        purge_at: datetime | None = None,
    ) -> K:
        times = {"deleted_at": deleted_at, "purge_at": purge_at}
        after = kept_as(before, retention, at=at, by=caller.principal.name, **times)
        verb = verb or ("restored" if retention is Retention.ACTIVE else retention.value)
        put_kept(caller, stores, before, after, verb, reason)
        return after
