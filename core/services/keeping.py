"""How experiments, runs and logged models are kept: out of lists and back, out of reach and back
for a while."""

from abc import abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import ClassVar, Generic, TypeVar

from core.domain.access import Action, Caller
from core.domain.common import moved_on
from core.domain.deletion import check_can_return, check_reason
from core.domain.experiments import Experiment
from core.domain.logged_models import LoggedModel
from core.domain.retention import Retention
from core.domain.runs import Run
from core.domain.subjects import subject_of
from core.ports import Clock, Database, Numbered, Stores
from core.services.edits import amend

K = TypeVar("K", Experiment, Run, LoggedModel)
_UNDELETED = "undeleted"


@dataclass(frozen=True, slots=True)
class Deletable(Generic[K]):
    """Use cases of a noun that can be deleted, and undeleted for `grace_seconds`.

    `DELETE` is the action that they are, `CHANGE` that of describing it.
    """

    DELETE: ClassVar[Action]
    CHANGE: ClassVar[Action]

    database: Database
    clock: Clock
    grace_seconds: int

    @abstractmethod
    def _found(
        self, stores: Stores, namespace: str, reference: str, *, even_deleted: bool = False
    ) -> K: ...

    @abstractmethod
    def _store(self, stores: Stores) -> Numbered[K]: ...

    def _move(self, stores: Stores, kept: K, *, out: bool) -> None:
        """What goes out of reach with it, and comes back with it."""

    def delete(self, caller: Caller, namespace: str, reference: str, *, reason: str) -> K:
        """Put it out of reach, with all that belongs to it; after the grace period it is purged.

        Raises `Invalid` without a reason, `NotFound`, `Forbidden`.
        """
        caller.require(self.DELETE, namespace)
        check_reason(reason)
        return self._keep(caller, namespace, reference, Retention.DELETED, reason)

    def undelete(self, caller: Caller, namespace: str, reference: str, *, reason: str = "") -> K:
        """Bring it back with all that belongs to it, within the grace period.

        Raises `NotFound`, `Forbidden`, and `Conflict` if it is not deleted or the time is over.
        """
        caller.require(self.DELETE, namespace)
        return self._keep(caller, namespace, reference, Retention.ACTIVE, reason, _UNDELETED)

    def _amend(
        self,
        caller: Caller,
        namespace: str,
        reference: str,
        change: Callable[[Stores, K], K],
        verb: str,
        expected_revision: int | None = None,
        reason: str = "",
    ) -> K:
        """What is within reach, changed in one transaction."""
        return amend(
            self.database,
            caller,
            lambda stores: self._found(stores, namespace, reference),
            self._store,
            change,
            verb,
            expected_revision=expected_revision,
            reason=reason,
        )

    def _keep(
        self,
        caller: Caller,
        namespace: str,
        reference: str,
        retention: Retention,
        reason: str,
        verb: str = "",
    ) -> K:
        """Keep it so from now on, if it is not yet."""
        at = self.clock.now()

        def change(stores: Stores, before: K) -> K:
            if verb == _UNDELETED:
                subject = subject_of(before)
                check_can_return(f"the {subject.kind} {before.name!r}", before, at)
                self._move(stores, before, out=False)
            elif before.state is retention:
                return before
            elif retention is Retention.DELETED:
                self._move(stores, before, out=True)
            grace = timedelta(seconds=self.grace_seconds)
            purge_at = at + grace if retention is Retention.DELETED else None
            return moved_on(
                before, at=at, by=caller.principal.name, state=retention, purge_at=purge_at
            )

        return amend(
            self.database,
            caller,
            lambda stores: self._found(stores, namespace, reference, even_deleted=bool(verb)),
            self._store,
            change,
            verb or ("restored" if retention is Retention.ACTIVE else retention.value),
            reason=reason,
        )


class Archivable(Deletable[K]):
    """Use cases of a noun that can also be left out of lists."""

    __slots__ = ()

    def archive(self, caller: Caller, namespace: str, reference: str, *, reason: str = "") -> K:
        """Leave it out of lists; nothing else changes. Raises `NotFound`, `Forbidden`."""
        caller.require(self.CHANGE, namespace)
        return self._keep(caller, namespace, reference, Retention.ARCHIVED, reason)

    def restore(self, caller: Caller, namespace: str, reference: str, *, reason: str = "") -> K:
        """Put an archived one back into lists. Raises `NotFound`, `Forbidden`."""
        caller.require(self.CHANGE, namespace)
        return self._keep(caller, namespace, reference, Retention.ACTIVE, reason)
