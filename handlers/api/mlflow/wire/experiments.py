"""Experiments as MLflow's clients read them."""

from typing import Any

from core.domain.experiments import DEFAULT, Experiment
from handlers.api.mlflow.answers import present
from handlers.api.mlflow.experiment_ids import ZERO
from handlers.api.mlflow.lifecycle import stage_of
from handlers.api.mlflow.wire.common import milliseconds, pairs


def experiment(found: Experiment) -> dict[str, Any]:
    """An experiment; where its runs' artifacts lie if nobody said so is what the server passes
    on."""
    id = ZERO if found.name == DEFAULT else str(found.id)
    return present(
        experiment_id=id,
        name=found.name,
        artifact_location=found.artifact_location or f"mlflow-artifacts:/{id}",
        lifecycle_stage=stage_of(found.state),
        creation_time=milliseconds(found.created_at),
        last_update_time=milliseconds(found.updated_at),
        tags=pairs(found.tags),
    )
