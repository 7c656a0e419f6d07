"""Types of the native dialect's answers, for its OpenAPI document alone; no function loads it."""

from datetime import datetime
from typing import Any, Generic, Literal, TypeVar

from pydantic import BaseModel, ConfigDict

T = TypeVar("T")


class Answer(BaseModel):
    """An answer: every field is always there."""

    model_config = ConfigDict(extra="forbid", json_schema_serialization_defaults_required=True)


class ProblemPlace(Answer):
    """One of several things wrong."""

    place: str
    message: str


class Problem(BaseModel):
    """Problem details (RFC 9457); `problems` is there if several places are wrong."""

    model_config = ConfigDict(extra="forbid")

    type: str
    title: str
    status: int
    detail: str
    next_step: str
    request_id: str
    problems: list[ProblemPlace] = []


class Described(Answer):
    """The fields every object has."""

    description: str
    tags: dict[str, str]
    metadata: dict[str, Any]
    custom_properties: dict[str, Any]
    external_id: str | None
    owner: str | None
    created_at: datetime
    created_by: str
    updated_at: datetime
    updated_by: str
    revision: int


class Namespace(Described):
    """A team's room."""

    name: str
    state: Literal["active"]


class RegisteredModel(Described):
    """The name under which versions and aliases are kept."""

    id: str
    namespace: str
    name: str
    model_type: str | None
    state: Literal["active", "archived", "deleted", "purged"]
    last_version: int
    aliases: dict[str, int]
    purge_at: datetime | None


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


class ModelVersion(Described):
    """An immutable build of a model."""

    id: str
    model_id: str
    namespace: str
    model: str
    number: int
    version: str | None
    version_reason: str
    fingerprint: str | None
    state: Literal["pending", "ready", "abandoned"]
    digest: str | None
    file_count: int
    size_bytes: int
    aliases: list[str]
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
    artifacts: list[Artifact]
    authors: list[str]
    approval_note: str | None
    notes: str
    license: str | None
    upload_expires_at: datetime | None
    ready_at: datetime | None
    retention: Literal["active", "archived", "deleted", "purged"]
    purge_at: datetime | None


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


class Transfer(BaseModel):
    """How to send a file: `put` has url, headers and expires_at, `multipart` the rest."""

    model_config = ConfigDict(extra="forbid")

    path: str
    size_bytes: int
    method: Literal["put", "multipart"]
    url: str = ""
    headers: dict[str, str] = {}
    expires_at: datetime | None = None
    part_size_bytes: int = 0
    part_count: int = 0
    received_parts: list[int] = []


class Upload(Answer):
    """How to send what the store lacks."""

    state: Literal["pending", "ready", "abandoned"]
    upload_expires_at: datetime | None
    items: list[Transfer]
    next_page_token: str | None


class SignedPart(Answer):
    """A part and the request that sends it."""

    number: int
    url: str
    headers: dict[str, str]
    expires_at: datetime


class SignedParts(Answer):
    """Requests that send parts."""

    items: list[SignedPart]


class Remaining(Answer):
    """A file that has not been received."""

    path: str
    problem: str


class Completion(Answer):
    """What asking for completion came to."""

    state: Literal["pending", "ready", "abandoned"]
    remaining: list[Remaining]
    version: ModelVersion


class Alias(Answer):
    """A mutable pointer to a version."""

    namespace: str
    model: str
    alias: str
    version: int


class Grant(Answer):
    """Who has which role where."""

    scope: str
    grantee: str
    role: Literal["reader", "writer", "approver", "owner", "admin", "auditor"]
    created_at: datetime
    created_by: str


class Schema(Answer):
    """What new versions of a model type must satisfy."""

    namespace: str
    model_type: str
    document: dict[str, Any]
    created_at: datetime
    created_by: str
    updated_at: datetime
    updated_by: str
    revision: int


class RoleHeld(Answer):
    """A role and where it reaches."""

    scope: str
    role: Literal["reader", "writer", "approver", "owner", "admin", "auditor"]


class Caller(Answer):
    """Who the registry takes the caller for."""

    principal: str
    issuer: str
    subject: str
    groups: list[str]
    roles: list[RoleHeld]


class ComparedVersion(Answer):
    """One of the versions that were compared."""

    namespace: str
    model: str
    number: int
    version: str | None
    state: Literal["pending", "ready", "abandoned"]
    aliases: list[str]
    digest: str | None
    created_at: datetime


class Cell(Answer):
    """A version's value; for a metric also the gain on the first one, and its share of that."""

    value: Any
    delta: float | None
    relative: float | None


class Row(Answer):
    """One thing compared, a cell for each version; null where a version does not have it."""

    section: str
    name: str
    direction: Literal["higher", "lower"] | None
    best: list[int]
    cells: list[Cell | None]


class Comparison(Answer):
    """Versions side by side."""

    versions: list[ComparedVersion]
    rows: list[Row]


class Event(Answer):
    """A fact about who changed what."""

    id: str
    at: datetime
    action: str
    namespace: str
    kind: Literal["namespace", "model", "version", "alias", "grant", "schema"]
    subject: str
    revision: int
    actor: str
    before: dict[str, Any] | None
    after: dict[str, Any] | None
    reason: str
    request_id: str
    dialect: str
    address: str


class FieldChange(Answer):
    """A field, by JSON Pointer, before and after."""

    field: str
    before: Any
    after: Any


class Change(Answer):
    """A change of an object: when, by whom, why, and what."""

    id: str
    at: datetime
    action: str
    actor: str
    reason: str
    revision: int
    changes: list[FieldChange]


class Diff(Answer):
    """What is different between two times."""

    changes: list[FieldChange]


class Page(Answer, Generic[T]):
    """Some of a list, and the token for the rest."""

    items: list[T]
    next_page_token: str | None


class Count(Answer):
    """A value, and how many of what was found have it."""

    value: str | bool | int | float
    count: int


class Facet(Answer):
    """The commonest values of a field among what was found; `more` if there are others."""

    field: str
    values: list[Count]
    more: bool


class Found(Page[T], Generic[T]):
    """Some of what was found; on the first page with the facets that were asked for."""

    facets: list[Facet]


_SEARCHED = (RegisteredModel, ModelVersion)
_LISTED = (
    Namespace, RegisteredModel, ModelVersion, Artifact, File, Download, Alias, Grant, Schema, Event,
    Change,
)  # fmt: skip

ANSWERS: tuple[type[BaseModel], ...] = (
    Problem,
    *_LISTED,
    *(type(f"{of.__name__}Page", (Page[of],), {}) for of in _LISTED),  # type: ignore[valid-type]
    Upload,
    SignedParts,
    Completion,
    *(type(f"{of.__name__}Search", (Found[of],), {}) for of in _SEARCHED),  # type: ignore[valid-type]
    Comparison,
    Caller,
    Diff,
)
