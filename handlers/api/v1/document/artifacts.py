"""Answers about artifacts."""

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from handlers.api.v1.document.common import Described


class Artifact(Described):
    """A named thing of a version or a run: its own files at `path`, or a reference, `uri`."""

    id: str
    namespace: str
    name: str
    kind: Literal["model", "document", "dataset", "metric", "parameter"]
    model: str | None
    number: int | None
    run_id: int | None
    path: str | None
    uri: str | None
    digest: str | None
    size_bytes: int | None
    media_type: str | None
    details: dict[str, Any]
    state: Literal[
        "unknown", "pending", "live", "marked-for-deletion", "deleted", "abandoned", "reference"
    ]
    is_declared: bool


class ListedArtifact(BaseModel):
    """An artifact as it was listed when its version was registered."""

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
