"""Registered models as MLflow's clients read them."""

from typing import Any

from core.domain.models import RegisteredModel
from handlers.api.mlflow.answers import present
from handlers.api.mlflow.wire.common import milliseconds, pairs
from handlers.api.names import name_outside


def registered_model(model: RegisteredModel) -> dict[str, Any]:
    """A model, with the aliases of all clients."""
    return present(
        name=name_outside(model.name),
        creation_timestamp=milliseconds(model.created_at),
        last_updated_timestamp=milliseconds(model.updated_at),
        description=model.description,
        tags=pairs(model.tags),
        aliases=[
            {"alias": alias, "version": str(model.aliases[alias])}
            for alias in sorted(model.aliases)
        ],
    )
