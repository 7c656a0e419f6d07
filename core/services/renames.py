"""Use cases on the names of models."""

from dataclasses import dataclass

from core.domain.access import Action, Caller
from core.domain.common import check_revision
from core.domain.models import RegisteredModel
from core.ports import Clock, Database, Stores
from core.services.lookups import model_of
from core.services.renaming import check_can_be_renamed, renamed


@dataclass(frozen=True, slots=True)
class Renames:
    """Give a model another name."""

    database: Database
    clock: Clock

    def rename(
        self,
        caller: Caller,
        namespace: str,
        name: str,
        new_name: str,
        *,
        expected_revision: int | None = None,
        reason: str = "",
    ) -> RegisteredModel:
        """Give it a name that is free, in one transaction; nothing if it has that name. The old
        one is free from then on, and its files stay where they are.

        Raises `NotFound`, `Invalid`, `Stale`, `Taken`, and `Conflict` naming what is said of it by
        its name elsewhere.
        """
        caller.require(Action.MODEL_UPDATE, namespace, model=name)
        caller.require(Action.MODEL_REGISTER, namespace, model=new_name)

        def work(stores: Stores) -> RegisteredModel:
            before = model_of(stores, namespace, name)
            check_revision(f"The model {name!r}", before, expected_revision)
            if new_name == name:
                return before
            check_can_be_renamed(stores, before)
            return renamed(caller, stores, before, new_name, self.clock.now(), reason)

        return self.database.transaction(work)
