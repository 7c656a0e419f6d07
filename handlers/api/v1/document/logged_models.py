"""Answers about logged models."""

from datetime import datetime
from typing import Any, Literal

from handlers.api.v1.document.common import Answer, Described
from handlers.api.v1.document.runs import Number


class Measured(Answer):
    """The latest value of a metric, on a data set if one was named, and the run that noted it."""

    key: str
    value: Number
    step: int
    at: datetime
    run_id: str
    dataset_name: str | None
    dataset_digest: str | None


class LoggedModel(Described):
    """What a run saved as a model; `model_id` is its id in hex, which other clients name it by."""

    id: str
    model_id: str
    namespace: str
    experiment_id: str
    run_id: str | None
    name: str
    model_type: str | None
    status: Literal["pending", "ready", "failed"]
    state: Literal["active", "archived", "deleted", "purged"]
    parameters: dict[str, Any]
    metrics: list[Measured]
    purge_at: datetime | None
