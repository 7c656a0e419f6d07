"""Namespaces as JSON."""

from typing import Any

from core.domain.namespaces import Namespace
from handlers.api.v1.wire.common import Describing, common


class NewNamespace(Describing):
    """A namespace to create."""

    name: str


def namespace(entity: Namespace) -> dict[str, Any]:
    """A namespace."""
    return {"name": entity.name, "state": entity.state, **common(entity)}
