"""Experiments in the database."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

from core.ports.numbered import Numbered

if TYPE_CHECKING:
    from core.domain.experiments import Experiment


class ExperimentStore(Numbered["Experiment"], Protocol):
    """Experiments by namespace and name, however they are kept."""

    def named(self, namespace: str, name: str) -> Experiment | None: ...

    def due(self, at: datetime, limit: int) -> Sequence[Experiment]:
        """Deleted ones whose `purge_at` is before `at`, oldest first."""
        ...
