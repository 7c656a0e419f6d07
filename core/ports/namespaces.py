"""Namespaces in the database."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from core.domain.namespaces import Namespace


class NamespaceStore(Protocol):
    """Namespaces by name."""

    def get(self, name: str) -> Namespace | None: ...

    def page(
        self,
        *,
        among: Collection[str] | None,
        after: str | None,
        limit: int,
        without: Collection[str] = (),
    ) -> Sequence[Namespace]:
        """By name, ascending; of `among` only, unless that is None, and none of `without`."""
        ...

    def insert(self, namespace: Namespace) -> None:
        """Raise `Taken` if the name is in use."""
        ...

    def pin_lifecycle(self, name: str, revision: int) -> None:
        """Let its lifecycle be at this revision until the transaction has ended, or raise `Stale`.
        It is no change: it needs no event."""
        ...

    def replace(self, namespace: Namespace) -> None:
        """Store the next revision. Raise `Stale` unless the stored one is the one before it."""
        ...
