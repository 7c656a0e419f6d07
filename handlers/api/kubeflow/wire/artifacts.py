"""Artifacts of all five kinds as Kubeflow's clients read them."""

import uuid
from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field

from core.domain.artifacts import Artifact, ArtifactState
from core.errors import Invalid
from handlers.api.kubeflow.properties import replacing
from handlers.api.kubeflow.wire.common import Describing, present, resource

KINDS = {
    "model-artifact": "model",
    "doc-artifact": "document",
    "dataset-artifact": "dataset",
    "metric": "metric",
    "parameter": "parameter",
}
TYPES = {kind: word for word, kind in KINDS.items()}
STATES = {state.name: state for state in ArtifactState}

Step = int | Annotated[str, Field(pattern=r"^-?[0-9]{1,18}$")]


class ArtifactBody(Describing):
    """What all kinds have. Where any kind may be sent, unknown fields are ignored, as the genuine
    server does."""

    model_config = ConfigDict(extra="ignore")

    id: str | None = None
    name: str | None = None
    uri: str | None = None
    state: (
        Literal[
            "UNKNOWN", "PENDING", "LIVE", "MARKED_FOR_DELETION", "DELETED", "ABANDONED", "REFERENCE"
        ]
        | None
    ) = None

    @property
    def type(self) -> str:
        """Which kind it is, by Kubeflow's word."""
        return str(getattr(self, "artifact_type", "model-artifact"))

    @classmethod
    def own(cls) -> dict[str, str]:
        """The fields of this kind alone that are details, by their keys there."""
        return {name: name for name in cls.model_fields if name not in _SHARED}

    def details(self) -> dict[str, Any]:
        """The details that were sent."""
        sent = {key: getattr(self, field) for field, key in self.own().items()}
        return {key: value for key, value in sent.items() if value is not None}

    def what(self) -> dict[str, Any]:
        """The fields for the use case that registers it, by the domain's names. Raises `Invalid`
        for a metric or parameter without a value."""
        kind = KINDS[self.type]
        details = self.details()
        if kind in {"metric", "parameter"} and "value" not in details:
            raise Invalid(f"The {kind} has no value.", next_step="Send one.")
        return {
            **self.described(),
            "name": self.name or str(uuid.uuid4()),
            "kind": kind,
            "uri": self.uri or None,
            "details": details,
            "state": STATES[self.state or "UNKNOWN"],
        }

    def patch_of(self, artifact: Artifact, uri: str | None) -> dict[str, Any]:
        """The merge patch for the use case that changes it, whose bytes are shown at `uri`: only
        what is different."""
        patch = self.patch(artifact)
        if self.uri is not None and (self.uri or None) != uri:
            patch["uri"] = self.uri or None
        if self.state is not None:
            patch["state"] = STATES[self.state].value
        if details := replacing(artifact.details, {**artifact.details, **self.details()}):
            patch["details"] = details
        return patch


class ModelArtifact(ArtifactBody):
    """A model's bytes, somewhere."""

    artifact_type: Literal["model-artifact"] = "model-artifact"
    model_format_name: str | None = None
    model_format_version: str | None = None
    storage_key: str | None = None
    storage_path: str | None = None
    service_account_name: str | None = None
    model_source_kind: str | None = None
    model_source_class: str | None = None
    model_source_group: str | None = None
    model_source_id: str | None = None
    model_source_name: str | None = None


class StrictModelArtifact(ModelArtifact):
    """The same where nothing else may be sent: unknown fields are refused."""

    model_config = ConfigDict(extra="forbid")


class DocArtifact(ArtifactBody):
    """A document."""

    artifact_type: Literal["doc-artifact"]


class DataSet(ArtifactBody):
    """A data set."""

    artifact_type: Literal["dataset-artifact"]
    digest: str | None = None
    source_type: str | None = None
    source: str | None = None
    schema_: str | None = Field(default=None, alias="schema")
    profile: str | None = None

    def details(self) -> dict[str, Any]:
        """The details that were sent, but for the digest, which every artifact may have."""
        return {key: value for key, value in super().details().items() if key != "digest"}

    def what(self) -> dict[str, Any]:
        """The fields for the use case that registers it."""
        return {**super().what(), "digest": self.digest or None}

    def patch_of(self, artifact: Artifact, uri: str | None) -> dict[str, Any]:
        """The merge patch for the use case that changes it."""
        patch = super().patch_of(artifact, uri)
        return patch if self.digest is None else {**patch, "digest": self.digest or None}


class Metric(ArtifactBody):
    """A number that was measured. `step` is a number in one generation, text in the other."""

    artifact_type: Literal["metric"]
    value: float | None = None
    timestamp: str | None = None
    step: Step | None = None

    def details(self) -> dict[str, Any]:
        """The details that were sent, the step as a number."""
        found = super().details()
        if "step" in found:
            found["step"] = int(found["step"])
        return found


class Parameter(ArtifactBody):
    """A setting of a training."""

    artifact_type: Literal["parameter"]
    value: str | None = None
    parameter_type: Literal["string", "number", "boolean", "object"] | None = None


_SHARED = {*ArtifactBody.model_fields, "artifact_type"}
AnyArtifact = Annotated[
    ModelArtifact | DocArtifact | DataSet | Metric | Parameter, Field(discriminator="artifact_type")
]


def artifact(entity: Artifact, uri: str | None, *, is_first: bool) -> dict[str, Any]:
    """An artifact; `is_first` is for the generation that has runs, and whose steps are numbers."""
    of_run: dict[str, Any] = {}
    if is_first and entity.run_id is not None:
        of_run = {
            "experimentId": str(entity.experiment_id),
            "experimentRunId": str(entity.run_id),
        }
    details = dict(entity.details)
    if "step" in details and not is_first:
        details["step"] = str(details["step"])
    own = {_camel(key): value for key, value in details.items() if key in _DETAILS[entity.kind]}
    own_digest, measured = entity.digest, {}
    if entity.kind != "dataset":  # which alone has a field for it
        own_digest = None
        measured = present(digest=entity.digest, size_bytes=entity.size_bytes)
    return {
        **resource(entity, entity.name, measured),
        "artifactType": TYPES[entity.kind],
        **present(uri=uri, digest=own_digest),
        **own,
        **of_run,
        "state": entity.state.name,
    }


def _camel(key: str) -> str:
    first, *rest = key.rstrip("_").split("_")
    return first + "".join(word.capitalize() for word in rest)


_CLASSES: Mapping[str, type[ArtifactBody]] = {
    "model": ModelArtifact,
    "document": DocArtifact,
    "dataset": DataSet,
    "metric": Metric,
    "parameter": Parameter,
}


def detail_names() -> dict[str, str]:
    """Every field that is a detail of some kind, by Kubeflow's name."""
    return {_camel(key): key for keys in _DETAILS.values() for key in keys if key != "digest"}


_DETAILS = {kind: frozenset(shape.own()) for kind, shape in _CLASSES.items()}
