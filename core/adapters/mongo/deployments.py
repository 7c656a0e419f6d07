"""Deployments as documents."""

from collections.abc import Sequence
from typing import Any

from core.adapters.mongo.documents import Documents
from core.adapters.mongo.keyset import ASCENDING, after_key
from core.adapters.mongo.numbered import MongoNumbered
from core.domain.deployments import DEPLOYMENT_FIELDS, Deployment


class MongoDeployments(MongoNumbered[Deployment]):
    """See `core.ports.DeploymentStore`."""

    def __init__(self, documents: Documents[Deployment]) -> None:
        super().__init__(
            documents, DEPLOYMENT_FIELDS, lambda deployment: {"holds": list(deployment.held)}
        )

    def named(self, namespace: str, environment_id: int, name: str) -> Deployment | None:
        found = self._documents.one({"environment_id": environment_id, "name": name})
        return found if found is not None and found.namespace == namespace else None

    def holding(
        self, namespace: str, model: str, number: int | None, *, limit: int
    ) -> Sequence[Deployment]:
        filter: dict[str, Any] = {"namespace": namespace, "model": model}
        if number is None:
            return self._documents.many(
                filter | after_key("holds", 0), [("holds", ASCENDING)], limit
            )
        filter |= {"holds": number}
        return self._documents.many(filter, [("_id", ASCENDING)], limit)
