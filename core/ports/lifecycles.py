"""Lifecycles in the database."""

from typing import Protocol

from core.domain.lifecycles import Lifecycle


class LifecycleStore(Protocol):
    """The lifecycle of each namespace that set one."""

    def get(self, namespace: str) -> Lifecycle | None: ...

    def put(self, lifecycle: Lifecycle) -> None:
        """Set it, in place of the one that the namespace had."""
        ...
