"""Metric points and their summaries in memory."""

from collections.abc import Collection, Sequence

from core.adapters.memory.tables import MemoryStore
from core.domain.metrics import MetricPoint, Summary, merged


class MemoryMetrics(MemoryStore):
    """See `core.ports.MetricStore`."""

    def insert(self, points: Collection[MetricPoint]) -> None:
        with self.use(False) as tables:
            for point in points:
                tables.points.setdefault((point.run_id, point.key, point.place), point)

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
        with self.use(False) as tables:
            return [
                point
                for (where, metric, place), point in sorted(
                    tables.points.items(), reverse=descending
                )
                if (where, metric) == (run_id, key)
                and (after is None or (place < after if descending else place > after))
                and (first is None or point.step >= first)
                and (last is None or point.step <= last)
            ][:limit]

    def summarise(self, summaries: Collection[Summary]) -> None:
        with self.use(False) as tables:
            for new in summaries:
                place = (new.run_id, new.key, new.level, new.stretch)
                old = tables.summaries.get(place)
                tables.summaries[place] = new if old is None else merged(old, new)

    def summaries(
        self, run_id: int, key: str, level: int, *, first: int, last: int, limit: int
    ) -> Sequence[Summary]:
        with self.use(False) as tables:
            return [
                each
                for place, each in sorted(tables.summaries.items())
                if place[:3] == (run_id, key, level)
                and first >> level <= each.stretch <= last >> level
            ][:limit]

    def forget(self, run_id: int, limit: int) -> int:
        removed = 0
        with self.use(False) as tables:
            for place in [place for place in tables.points if place[0] == run_id][:limit]:
                del tables.points[place]
                removed += 1
            for stretch in [place for place in tables.summaries if place[0] == run_id][:limit]:
                del tables.summaries[stretch]
                removed += 1
        return removed
