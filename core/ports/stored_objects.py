"""What is known of the objects that no upload declared."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from core.domain.stored_objects import StoredObject


class StoredObjectStore(Protocol):
    """Objects by their keys. They are noted as they are found and need no events, nor
    transactions: all that is done to them may be done again."""

    def note(self, found: StoredObject) -> None:
        """Note it, in place of what was noted of its key."""
        ...

    def under(self, place: str, limit: int) -> Sequence[StoredObject]:
        """Up to `limit` of those whose key is the place or below it, by key."""
        ...
