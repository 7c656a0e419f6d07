"""Deployments in memory."""

from collections.abc import Sequence

from core.adapters.memory.numbered import MemoryNumbered, has
from core.adapters.memory.tables import Tables
from core.domain.deployments import DEPLOYMENT_FIELDS, Deployment


class MemoryDeployments(MemoryNumbered[Deployment]):
    """See `core.ports.DeploymentStore`."""

    fields = DEPLOYMENT_FIELDS

    def table(self, tables: Tables) -> dict[int, Deployment]:
        """The deployments."""
        return tables.deployments

    def same_name(self, one: Deployment, other: Deployment) -> bool:
        """Names are unique in an environment."""
        return (one.environment_id, one.name) == (other.environment_id, other.name)

    def named(self, namespace: str, environment_id: int, name: str) -> Deployment | None:
        return self.first(namespace=namespace, environment_id=environment_id, name=name)

    def holding(
        self, namespace: str, model: str, number: int | None, *, limit: int
    ) -> Sequence[Deployment]:
        with self.use(False) as tables:
            rows = sorted(tables.deployments.items())
            place = {"namespace": namespace, "model": model}
            held = [row for _, row in rows if has(row, place) and row.held]
            return [row for row in held if number is None or number in row.held][:limit]
