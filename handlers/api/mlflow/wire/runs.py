"""Runs and their metrics as MLflow's clients read them."""

import json
from collections.abc import Mapping
from typing import Any

from core.domain.metrics import MetricPoint
from core.domain.runs import Run
from handlers.api.mlflow.answers import present
from handlers.api.mlflow.lifecycle import stage_of
from handlers.api.mlflow.roots import run_root
from handlers.api.mlflow.wire.common import finite, milliseconds, pairs

NAME = "mlflow.runName"
PARENT = "mlflow.parentRunId"


def outline(found: Run, experiment_id: str) -> dict[str, Any]:
    """What a run is; `experiment_id` as it is shown."""
    return present(
        run_id=str(found.id),
        run_uuid=str(found.id),
        experiment_id=experiment_id,
        run_name=found.name,
        user_id=found.owner or found.created_by,
        status=found.status.value.upper(),
        start_time=milliseconds(found.started_at),
        end_time=milliseconds(found.ended_at),
        artifact_uri=run_root(experiment_id, str(found.id)),
        lifecycle_stage=stage_of(found.state),
    )


def run(found: Run, experiment_id: str) -> dict[str, Any]:
    """A run with the latest of each metric, and what went in and came out."""
    data = present(
        metrics=[
            {
                "key": key,
                "value": finite(facts["value"]),
                "timestamp": milliseconds(facts["at"]),
                "step": facts["step"],
            }
            for key, facts in sorted(found.latest.items())
        ],
        params=[
            {"key": key, "value": shown(value)} for key, value in sorted(found.parameters.items())
        ],
        tags=pairs(run_tags(found)),
    )
    inputs = present(
        dataset_inputs=[_dataset(link) for link in found.inputs if link["kind"] == "dataset"],
        model_inputs=[
            {"model_id": link["name"]} for link in found.inputs if link["kind"] == "logged-model"
        ],
    )
    outputs = present(
        model_outputs=[
            {"model_id": link["name"], "step": link.get("step", 0)}
            for link in found.outputs
            if link["kind"] == "logged-model"
        ]
    )
    info = outline(found, experiment_id)
    return {"info": info, "data": data, "inputs": inputs, **present(outputs=outputs)}


def run_tags(found: Run) -> dict[str, str]:
    """Its tags, with those that MLflow's clients keep a run's name and parent in."""
    parent = {} if found.parent_id is None else {PARENT: str(found.parent_id)}
    return {**parent, **found.tags, NAME: found.name}


def shown(value: Any) -> str:
    """A parameter as text, as Python writes it."""
    return value if isinstance(value, str) else str(value)


def metric_point(point: MetricPoint) -> dict[str, Any]:
    """One point of a metric."""
    return {
        "key": point.key,
        "value": finite(point.value),
        "timestamp": milliseconds(point.at),
        "step": point.step,
    }


def _dataset(link: Mapping[str, Any]) -> dict[str, Any]:
    said = link.get("metadata") or {}
    uri = link.get("uri")
    dataset = present(
        name=link.get("name") or uri or link.get("digest"),
        digest=link.get("digest") or link.get("version"),
        source_type=said.get("source_type") or ("uri" if uri else None),
        source=said.get("source") or (json.dumps({"uri": uri}) if uri else None),
        schema=said.get("schema"),
        profile=said.get("profile"),
    )
    return {"tags": pairs(link.get("tags") or {}), "dataset": dataset}
