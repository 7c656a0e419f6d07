"""Artifacts as JSON."""

from typing import Any, Literal

from pydantic import Field

from core.domain import artifacts
from handlers.api.v1.wire.common import Describing, Patch, common

State = Literal[
    "unknown", "pending", "live", "marked-for-deletion", "deleted", "abandoned", "reference"
]


class NewArtifact(Describing):
    """An artifact to attach to a version that is there, or to keep by itself.

    `details` holds what its kind needs, such as the `value` of a metric.
    """

    name: str
    kind: Literal["model", "document", "dataset", "metric", "parameter"]
    uri: str | None = None
    digest: str | None = None
    size_bytes: int | None = None
    media_type: str | None = None
    details: dict[str, Any] = Field(default_factory=dict)
    state: State = "unknown"

    def what(self) -> dict[str, Any]:
        """The fields for the use case, by the domain's names."""
        own = ("name", "kind", "uri", "digest", "size_bytes", "media_type", "details")
        return {
            **self.described(),
            **{name: getattr(self, name) for name in own},
            "state": artifacts.ArtifactState(self.state),
        }


class ArtifactPatch(Patch):
    """A merge patch (RFC 7396) of what can be changed of an artifact; null clears."""

    uri: str | None = None
    digest: str | None = None
    media_type: str | None = None
    details: dict[str, Any] | None = None
    state: State | None = None


def artifact(entity: artifacts.Artifact) -> dict[str, Any]:
    """An artifact."""
    return {
        "id": str(entity.id),
        "namespace": entity.namespace,
        "name": entity.name,
        "kind": entity.kind,
        "model": entity.model,
        "number": entity.number,
        "run_id": entity.run_id,
        "path": entity.path,
        "uri": entity.uri,
        "digest": entity.digest,
        "size_bytes": entity.size_bytes,
        "media_type": entity.media_type,
        "details": entity.details,
        "state": entity.state,
        "is_declared": entity.is_declared,
        **common(entity),
    }
