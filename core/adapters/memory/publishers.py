"""Trusted publishers in memory."""

from collections.abc import Sequence

from core.adapters.memory.tables import MemoryStore, is_after
from core.domain.publishers import Publisher
from core.domain.subjects import publisher_subject


class MemoryPublishers(MemoryStore):
    """See `core.ports.PublisherStore`."""

    def get(self, namespace: str, name: str) -> Publisher | None:
        with self.use(False) as tables:
            return tables.publishers.get((namespace, name))

    def page(self, namespace: str, *, after: str | None, limit: int) -> Sequence[Publisher]:
        with self.use(False) as tables:
            keys = sorted(key for key in tables.publishers if key[0] == namespace)
            return [tables.publishers[key] for key in keys if is_after(key[1], after)][:limit]

    def anchored(self, anchor: str) -> Sequence[Publisher]:
        with self.use(False) as tables:
            publishers = [tables.publishers[key] for key in sorted(tables.publishers)]
            return [each for each in publishers if each.anchor == anchor]

    def put(self, publisher: Publisher) -> None:
        with self.use(True) as tables:
            tables.publishers[publisher.namespace, publisher.name] = publisher
            tables.ledger.changed(publisher)

    def remove(self, namespace: str, name: str) -> None:
        with self.use(True) as tables:
            if tables.publishers.pop((namespace, name), None) is not None:
                tables.ledger.removed(publisher_subject(namespace, name))
