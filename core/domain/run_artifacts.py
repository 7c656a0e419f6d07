"""What an artifact of a run says of the run, a metric being a point and a parameter a parameter;
and the other way round, what a run says that was logged without artifacts."""

import hashlib
import json
import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from core.domain.artifacts import Artifact
from core.domain.metrics import Latest, MetricPoint, number_of
from core.domain.runs import Run
from core.errors import Invalid

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_NUMBER = re.compile(r"[+-]?[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?", re.ASCII)


def of_run(artifact: Artifact, run: Run, at: datetime) -> Artifact:
    """The artifact as the run's. A metric without a `timestamp` was measured at `at`, so that
    what is sent again, or is described later, is no other point."""
    details: Mapping[str, Any] = artifact.details
    if artifact.kind == "metric" and "timestamp" not in details:
        details = {**details, "timestamp": str((at - _EPOCH) // timedelta(milliseconds=1))}
    return replace(artifact, run_id=run.id, experiment_id=run.experiment_id, details=details)


def point_of(artifact: Artifact) -> MetricPoint:
    """The point of a run's metric: `value`, `step` (0 if there is none) and `timestamp`, epoch
    milliseconds, in its details. Raises `Invalid`."""
    assert artifact.run_id is not None
    details = artifact.details
    step = details.get("step") or 0
    if isinstance(step, bool) or not isinstance(step, int):
        raise Invalid("The step of a metric is no whole number.", next_step="Count the steps.")
    at, value = _time(details.get("timestamp")), number_of(details.get("value"))
    return MetricPoint(artifact.run_id, artifact.name, step, at, value)


def parameter_of(artifact: Artifact) -> Any:
    """The value of a run's parameter, as what its `parameter_type` says where it reads so: a
    number or a boolean; else as the text that it is."""
    value, kind = artifact.details.get("value"), artifact.details.get("parameter_type")
    if not isinstance(value, str):
        return value
    if kind == "boolean" and value.lower() in {"true", "false"}:
        return value.lower() == "true"
    if kind == "number" and len(value) <= 18 and _NUMBER.fullmatch(value):
        return int(value) if value.lstrip("+-").isdigit() else float(value)
    return value


def implied(run: Run) -> Iterator[Artifact]:
    """What the run's metrics and parameters are as artifacts, by kind and name: of a metric its
    latest value, unless that is not finite. They are nowhere but in the run, so that their ids
    lead nowhere: they tell them from others and are made of all that does."""
    for key, latest in sorted(run.latest.items()):
        if math.isfinite(number_of(latest["value"])):
            yield _implied(run, "metric", key, _measured(latest), latest["at"])
    for name, value in sorted(run.parameters.items()):
        yield _implied(run, "parameter", name, _said(value), run.updated_at)


def _implied(run: Run, kind: str, name: str, details: Mapping[str, Any], at: datetime) -> Artifact:
    digest = hashlib.sha256(f"{run.id}\n{kind}\n{name}".encode()).digest()
    return Artifact(
        id=int.from_bytes(digest[:6], "big"),
        namespace=run.namespace,
        name=name,
        kind=kind,
        run_id=run.id,
        experiment_id=run.experiment_id,
        details=details,
        created_at=at,
        created_by=run.updated_by,
        updated_at=at,
        updated_by=run.updated_by,
    )


def _measured(latest: Latest) -> dict[str, Any]:
    timestamp = str((latest["at"] - _EPOCH) // timedelta(milliseconds=1))
    return {"value": latest["value"], "step": latest["step"], "timestamp": timestamp}


def _said(value: Any) -> dict[str, Any]:
    """A parameter as text and type, as `parameter_of` reads them."""
    if isinstance(value, str):
        return {"value": value, "parameter_type": "string"}
    kind = "boolean" if isinstance(value, bool) else "number"
    return {"value": json.dumps(value), "parameter_type": "object" if value is None else kind}


def _time(timestamp: Any) -> datetime:
    try:
        return _EPOCH + timedelta(milliseconds=int(timestamp))
    except (TypeError, ValueError, OverflowError):
        raise Invalid(
            f"{str(timestamp)[:40]!a} is no time of a metric.",
            next_step="Write epoch milliseconds.",
        ) from None
