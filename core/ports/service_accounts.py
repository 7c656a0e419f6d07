"""Service accounts in the database."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from core.domain.service_accounts import ServiceAccount


class ServiceAccountStore(Protocol):
    """Service accounts by namespace and name."""

    def get(self, namespace: str, name: str) -> ServiceAccount | None:
        """Deleted ones too: their names are never used again."""
        ...

    def page(self, namespace: str, *, after: str | None, limit: int) -> Sequence[ServiceAccount]:
        """Those that are active, by name, ascending."""
        ...

    def insert(self, account: ServiceAccount) -> None:
        """Raise `Taken` if the name is or was in use."""
        ...

    def replace(self, account: ServiceAccount) -> None:
        """Store the next revision. Raise `Stale` unless the stored one is the one before it."""
        ...
