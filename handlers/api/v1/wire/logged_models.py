"""Logged models as JSON."""

from typing import Any

from pydantic import Field

from core.domain.logged_models import LoggedModel, measured_where
from handlers.api.v1.wire.common import Body, Describing, Patch, common


class NewLoggedModel(Describing):
    """A model to log; `run` is the id of the run that made it."""

    name: str | None = None
    run: str | None = None
    model_type: str | None = None
    status: str = "pending"
    parameters: dict[str, Any] = Field(default_factory=dict)


class LoggedModelPatch(Patch):
    """A merge patch (RFC 7396) of what can be changed of a logged model; null clears."""

    name: str | None = None
    model_type: str | None = None
    status: str | None = None


class LoggedModelParameters(Body):
    """Parameters to note; each is written once."""

    parameters: dict[str, Any]


def logged_model(entity: LoggedModel) -> dict[str, Any]:
    """A logged model, with the latest of each metric on each data set."""
    return {
        "id": str(entity.id),
        "model_id": entity.model_id,
        "namespace": entity.namespace,
        "experiment_id": str(entity.experiment_id),
        "run_id": None if entity.run_id is None else str(entity.run_id),
        "name": entity.name,
        "model_type": entity.model_type,
        "status": entity.status,
        "state": entity.state,
        "parameters": entity.parameters,
        "metrics": [
            {
                "key": key,
                "value": facts["value"],
                "step": facts["step"],
                "at": facts["at"],
                "run_id": str(facts["run_id"]),
                "dataset_name": facts["dataset_name"] or None,
                "dataset_digest": facts["dataset_digest"] or None,
            }
            for key, facts in measured_where(entity)
        ],
        "purge_at": entity.purge_at,
        **common(entity),
    }
