"""Experiments, runs and the points of their metrics as Kubeflow's clients read them."""

import hashlib
import uuid
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Literal

from pydantic import Field

from core.domain.experiments import Experiment
from core.domain.metrics import MetricPoint
from core.domain.retention import Retention
from core.domain.runs import Run, RunStatus
from handlers.api.kubeflow.wire.common import (
    STATES,
    Describing,
    NonEmpty,
    milliseconds,
    present,
    resource,
)

ParentId = Annotated[str, Field(pattern=r"^[1-9][0-9]{0,8}$")]
Time = Annotated[str, Field(pattern=r"^[0-9]{0,14}$")]
STATUSES = {status.name: status for status in RunStatus}

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class ExperimentUpdate(Describing):
    """What can be changed of an experiment."""

    owner: str | None = None
    state: Literal["LIVE", "ARCHIVED"] | None = None

    def patch_of(self, entity: Experiment | Run) -> dict[str, Any]:
        """The merge patch for the use case."""
        patch = self.patch(entity)
        if self.owner is not None:
            patch["owner"] = self.owner or None
        return patch

    def described(self) -> dict[str, Any]:
        """The fields for the use case that creates it."""
        return {**super().described(), "owner": self.owner or None}

    @property
    def kept(self) -> Retention | None:
        """How it is to be kept, if that was sent."""
        return None if self.state is None else STATES[self.state]


class ExperimentCreate(ExperimentUpdate):
    """An experiment to create."""

    name: NonEmpty


class ExperimentRunUpdate(ExperimentUpdate):
    """What can be changed of a run."""

    status: Literal["RUNNING", "SCHEDULED", "FINISHED", "FAILED", "KILLED"] | None = None
    end_time_since_epoch: Time | None = None

    def patch_of(self, entity: Experiment | Run) -> dict[str, Any]:
        """The merge patch for the use case."""
        patch = super().patch_of(entity)
        if self.status is not None:
            patch["status"] = STATUSES[self.status].value
        if self.end_time_since_epoch is not None:
            patch["ended_at"] = read_time(self.end_time_since_epoch)
        return patch


class ExperimentRunCreate(ExperimentRunUpdate):
    """A run to start."""

    name: str | None = None
    experiment_id: ParentId
    start_time_since_epoch: Time | None = None

    def started(self) -> dict[str, Any]:
        """How it starts, for the use case that creates it, under a name of its own."""
        return {
            "name": self.name or str(uuid.uuid4()),
            "unique_name": True,
            "status": STATUSES[self.status or "RUNNING"].value,
            "started_at": read_time(self.start_time_since_epoch),
            "ended_at": read_time(self.end_time_since_epoch),
        }


def read_time(text: str | None) -> datetime | None:
    """The time of epoch milliseconds; None for none."""
    return _EPOCH + timedelta(milliseconds=int(text)) if text else None


def experiment(entity: Experiment) -> dict[str, Any]:
    """An experiment."""
    return {**resource(entity, entity.name), **_kept(entity)}


def experiment_run(run: Run) -> dict[str, Any]:
    """A run."""
    return {
        **resource(run, run.name),
        **_kept(run),
        "experimentId": str(run.experiment_id),
        "status": run.status.name,
        **present(
            startTimeSinceEpoch=milliseconds(run.started_at),
            endTimeSinceEpoch=milliseconds(run.ended_at),
        ),
    }


def metric_point(run: Run, point: MetricPoint) -> dict[str, Any]:
    """A point of a metric's history. Points have no ids: what stands for one is made of all that
    tells it from others, and leads nowhere."""
    place = f"{run.id}\n{point.key}\n{point.place}"
    digest = hashlib.sha256(place.encode()).digest()
    return {
        "id": str(int.from_bytes(digest[:6], "big")),
        "name": point.key,
        "artifactType": "metric",
        "value": point.value,
        "step": point.step,
        "timestamp": milliseconds(point.at),
        "createTimeSinceEpoch": milliseconds(point.at),
        "lastUpdateTimeSinceEpoch": milliseconds(point.at),
        "customProperties": {},
        "experimentId": str(run.experiment_id),
        "experimentRunId": str(run.id),
    }


def _kept(entity: Experiment | Run) -> dict[str, Any]:
    state = "ARCHIVED" if entity.state is Retention.ARCHIVED else "LIVE"
    return {**present(owner=entity.owner), "state": state}
