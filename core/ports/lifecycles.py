"""Lifecycles in the database."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from core.domain.lifecycles import Lifecycle


class LifecycleStore(Protocol):
    """The lifecycle of each namespace that set one."""

    def get(self, namespace: str) -> Lifecycle | None: ...

    def put(self, lifecycle: Lifecycle) -> None:
        """Set it, in place of the one that the namespace had."""
        ...
