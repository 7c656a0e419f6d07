"""What the registry answers, as frozen records that keep every field it sent."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import datetime
from pathlib import Path
from typing import Any, Self


@dataclass(frozen=True, repr=False)
class Record:
    """An answer. Fields this package knows are attributes with their types; all others are
    attributes as they came, and `raw` is the whole JSON object. `etag` is the `If-Match` with
    which an update says that it knows the present revision.
    """

    raw: Mapping[str, Any] = field(default_factory=dict, kw_only=True, compare=False)

    @classmethod
    def read(cls, raw: Mapping[str, Any]) -> Self:
        """Make the record of a JSON object; what it lacks takes the field's default."""
        known = {item.name for item in fields(cls)} - {"raw"}
        given = {name: _typed(name, value) for name, value in raw.items() if name in known}
        return cls(**given, raw=raw)

    @property
    def etag(self) -> str | None:
        """The present revision as `If-Match` wants it; None for what has no revision."""
        revision = self.raw.get("revision")
        return None if revision is None else f'"{revision}"'

    def __getattr__(self, name: str) -> Any:
        if not name.startswith("_") and name in self.raw:
            return self.raw[name]
        raise AttributeError(f"{type(self).__name__} has no field {name!r}")

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self._shown()}>"

    def _shown(self) -> str:
        return ", ".join(str(value) for value in list(self.raw.values())[:3])


@dataclass(frozen=True, repr=False)
class Identity(Record):
    """Who the registry takes the caller for."""

    principal: str = ""
    issuer: str = ""
    subject: str = ""
    groups: list[str] = field(default_factory=list)
    roles: list[Mapping[str, str]] = field(default_factory=list)

    def _shown(self) -> str:
        return self.principal


@dataclass(frozen=True, repr=False)
class Described(Record):
    """What every object of the registry carries."""

    description: str = ""
    tags: Mapping[str, str] = field(default_factory=dict)
    metadata: Mapping[str, Any] = field(default_factory=dict)
    custom_properties: Mapping[str, Any] = field(default_factory=dict)
    external_id: str | None = None
    owner: str | None = None
    state: str = ""
    created_at: datetime | None = None
    created_by: str = ""
    updated_at: datetime | None = None
    updated_by: str = ""
    revision: int = 0


@dataclass(frozen=True, repr=False)
class Namespace(Described):
    """A team's room."""

    name: str = ""

    def _shown(self) -> str:
        return self.name


@dataclass(frozen=True, repr=False)
class Model(Described):
    """A registered model; `aliases` maps each alias to a version number."""

    id: str = ""
    namespace: str = ""
    name: str = ""
    model_type: str | None = None
    card: Mapping[str, Any] = field(default_factory=dict)
    last_version: int = 0
    aliases: Mapping[str, int] = field(default_factory=dict)
    stages: Mapping[str, int] = field(default_factory=dict)
    compliance: Mapping[str, Any] = field(default_factory=dict)
    holds: list[Mapping[str, Any]] = field(default_factory=list)
    held_versions: list[int] = field(default_factory=list)
    purge_at: datetime | None = None

    def _shown(self) -> str:
        versions = "no versions" if not self.last_version else f"{self.last_version} versions"
        named = "".join(f" @{alias}={number}" for alias, number in sorted(self.aliases.items()))
        return f"{self.namespace}/{self.name}, {versions}{named}"

    def _repr_html_(self) -> str:
        """What a notebook shows."""
        from modelry.notebooks import html_of
        from modelry.sections import model_sections

        return html_of(model_sections(self))


@dataclass(frozen=True, repr=False)
class Version(Described):
    """An immutable build of a model.

    `version` is its semantic version, `number` counts, `name` is what people call it. What
    `push` returns says in `registration` how it came to the version: `new`, `resumed`, or
    `existing` for a training that was there.
    """

    id: str = ""
    model_id: str = ""
    namespace: str = ""
    model: str = ""
    number: int = 0
    name: str | None = None
    version: str | None = None
    version_reason: str = ""
    fingerprint: str | None = None
    registration: str = ""
    model_type: str | None = None
    parameters: Mapping[str, Any] = field(default_factory=dict)
    metrics: Mapping[str, float] = field(default_factory=dict)
    training_metrics: Mapping[str, float] = field(default_factory=dict)
    cross_validation_metrics: Mapping[str, float] = field(default_factory=dict)
    inference_metrics: Mapping[str, float] = field(default_factory=dict)
    confusion_matrix: Mapping[str, Any] = field(default_factory=dict)
    tuning: Mapping[str, Any] = field(default_factory=dict)
    datasets: list[Mapping[str, Any]] = field(default_factory=list)
    code: Mapping[str, Any] = field(default_factory=dict)
    signature: Mapping[str, Any] = field(default_factory=dict)
    environment: Mapping[str, Any] = field(default_factory=dict)
    framework: Mapping[str, Any] = field(default_factory=dict)
    explainability: Mapping[str, Any] = field(default_factory=dict)
    fairness: Mapping[str, Any] = field(default_factory=dict)
    compliance: Mapping[str, Any] = field(default_factory=dict)
    serving: Mapping[str, Any] = field(default_factory=dict)
    origin: Mapping[str, Any] = field(default_factory=dict)
    artifacts: list[Mapping[str, Any]] = field(default_factory=list)
    authors: list[str] = field(default_factory=list)
    approval_note: str | None = None
    notes: str = ""
    license: str | None = None
    digest: str | None = None
    file_count: int = 0
    size_bytes: int = 0
    aliases: list[str] = field(default_factory=list)
    stage: str | None = None
    upload_expires_at: datetime | None = None
    ready_at: datetime | None = None
    retention: str = "active"
    holds: list[Mapping[str, Any]] = field(default_factory=list)
    purge_at: datetime | None = None
    deprecation: Mapping[str, Any] | None = None

    @property
    def reference(self) -> str:
        """The text that names it: `namespace/model:3`."""
        return f"{self.namespace}/{self.model}:{self.number}"

    def _shown(self) -> str:
        named = "".join(f" @{alias}" for alias in sorted(self.aliases))
        version = f" {self.version}" if self.version else ""
        return f"{self.reference}{version}{named}, {self.state}, {self.file_count} files"

    def _repr_html_(self) -> str:
        """What a notebook shows."""
        from modelry.notebooks import html_of
        from modelry.sections import version_sections

        return html_of(version_sections(self))


@dataclass(frozen=True, repr=False)
class RemoteFile(Record):
    """A file of a version, as its manifest has it."""

    path: str = ""
    size_bytes: int = 0
    sha256: str = ""
    state: str = ""
    problem: str | None = None

    def _shown(self) -> str:
        return f"{self.path!r}, {self.size_bytes} bytes"


@dataclass(frozen=True, repr=False)
class Artifact(Described):
    """A named thing of a version: its own files at `path` (`.` is all of them), or a reference,
    `uri`. `details` hold what its kind needs; `is_declared` ones stay what they are."""

    id: str = ""
    namespace: str = ""
    name: str = ""
    kind: str = ""
    model: str | None = None
    number: int | None = None
    run_id: int | None = None
    path: str | None = None
    uri: str | None = None
    digest: str | None = None
    size_bytes: int | None = None
    media_type: str | None = None
    details: Mapping[str, Any] = field(default_factory=dict)
    is_declared: bool = False

    def _shown(self) -> str:
        where = self.path or self.uri
        return f"{self.name}, {self.kind}" + (f" at {where}" if where else "")


@dataclass(frozen=True, repr=False)
class Schema(Record):
    """What new versions of a model type must satisfy."""

    namespace: str = ""
    model_type: str = ""
    document: Mapping[str, Any] = field(default_factory=dict)
    updated_at: datetime | None = None
    updated_by: str = ""
    revision: int = 0

    def _shown(self) -> str:
        return f"{self.namespace}, model type {self.model_type}, revision {self.revision}"


@dataclass(frozen=True, repr=False)
class Alias(Record):
    """A movable name of a version."""

    namespace: str = ""
    model: str = ""
    alias: str = ""
    version: int = 0

    def _shown(self) -> str:
        return f"{self.namespace}/{self.model}@{self.alias} = {self.version}"


@dataclass(frozen=True, repr=False)
class Grant(Record):
    """A role of somebody in a scope."""

    scope: str = ""
    grantee: str = ""
    role: str = ""

    def _shown(self) -> str:
        return f"{self.grantee} is {self.role} of {self.scope}"


@dataclass(frozen=True, repr=False)
class Event(Record):
    """Who did what to which subject, before and after."""

    id: str = ""
    at: datetime | None = None
    action: str = ""
    namespace: str = ""
    kind: str = ""
    subject: str = ""
    actor: str = ""

    def _shown(self) -> str:
        return f"{self.action} {self.subject} by {self.actor}"


@dataclass(frozen=True, repr=False)
class FieldChange(Record):
    """A field, by JSON Pointer, before and after a change; None is none."""

    field: str = ""
    before: Any = None
    after: Any = None

    def _shown(self) -> str:
        return f"{self.field}: {self.before!r} to {self.after!r}"


@dataclass(frozen=True, repr=False)
class Change(Record):
    """What happened to an object: when, what, by whom, why, and to which fields."""

    id: str = ""
    at: datetime | None = None
    action: str = ""
    actor: str = ""
    reason: str = ""
    revision: int = 0
    changes: list[Mapping[str, Any]] = field(default_factory=list)

    def _shown(self) -> str:
        return f"{self.action} by {self.actor}, {len(self.changes)} fields"


@dataclass(frozen=True, repr=False)
class Facet(Record):
    """The commonest values of a field among what a search found; `more` if there are others."""

    values: list[Mapping[str, Any]] = field(default_factory=list)
    more: bool = False
    field: str = ""

    def _shown(self) -> str:
        counts = ", ".join(f"{each['value']!r}: {each['count']}" for each in self.values)
        return f"{self.field}: {counts}"


@dataclass(frozen=True, slots=True)
class Pulled:
    """What a pull left on the disk: `path` holds exactly the files of `version`."""

    path: Path
    version: Version
    digest: str


def _typed(name: str, value: Any) -> Any:
    if value is not None and (name == "at" or name.endswith("_at")):
        return datetime.fromisoformat(str(value))
    return value
