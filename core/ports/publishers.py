"""Trusted publishers in the database."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from core.domain.publishers import Publisher


class PublisherStore(Protocol):
    """Publishers by namespace and name."""

    def get(self, namespace: str, name: str) -> Publisher | None: ...

    def page(self, namespace: str, *, after: str | None, limit: int) -> Sequence[Publisher]:
        """By name, ascending."""
        ...

    def anchored(self, anchor: str) -> Sequence[Publisher]:
        """Those found under the anchor of a token, at most 100; whether they pass is another
        question."""
        ...

    def put(self, publisher: Publisher) -> None:
        """Set it, in place of the one of this name in this namespace."""
        ...

    def remove(self, namespace: str, name: str) -> None: ...
