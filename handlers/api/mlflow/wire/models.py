"""Registered models as MLflow's clients read them."""

from collections.abc import Iterable
from typing import Any

from core.domain.models import RegisteredModel
from core.domain.versions import ModelVersion
from handlers.api.mlflow.answers import present
from handlers.api.mlflow.wire.common import milliseconds, pairs
from handlers.api.mlflow.wire.versions import model_version
from handlers.api.names import name_outside


def registered_model(model: RegisteredModel, latest: Iterable[ModelVersion] = ()) -> dict[str, Any]:
    """A model, with the aliases of all clients and the newest version of each stage."""
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
        latest_versions=[model_version(version) for version in latest],
    )
