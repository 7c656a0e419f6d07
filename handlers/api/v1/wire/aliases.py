"""Aliases as JSON."""

from typing import Any

from core.domain.aliases import Alias
from handlers.api.v1.wire.common import Body


class AliasTarget(Body):
    """Where an alias shall point: any reference to a version (`3`, `latest`, `@other`)."""

    version: str
    reason: str = ""


def alias(entity: Alias) -> dict[str, Any]:
    """An alias."""
    return {
        "namespace": entity.namespace,
        "model": entity.model,
        "alias": entity.alias,
        "version": entity.version,
    }
