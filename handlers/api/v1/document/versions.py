"""Answers about versions and their files."""

from datetime import datetime
from typing import Any, Literal

from handlers.api.v1.document.artifacts import ListedArtifact
from handlers.api.v1.document.common import Answer, Described
from handlers.api.v1.document.holds import Hold


class Successor(Answer):
    """The version to use instead, in the same namespace: 4, @champion."""

    model: str
    version: str


class Deprecation(Answer):
    """Since when a version should not be used any more, until when it can be, and what instead."""

    since: datetime
    sunset: datetime | None
    successor: Successor | None
    note: str


class ModelVersion(Described):
    """An immutable build of a model."""

    id: str
    model_id: str
    namespace: str
    model: str
    number: int
    name: str | None
    version: str | None
    version_reason: str
    fingerprint: str | None
    run_id: str | None
    state: Literal["pending", "ready", "abandoned"]
    digest: str | None
    file_count: int
    size_bytes: int
    aliases: list[str]
    stage: str | None
    model_type: str | None
    parameters: dict[str, Any]
    metrics: dict[str, float | int]
    training_metrics: dict[str, float | int]
    cross_validation_metrics: dict[str, float | int]
    inference_metrics: dict[str, float | int]
    confusion_matrix: dict[str, Any]
    tuning: dict[str, Any]
    datasets: list[dict[str, Any]]
    code: dict[str, Any]
    signature: dict[str, Any]
    environment: dict[str, Any]
    framework: dict[str, Any]
    explainability: dict[str, Any]
    fairness: dict[str, Any]
    compliance: dict[str, Any]
    serving: dict[str, Any]
    origin: dict[str, Any]
    artifacts: list[ListedArtifact]
    authors: list[str]
    approval_note: str | None
    notes: str
    license: str | None
    upload_expires_at: datetime | None
    ready_at: datetime | None
    retention: Literal["active", "archived", "deleted", "purged"]
    holds: list[Hold]
    deleted_at: datetime | None
    purge_at: datetime | None
    deprecation: Deprecation | None


class File(Answer):
    """A file of a manifest."""

    path: str
    size_bytes: int
    sha256: str
    state: Literal["missing", "received"]
    problem: str | None


class Download(Answer):
    """A file of a ready version and where to fetch it."""

    path: str
    size_bytes: int
    sha256: str
    url: str
    expires_at: datetime
