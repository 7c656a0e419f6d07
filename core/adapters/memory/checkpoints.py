"""Checkpoints in memory."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from core.adapters.memory.tables import MemoryStore, insert
from core.domain.checkpoints import Batch, Checkpoint


class MemoryCheckpoints(MemoryStore):
    """See `core.ports.CheckpointStore`."""

    def last(self) -> Checkpoint | None:
        with self.use(False) as tables:
            return tables.checkpoints[max(tables.checkpoints)] if tables.checkpoints else None

    def get(self, number: int) -> Checkpoint | None:
        with self.use(False) as tables:
            return tables.checkpoints.get(number)

    def batch(self, number: int) -> Batch | None:
        with self.use(False) as tables:
            return tables.batches.get(number)

    def page(self, *, after: int | None, limit: int) -> Sequence[Checkpoint]:
        with self.use(False) as tables:
            numbers = sorted(number for number in tables.checkpoints if number > (after or 0))
            return [tables.checkpoints[number] for number in numbers[:limit]]

    def reaching(self, first: str, last: str) -> Sequence[Batch]:
        with self.use(False) as tables:
            return [
                batch
                for batch in tables.batches.values()
                if batch.last >= first and batch.first <= last
            ]

    def add(self, checkpoint: Checkpoint, batch: Batch) -> None:
        with self.use(True) as tables:
            insert(tables.checkpoints, checkpoint.number, checkpoint, "number of a checkpoint")
            insert(tables.batches, batch.number, batch, "number of a batch")

    def publish(self, number: int, at: datetime) -> None:
        with self.use(False) as tables:
            published = replace(tables.checkpoints[number], published_at=at)
            tables.checkpoints[number] = published
