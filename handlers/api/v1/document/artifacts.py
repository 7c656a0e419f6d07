"""Answers about artifacts."""

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict


class Artifact(BaseModel):
    """A named thing that a version holds: its own files at `path`, or a reference, `uri`."""

    model_config = ConfigDict(extra="forbid")

    name: str
    kind: Literal["model", "document", "dataset", "metric", "parameter"]
    path: str | None = None
    uri: str | None = None
    digest: str | None = None
    size_bytes: int | None = None
    media_type: str | None = None
    description: str | None = None
    metadata: dict[str, Any] | None = None
