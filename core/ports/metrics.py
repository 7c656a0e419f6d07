"""Metric points in the database."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from core.domain.metrics import MetricPoint, Summary


class MetricStore(Protocol):
    """Metric points and their summaries. They are noted once and need no events, nor transactions:
    all that is done to them may be done again."""

    def insert(self, points: Collection[MetricPoint]) -> None:
        """Note them; those that are there already stay. One command for a thousand."""
        ...

    def page(
        self,
        run_id: int,
        key: str,
        *,
        after: str | None = None,
        first: int | None = None,
        last: int | None = None,
        limit: int,
        descending: bool = False,
    ) -> Sequence[MetricPoint]:
        """By `place`, in that direction, behind the place `after`; of the steps from `first` to
        `last`."""
        ...

    def summarise(self, summaries: Collection[Summary]) -> None:
        """Merge them into those that are there."""
        ...

    def summaries(
        self, run_id: int, key: str, level: int, *, first: int, last: int, limit: int
    ) -> Sequence[Summary]:
        """Those of a level whose stretches the steps from `first` to `last` touch, in order."""
        ...

    def forget(self, run_id: int, limit: int) -> int:
        """Remove some of what there is of a run that is being purged; how much that was."""
        ...
