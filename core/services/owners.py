"""Who keeps files beside versions: whether a run or a logged model is there."""

from core.domain.logged_files import FileOwner
from core.ports import Stores
from core.services.lookups import run_of


def owner_of(stores: Stores, owner: FileOwner) -> FileOwner:
    """The same owner if there is that run or logged model, or `NotFound`."""
    run_of(stores, owner.namespace, owner.id)
    return owner
