"""The stages of a model as JSON."""

from typing import Any

from core.services.stages import Standing
from handlers.api.v1.wire.lifecycles import stage


def standing(entity: Standing) -> dict[str, Any]:
    """A stage, and the number of the version that it holds if it holds one."""
    return {**stage(entity.stage), "version": entity.version}
