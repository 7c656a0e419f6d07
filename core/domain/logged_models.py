"""A logged model: what a training saved as a model, before anybody registers a version of it."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from core.domain.common import DESCRIBING, Described, check_common
from core.domain.experiments import check_run_name
from core.domain.fields import Field, FieldKind, Fields, common_fields
from core.domain.metrics import MAX_KEYS, MetricPoint, plain_number
from core.domain.names import check_namespace_name, check_text
from core.domain.retention import Retention
from core.errors import Invalid, TooLarge

_ID = re.compile(r"m-0*([0-9a-f]{1,8})", re.ASCII)
_ID_CHARACTERS = 34
_END = "\n"  # which no name of a metric or of a data set holds


class LoggedModelStatus(StrEnum):
    """Whether its files are all there."""

    PENDING = "pending"
    READY = "ready"
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class LoggedModel(Described):
    """Identified by a decimal id, or that in hex: `m-` and 32 digits. Names need not differ.

    It belongs to an experiment, and to the run that made it if there is one. `parameters` are
    written once. What was measured of it moves without events, as a run's metrics do: `metrics`
    holds the latest value of each metric, None if it is not finite, and of each metric on each
    data set (`measured_on`); `measured` the facts of these. `logged` counts these moves.
    """

    id: int
    namespace: str
    experiment_id: int
    name: str
    run_id: int | None = None
    model_type: str | None = None
    status: LoggedModelStatus = LoggedModelStatus.PENDING
    state: Retention = Retention.ACTIVE
    parameters: Mapping[str, Any] = field(default_factory=dict)
    metrics: Mapping[str, float | None] = field(default_factory=dict)
    measured: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    logged: int = 0
    purge_at: datetime | None = None

    @property
    def model_id(self) -> str:
        """Its id as models are named by: `m-` and 32 digits in hex."""
        return logged_model_id(self.id)

    @property
    def retention(self) -> Retention:
        """How it is kept: its state."""
        return self.state

    def patchable(self) -> frozenset[str]:
        """The fields that can be changed once the logged model is there."""
        return DESCRIBING | {"name", "status", "model_type"}

    def free(self) -> frozenset[str]:
        """The fields that hold whatever callers put there."""
        return DESCRIBING | {"parameters"}

    def __post_init__(self) -> None:
        check_namespace_name(self.namespace)
        check_run_name("name of the logged model", self.name)
        check_common(self)
        if self.model_type is not None:
            check_text("model type", self.model_type, max_characters=500)


def logged_model_id(number: int) -> str:
    """The id of a logged model as text, of its decimal id."""
    return f"m-{number:032x}"


def read_logged_model_id(text: str) -> int | None:
    """The decimal id that a text names, as such or as `m-` and 32 digits in hex; None if none."""
    if found := _ID.fullmatch(text):
        return int(found[1], 16) if len(text) == _ID_CHARACTERS else None
    return int(text) if re.fullmatch(r"[1-9][0-9]{0,8}", text, re.ASCII) else None


def parse_logged_status(value: object) -> LoggedModelStatus:
    """Read whether a logged model is ready. Raises `Invalid`."""
    if value not in list(LoggedModelStatus):
        raise Invalid(
            f"{str(value)[:60]!a} is no status of a logged model.",
            next_step=f"Choose one of: {', '.join(LoggedModelStatus)}.",
        )
    return LoggedModelStatus(str(value))


@dataclass(frozen=True, slots=True)
class Measurement:
    """A metric point that is said of a logged model, and of the data set it was measured on."""

    point: MetricPoint
    dataset_name: str = ""
    dataset_digest: str = ""

    def __post_init__(self) -> None:
        for what, text in (("name", self.dataset_name), ("digest", self.dataset_digest)):
            if text:
                check_text(f"{what} of the data set", text, max_characters=500)

    @property
    def places(self) -> frozenset[str]:
        """Under what it may be the latest: the metric wherever it was measured, on data sets of
        this name, and on this very one."""
        key, name = self.point.key, self.dataset_name
        within = {measured_on(key, name, "")} if name else set()
        return frozenset({key, measured_on(key, name, self.dataset_digest), *within})


def measured_on(key: str, dataset_name: str, dataset_digest: str) -> str:
    """The key, among a logged model's metrics, of the latest value of one on a data set."""
    return _END.join((key, dataset_name, dataset_digest))


def measured_where(model: LoggedModel) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Each metric and the facts of its latest value, once for each data set (or none) that it was
    measured on."""
    for place, facts in model.measured.items():
        key = place.partition(_END)[0]
        if place == measured_on(key, facts["dataset_name"], facts["dataset_digest"]):
            yield key, facts


def with_measurements(
    model: LoggedModel, measurements: Sequence[Measurement]
) -> tuple[dict[str, float | None], dict[str, Mapping[str, Any]]]:
    """What changes of `metrics` and `measured` once these are noted: the value of the highest step
    and time is the latest. Raises `TooLarge` if it then had too many metrics."""
    facts: dict[str, Mapping[str, Any]] = {}
    for each in sorted(measurements, key=lambda each: each.point.place):
        point = each.point
        for place in each.places:
            known = facts.get(place) or model.measured.get(place)
            if known is None or (point.step, point.at) >= (known["step"], known["at"]):
                facts[place] = {
                    "value": plain_number(point.value),
                    "step": point.step,
                    "at": point.at,
                    "run_id": point.run_id,
                    "dataset_name": each.dataset_name,
                    "dataset_digest": each.dataset_digest,
                }
    if len(model.measured.keys() | facts.keys()) > 3 * MAX_KEYS:
        raise TooLarge(
            f"A logged model has at most {MAX_KEYS} metrics; these would be more.",
            next_step="Use steps of one metric instead of one metric for each step.",
        )
    values = {place: each["value"] for place, each in facts.items()}
    metrics = {key: None if isinstance(value, str) else value for key, value in values.items()}
    return metrics, facts


LOGGED_MODEL_FIELDS = Fields(
    "logged model",
    {
        "name": Field(FieldKind.TEXT, "name"),
        "state": Field(FieldKind.TEXT, "state"),
        "status": Field(FieldKind.TEXT, "status"),
        "model_type": Field(FieldKind.TEXT, "model_type", is_optional=True),
        "experiment_id": Field(FieldKind.NUMBER, "experiment_id"),
        "run_id": Field(FieldKind.NUMBER, "run_id", is_optional=True),
        "parameters": Field(FieldKind.FLAT, "parameters"),
        "metrics": Field(FieldKind.FLAT, "metrics", is_indexed=False),
        **common_fields(),
    },
)
"""What of a logged model can be searched. Metrics move with every point: no index follows them."""
