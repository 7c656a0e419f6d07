"""Environments as JSON."""

from typing import Any

from core.domain.environments import Environment
from handlers.api.v1.wire.common import Describing, Patch, common


class NewEnvironment(Describing):
    """An environment to create."""

    name: str
    kind: str = "other"


class EnvironmentPatch(Patch):
    """A merge patch (RFC 7396) of what can be changed of an environment; null clears."""

    kind: str | None = None


def environment(entity: Environment) -> dict[str, Any]:
    """An environment."""
    return {
        "id": str(entity.id),
        "namespace": entity.namespace,
        "name": entity.name,
        "kind": entity.kind,
        **common(entity),
    }
