"""Grants in the database."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from core.domain.grants import Grant


class GrantStore(Protocol):
    """Grants by scope and grantee; a grantee has one role in a scope."""

    def reaching(self, grantees: Collection[str]) -> Sequence[Grant]:
        """Every grant to any of these names, in all scopes."""
        ...

    def get(self, scope: str, grantee: str) -> Grant | None: ...

    def page(self, scope: str, *, after: str | None, limit: int) -> Sequence[Grant]:
        """By grantee, ascending."""
        ...

    def within(self, namespace: str, *, after: str | None, limit: int) -> Sequence[Grant]:
        """The grants of the namespace and of single models in it (or of `*`), by key."""
        ...

    def put(self, grant: Grant) -> None:
        """Give the role, in place of the one that this grantee had in this scope."""
        ...

    def remove(self, scope: str, grantee: str) -> None: ...
