"""What an artifact of a run says of the run: a metric is a point, a parameter a parameter."""

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from core.domain.artifacts import Artifact
from core.domain.metrics import MetricPoint, number_of
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


def _time(timestamp: Any) -> datetime:
    try:
        return _EPOCH + timedelta(milliseconds=int(timestamp))
    except (TypeError, ValueError, OverflowError):
        raise Invalid(
            f"{str(timestamp)[:40]!a} is no time of a metric.",
            next_step="Write epoch milliseconds.",
        ) from None
