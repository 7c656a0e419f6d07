"""Runs in the database."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

from core.ports.numbered import Numbered

if TYPE_CHECKING:
    from core.domain.runs import Run


class RunStore(Numbered["Run"], Protocol):
    """Runs by experiment and name, however they are kept."""

    def named(self, namespace: str, experiment_id: int, name: str) -> Run | None:
        """The oldest of this name."""
        ...

    def note(self, run: Run, keys: Sequence[str]) -> bool:
        """Set `metrics` and `latest` of these keys, and `logged`, to what the run has, if the
        stored run's `logged` is the one before it; whether it was. Bookkeeping, without events."""
        ...

    def withdraw(self, experiment_id: int) -> None:
        """Put all runs of the experiment out of lists, with it and without events of their own."""
        ...

    def readmit(self, experiment_id: int) -> None:
        """Undo `withdraw`."""
        ...

    def due(self, at: datetime, limit: int) -> Sequence[Run]:
        """Deleted ones whose `purge_at` is before `at`, oldest first."""
        ...
