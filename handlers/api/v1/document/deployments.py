"""Answers about deployments and what was seen of them."""

from datetime import datetime
from typing import Literal

from handlers.api.v1.document.common import Answer, Described

ServeState = Literal["unknown", "new", "running", "complete", "failed", "cached", "canceled"]


class Deployment(Described):
    """What should run in an environment, and what does."""

    id: str
    namespace: str
    environment_id: str
    environment: str
    name: str
    model_id: str
    model: str
    follows: str
    pinned: int | None
    desired_state: Literal["deployed", "undeployed"]
    runtime: str | None
    observed_state: ServeState
    serving: int | None
    traffic: dict[str, int]
    endpoint: str | None
    message: str
    observed_at: datetime | None


class Target(Answer):
    """The version that a deployment leads to now, and whether it is what answers."""

    deployment_id: str
    desired_state: Literal["deployed", "undeployed"]
    namespace: str
    model: str
    number: int | None
    version: str | None
    digest: str | None
    serving: int | None
    in_sync: bool


class ServeRecord(Described):
    """What was seen of a deployment at a time."""

    id: str
    namespace: str
    deployment_id: str
    name: str
    model: str
    number: int
    version_id: str
    state: ServeState
    traffic: dict[str, int]
    endpoint: str | None
    message: str
