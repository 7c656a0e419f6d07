"""Deployments as JSON."""

from typing import Any

from core.domain.deployments import Deployment
from core.services.deployments import Target
from handlers.api.v1.wire.common import Describing, Patch, common


class NewDeployment(Describing):
    """What should run in an environment, which is named by id or name."""

    environment: str
    model: str
    name: str | None = None
    follows: str = "latest"
    desired_state: str = "deployed"
    runtime: str | None = None


class DeploymentPatch(Patch):
    """A merge patch (RFC 7396) of what can be changed of a deployment; null clears."""

    follows: str | None = None
    desired_state: str | None = None
    runtime: str | None = None


def deployment(entity: Deployment) -> dict[str, Any]:
    """A deployment: what is wanted, then what was observed."""
    return {
        "id": str(entity.id),
        "namespace": entity.namespace,
        "environment_id": str(entity.environment_id),
        "environment": entity.environment,
        "name": entity.name,
        "model_id": str(entity.model_id),
        "model": entity.model,
        "follows": entity.follows,
        "pinned": entity.pinned,
        "desired_state": entity.desired_state,
        "runtime": entity.runtime,
        "observed_state": entity.observed_state,
        "serving": entity.serving,
        "traffic": entity.traffic,
        "endpoint": entity.endpoint,
        "message": entity.message,
        "observed_at": entity.observed_at,
        **common(entity),
    }


def target(found: Target) -> dict[str, Any]:
    """What should run, what does, and whether that is the same."""
    version = found.version
    return {
        "deployment_id": str(found.deployment.id),
        "desired_state": found.deployment.desired_state,
        "namespace": found.deployment.namespace,
        "model": found.deployment.model,
        "number": version and version.number,
        "version": version and version.version,
        "digest": version and version.digest,
        "serving": found.deployment.serving,
        "in_sync": found.is_in_sync,
    }
