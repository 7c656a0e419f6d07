"""Operations that log: parameters, metrics, tags, inputs and outputs of a run."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from starlette.responses import Response

from core.errors import Conflict, Invalid
from handlers.api.mlflow.answers import answered
from handlers.api.mlflow.bodies import Fields
from handlers.api.mlflow.routes import Asked, Request, group
from handlers.api.mlflow.running import acting
from handlers.api.mlflow.wire.common import moment
from handlers.api.mlflow.wire.runs import NAME, shown

router = group("run_logs")

MOST_PARAMETERS = 100
MOST_TAGS = 100
MOST_CHARACTERS = 6_000
"""Of a parameter's value; what is longer is cut."""

HISTORY = "mlflow.log-model.history"


@router.post("/mlflow/runs/log-parameter")
def log_parameter(asked: Request) -> Response:
    """Note a parameter, which is written once."""
    _log(asked, parameters=_parameters([asked.fields]))
    return answered()


@router.post("/mlflow/runs/log-metric")
def log_metric(asked: Request) -> Response:
    """Note a point of a metric."""
    _log(asked, points=[_point(asked.fields)])
    return answered()


@router.post("/mlflow/runs/log-batch")
def log_batch(asked: Request) -> Response:
    """Note points, parameters and tags: all of them or none."""
    fields = asked.fields
    parameters, tags = fields.entries("params"), fields.entries("tags")
    for what, found, most in (
        ("params", parameters, MOST_PARAMETERS),
        ("tags", tags, MOST_TAGS),
    ):
        if len(found) > most:
            raise Invalid(
                f"A batch logging request can contain at most {most} {what}."
                f" Got {len(found)} {what}.",
                next_step="Split it into several requests.",
            )
    _log(
        asked,
        points=[_point(each) for each in fields.entries("metrics")],
        parameters=_parameters(parameters),
        tags=fields.pairs("tags"),
    )
    return answered()


@router.post("/mlflow/runs/log-inputs")
def log_inputs(asked: Request) -> Response:
    """Note the data sets and logged models that went into a run."""
    links = [_dataset(each) for each in asked.fields.entries("datasets")]
    links += [_logged_model(each) for each in asked.fields.entries("models")]
    with acting(asked) as run_id:
        asked.registry.runs.link(asked.caller, asked.namespace, run_id, inputs=links)
    return answered()


@router.post("/mlflow/runs/outputs")
def log_outputs(asked: Request) -> Response:
    """Note the logged models that came out of a run."""
    links = [_logged_model(each) for each in asked.fields.entries("models")]
    with acting(asked) as run_id:
        asked.registry.runs.link(asked.caller, asked.namespace, run_id, outputs=links)
    return answered()


@router.post("/mlflow/runs/log-model")
def log_model(asked: Request) -> Response:
    """Note what a client says of a model among a run's artifacts, as it did before there were
    logged models."""
    text = asked.fields.required("model_json")
    try:
        said = json.loads(text)
        lacking = {"artifact_path", "flavors", "utc_time_created", "run_id"} - said.keys()
    except (ValueError, AttributeError, RecursionError):
        raise Invalid("The model_json is no JSON object.", next_step="Send an object.") from None
    if lacking:
        raise Invalid(
            f"Model json is missing mandatory fields: {', '.join(sorted(lacking))}.",
            next_step="Send the whole of it.",
        )
    with acting(asked) as run_id:
        found = asked.registry.runs.get(asked.caller, asked.namespace, run_id)
        history = [*json.loads(found.tags.get(HISTORY, "[]")), said]
        tags = {HISTORY: json.dumps(history)}
        asked.registry.runs.update(
            asked.caller,
            asked.namespace,
            run_id,
            {"tags": tags},
            expected_revision=found.revision,
        )
    return answered()


def _log(
    asked: Asked,
    *,
    points: Sequence[Mapping[str, Any]] = (),
    parameters: Mapping[str, str] | None = None,
    tags: Mapping[str, str] | None = None,
) -> None:
    tags = dict(tags or {})
    name = tags.pop(NAME, None)
    with acting(asked) as run_id:
        try:
            asked.registry.batches.log(
                asked.caller,
                asked.namespace,
                run_id,
                points,
                parameters=parameters,
                tags=tags,
                name=name,
                shown=shown,
            )
        except Conflict as error:
            raise Invalid(
                f"Changing param values is not allowed. {error.message}",
                next_step=error.next_step,
            ) from None


def _point(fields: Fields) -> dict[str, Any]:
    value = fields.decimal("value")
    if value is None:
        raise Invalid("Missing value for required parameter 'value'.", next_step="Send a number.")
    return {
        "key": fields.required("key"),
        "value": value,
        "at": moment(fields.required_number("timestamp"), "timestamp"),
        "step": fields.number("step") or 0,
        "logged_model": fields.text("model_id"),
        "dataset_name": fields.text("dataset_name"),
        "dataset_digest": fields.text("dataset_digest"),
    }


def _parameters(entries: Sequence[Fields]) -> dict[str, str]:
    """Each once: one that is there twice is refused, whatever its values."""
    found: dict[str, str] = {}
    for each in entries:
        key = each.required("key")
        if key in found:
            raise Invalid(
                f"Duplicate parameter keys have been submitted: {key[:250]!a}.",
                next_step="Send each parameter once.",
            )
        found[key] = (each.text("value") or "")[:MOST_CHARACTERS]
    return found


def _dataset(fields: Fields) -> dict[str, Any]:
    dataset = fields.entry("dataset")
    if dataset is None:
        raise Invalid("An input has no dataset.", next_step="Send name, digest, source of each.")
    said = {name: dataset.text(name) for name in ("source_type", "source", "schema", "profile")}
    return {
        "kind": "dataset",
        "name": dataset.required("name"),
        "digest": dataset.required("digest"),
        "tags": fields.pairs("tags"),
        "metadata": {name: text for name, text in said.items() if text},
    }


def _logged_model(fields: Fields) -> dict[str, Any]:
    link = {"kind": "logged-model", "name": fields.required("model_id")}
    step = fields.number("step")
    return {**link, "step": step} if step else link
