"""Runs as JSON."""

from datetime import datetime
from typing import Any

from pydantic import Field

from core.domain.moments import parse_moment
from core.domain.runs import Run
from core.services.metrics import RunComparison
from handlers.api.v1.wire.common import Body, Describing, Patch, common
from handlers.api.v1.wire.comparisons import compared_row

TIMES = ("started_at", "ended_at")


class NewRun(Describing):
    """A run to start; times as RFC 3339 has them, `parent` the id of the run it is a part of."""

    name: str | None = None
    unique_name: bool = False
    status: str = "running"
    parent: str | None = None
    started_at: str | None = Field(default=None, max_length=64)
    ended_at: str | None = Field(default=None, max_length=64)
    parameters: dict[str, Any] = Field(default_factory=dict)
    inputs: list[dict[str, Any]] = Field(default_factory=list)
    outputs: list[dict[str, Any]] = Field(default_factory=list)

    def more(self) -> dict[str, Any]:
        """What else the use case takes, by the domain's names. Raises `Invalid`."""
        times = {name: getattr(self, name) for name in TIMES}
        return {
            **{name: _moment(text) for name, text in times.items()},
            "parameters": self.parameters,
            "inputs": tuple(self.inputs),
            "outputs": tuple(self.outputs),
        }


class RunPatch(Patch):
    """A merge patch (RFC 7396) of what can be changed of a run; null clears."""

    name: str | None = None
    status: str | None = None
    started_at: str | None = Field(default=None, max_length=64)
    ended_at: str | None = Field(default=None, max_length=64)

    def patch(self) -> dict[str, Any]:
        """Only what the caller sent. Raises `Invalid` for times that are none."""
        sent = super().patch()
        read = {name: _moment(sent[name]) for name in TIMES if name in sent}
        return {**sent, **read}


class NewParameters(Body):
    """Parameters to note; each is written once unless it may be overwritten."""

    parameters: dict[str, Any]
    overwrite: bool = False


class NewLinks(Body):
    """Data sets, models, documents and versions that went in or came out."""

    inputs: list[dict[str, Any]] = Field(default_factory=list)
    outputs: list[dict[str, Any]] = Field(default_factory=list)


def run(entity: Run) -> dict[str, Any]:
    """A run, with the latest of each metric."""
    return {
        "id": str(entity.id),
        "namespace": entity.namespace,
        "experiment_id": str(entity.experiment_id),
        "name": entity.name,
        "status": entity.status,
        "state": entity.state,
        "started_at": entity.started_at,
        "ended_at": entity.ended_at,
        "parent_id": None if entity.parent_id is None else str(entity.parent_id),
        "parameters": entity.parameters,
        "metrics": {key: facts["value"] for key, facts in entity.latest.items()},
        "latest": {
            key: {"step": facts["step"], "at": facts["at"], "count": facts["count"]}
            for key, facts in entity.latest.items()
        },
        "inputs": entity.inputs,
        "outputs": entity.outputs,
        "purge_at": entity.purge_at,
        **common(entity),
    }


def comparison(found: RunComparison, only_different: bool) -> dict[str, Any]:
    """Runs side by side."""
    return {
        "runs": [
            {"id": str(each.id), "name": each.name, "status": each.status} for each in found.runs
        ],
        "rows": [compared_row(each) for each in found.rows if each.differs or not only_different],
    }


def _moment(text: str | None) -> datetime | None:
    return None if text is None else parse_moment(text)
