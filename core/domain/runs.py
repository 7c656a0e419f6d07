"""A run: one try at training or measuring something, and what went in and came out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from core.domain.common import DESCRIBING, Described, check_common, moved_on
from core.domain.experiments import check_run_name
from core.domain.fields import Field, FieldKind, Fields, common_fields
from core.domain.metrics import MAX_KEYS, Latest, MetricPoint, noted
from core.domain.names import check_namespace_name
from core.domain.parameters import check_parameters
from core.domain.retention import Retention
from core.domain.shapes import Problem, count, fields, mapping, one_of, text
from core.errors import Invalid, TooLarge

MAX_LINKS = 1_000


class RunStatus(StrEnum):
    """How far a run is."""

    SCHEDULED = "scheduled"
    RUNNING = "running"
    FINISHED = "finished"
    FAILED = "failed"
    KILLED = "killed"


ENDED = frozenset({RunStatus.FINISHED, RunStatus.FAILED, RunStatus.KILLED})


@dataclass(frozen=True, slots=True, kw_only=True)
class Run(Described):
    """Identified by a decimal id that no other run ever has. Names need not differ, unless the
    run was created with `has_unique_name`.

    `parameters` are written once. `metrics` holds the latest value of each metric, None if it is
    not finite, and `latest` what is known of its history; both move as points are noted, without
    events, so that an event holds what they were when it happened. `logged` counts these moves.
    `inputs` are the data sets and models that went in, `outputs` the versions that came out.
    """

    id: int
    namespace: str
    experiment_id: int
    name: str
    has_unique_name: bool = False
    status: RunStatus = RunStatus.RUNNING
    state: Retention = Retention.ACTIVE
    started_at: datetime | None = None
    ended_at: datetime | None = None
    parent_id: int | None = None
    parameters: Mapping[str, Any] = field(default_factory=dict)
    metrics: Mapping[str, float | None] = field(default_factory=dict)
    latest: Mapping[str, Latest] = field(default_factory=dict)
    logged: int = 0
    inputs: tuple[Mapping[str, Any], ...] = ()
    outputs: tuple[Mapping[str, Any], ...] = ()
    purge_at: datetime | None = None

    @property
    def retention(self) -> Retention:
        """How it is kept: its state."""
        return self.state

    def patchable(self) -> frozenset[str]:
        """The fields that can be changed once the run is there."""
        return DESCRIBING | {"name", "status", "started_at", "ended_at"}

    def free(self) -> frozenset[str]:
        """The fields that hold whatever callers put there."""
        return DESCRIBING | {"parameters", "inputs", "outputs"}

    def __post_init__(self) -> None:
        check_namespace_name(self.namespace)
        check_run_name("run name", self.name)
        check_common(self)
        if self.started_at and self.ended_at and self.ended_at < self.started_at:
            raise Invalid(
                "The run ended before it started.", next_step="Check started_at and ended_at."
            )


def check_new_run(run: Run) -> Run:
    """Hold what a caller says of a new run to the rules; stored runs are not checked again.

    Raises `Invalid`, `TooLarge`.
    """
    check_parameters(run.parameters)
    check_links("inputs", run.inputs)
    check_links("outputs", run.outputs)
    return run


_LINK = fields(
    {
        "kind": one_of("dataset", "model", "document", "version", "logged-model"),
        "name": text,
        "version": text,
        "digest": text,
        "uri": text,
        "namespace": text,
        "model": text,
        "number": count,
        "step": count,
        "tags": mapping,
        "metadata": mapping,
    },
    required=["kind"],
)
_LINK_KEYS = frozenset(
    {
        *("kind", "name", "version", "digest", "uri", "namespace", "model", "number", "step"),
        *("tags", "metadata"),
    }
)
_IDENTITY = ("kind", "name", "version", "digest", "uri", "namespace", "model", "number")


def check_links(place: str, links: Sequence[Any]) -> None:
    """Hold inputs or outputs to the rules. Raises `Invalid` naming every place that is wrong."""
    problems: list[Problem] = []
    if len(links) > MAX_LINKS:
        problems.append((place, f"must be at most {MAX_LINKS}"))
    for at, link in enumerate(links[:MAX_LINKS]):
        found = list(_LINK(f"{place}.{at}", link))
        if not found:
            found += [(f"{place}.{at}.{key}", "is unknown") for key in link.keys() - _LINK_KEYS]
            if link["kind"] == "version" and not (link.get("model") and link.get("number")):
                found.append((f"{place}.{at}", "must have model and number"))
            elif link["kind"] != "version" and not any(map(link.get, ("name", "digest", "uri"))):
                found.append((f"{place}.{at}", "must have a name, a digest or a uri"))
        problems += found
    if problems:
        where, what = problems[0]
        raise Invalid(
            f"The {place} do not fit: {where} {what}.",
            next_step="Give each a kind (dataset, model, document, version, logged-model) and what"
            " names it.",
            problems=problems[:20],
        )


def linked(
    run: Run, place: str, links: Sequence[Mapping[str, Any]], *, at: datetime, by: str
) -> Run:
    """The run with these `inputs` or `outputs` as well; one that is there already is no second.

    The very same run if it has them all. Raises `Invalid`.
    """
    there: list[Mapping[str, Any]] = list(getattr(run, place))
    known = {_identity(each) for each in there}
    check_links(place, links)
    for link in links:
        if _identity(link) not in known:
            known.add(_identity(link))
            there.append(link)
    if len(there) == len(getattr(run, place)):
        return run
    check_links(place, there)
    return moved_on(run, at=at, by=by, **{place: tuple(there)})


def _identity(link: Mapping[str, Any]) -> tuple[Any, ...]:
    return tuple(link.get(name) for name in _IDENTITY)


def parse_status(value: object) -> RunStatus:
    """Read how far a run is. Raises `Invalid`."""
    if value not in list(RunStatus):
        raise Invalid(
            f"{str(value)[:60]!a} is no status of a run.",
            next_step=f"Choose one of: {', '.join(RunStatus)}.",
        )
    return RunStatus(str(value))


def with_points(run: Run, points: Sequence[MetricPoint]) -> dict[str, Any]:
    """What changes of the run when the points have been noted: `metrics`, `latest`, `logged`, with
    the metrics of the points alone. Raises `TooLarge` if it then had too many of them."""
    if len(run.metrics.keys() | {point.key for point in points}) > MAX_KEYS:
        raise TooLarge(
            f"A run has at most {MAX_KEYS} metrics; these would be more.",
            next_step="Use steps of one metric instead of one metric for each step.",
        )
    metrics, latest = noted(run.latest, points)
    return {"metrics": metrics, "latest": latest, "logged": run.logged + 1}


RUN_FIELDS = Fields(
    "run",
    {
        "name": Field(FieldKind.TEXT, "name"),
        "state": Field(FieldKind.TEXT, "state"),
        "status": Field(FieldKind.TEXT, "status"),
        "experiment_id": Field(FieldKind.NUMBER, "experiment_id"),
        "parent_id": Field(FieldKind.NUMBER, "parent_id", is_optional=True),
        "started_at": Field(FieldKind.TIME, "started_at", is_optional=True),
        "ended_at": Field(FieldKind.TIME, "ended_at", is_optional=True),
        "parameters": Field(FieldKind.FLAT, "parameters"),
        "metrics": Field(FieldKind.FLAT, "metrics", is_indexed=False),
        "inputs": Field(FieldKind.RECORDS, "inputs"),
        "outputs": Field(FieldKind.RECORDS, "outputs"),
        **common_fields(),
    },
)
"""What of a run can be searched. Metrics move with every point: no index follows them."""
