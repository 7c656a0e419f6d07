"""Lifecycles in memory."""

from core.adapters.memory.tables import MemoryStore
from core.domain.lifecycles import Lifecycle


class MemoryLifecycles(MemoryStore):
    """See `core.ports.LifecycleStore`."""

    def get(self, namespace: str) -> Lifecycle | None:
        with self.use(False) as tables:
            return tables.lifecycles.get(namespace)

    def put(self, lifecycle: Lifecycle) -> None:
        with self.use(True) as tables:
            tables.lifecycles[lifecycle.namespace] = lifecycle
            tables.ledger.changed(lifecycle)
