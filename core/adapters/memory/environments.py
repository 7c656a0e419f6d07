"""Environments in memory."""

from core.adapters.memory.numbered import MemoryNumbered
from core.adapters.memory.tables import Tables
from core.domain.environments import ENVIRONMENT_FIELDS, Environment


class MemoryEnvironments(MemoryNumbered[Environment]):
    """See `core.ports.EnvironmentStore`."""

    fields = ENVIRONMENT_FIELDS

    def table(self, tables: Tables) -> dict[int, Environment]:
        """The environments."""
        return tables.environments

    def named(self, namespace: str, name: str) -> Environment | None:
        return self.first(namespace=namespace, name=name)
