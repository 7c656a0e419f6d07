"""Logged models as MLflow's clients read them."""

import json
from collections.abc import Mapping
from typing import Any

from core.domain.logged_models import LoggedModel, LoggedModelStatus, measured_where
from handlers.api.mlflow.answers import present
from handlers.api.mlflow.roots import logged_model_root
from handlers.api.mlflow.wire.common import finite, milliseconds, pairs
from handlers.api.mlflow.wire.runs import shown

STATUSES = {
    "LOGGED_MODEL_PENDING": LoggedModelStatus.PENDING,
    "LOGGED_MODEL_READY": LoggedModelStatus.READY,
    "LOGGED_MODEL_UPLOAD_FAILED": LoggedModelStatus.FAILED,
}
_STATUS_NAMES = {status: name for name, status in STATUSES.items()}
_REGISTRATIONS = "mlflow.modelVersions"


def logged_model(found: LoggedModel, experiment_id: str) -> dict[str, Any]:
    """A logged model; `experiment_id` as it is shown."""
    info = present(
        model_id=found.model_id,
        experiment_id=experiment_id,
        name=found.name,
        creation_timestamp_ms=milliseconds(found.created_at),
        last_updated_timestamp_ms=milliseconds(found.updated_at),
        artifact_uri=logged_model_root(experiment_id, found.model_id),
        status=_STATUS_NAMES[found.status],
        model_type=found.model_type,
        source_run_id=None if found.run_id is None else str(found.run_id),
        tags=pairs(found.tags),
        registrations=_registrations(found.tags),
    )
    data = present(
        params=[
            {"key": key, "value": shown(value)} for key, value in sorted(found.parameters.items())
        ],
        metrics=[
            present(
                key=key,
                value=finite(facts["value"]),
                timestamp=milliseconds(facts["at"]),
                step=facts["step"],
                run_id=str(facts["run_id"]),
                model_id=found.model_id,
                dataset_name=facts["dataset_name"],
                dataset_digest=facts["dataset_digest"],
            )
            for key, facts in sorted(measured_where(found), key=lambda each: each[0])
        ],
    )
    return {"info": info, "data": data}


def _registrations(tags: Mapping[str, str]) -> list[dict[str, str]]:
    """The versions that clients say were made of it, each once."""
    try:
        said = json.loads(tags.get(_REGISTRATIONS, "[]"))
        found = {(str(each["name"]), str(each["version"])) for each in said}
    except (ValueError, TypeError, KeyError):
        return []
    return [{"name": name, "version": version} for name, version in sorted(found)]
