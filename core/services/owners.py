"""Who keeps files beside versions: whether a run or a logged model is there."""

from dataclasses import replace

from core.domain.logged_files import FileOwner, OwnerKind
from core.ports import Stores
from core.services.lookups import logged_model_of, run_of


def owner_of(stores: Stores, owner: FileOwner) -> FileOwner:
    """The owner by the id that its files lie under, if there is that run or logged model, or
    `NotFound`."""
    if owner.kind is OwnerKind.RUN:
        return replace(owner, id=str(run_of(stores, owner.namespace, owner.id).id))
    found = logged_model_of(stores, owner.namespace, owner.id)
    return replace(owner, id=found.model_id)
