"""The artifacts of versions and runs: named things, each its own files or a reference to somewhere
else.

The registry never follows a reference: it is recorded as it was given, for clients to follow with
rights of their own.
"""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any
from urllib.parse import unquote

from core.domain.common import Described, check_common
from core.domain.documents import check_document
from core.domain.names import check_namespace_name, check_text, key_segment
from core.domain.shapes import Problem, count, fields, mapping, one_of, text
from core.domain.versions import ModelVersion
from core.errors import Invalid

KINDS = ("model", "document", "dataset", "metric", "parameter")
SCHEMES = frozenset({"s3", "gs", "hdfs", "webhdfs", "abfs", "abfss", "https", "oci", "hf"})
REPEATABLE = frozenset({"dataset"})
"""Kinds of which one parent may have several under one name."""

WHOLE = "."
"""The path of the artifact that is all files of its version."""

MAX_URI_BYTES = 2 << 10
MAX_ARTIFACTS = 1_000
MAX_NAME = 255
QUERIES = frozenset({"versionId", "generation", "snapshot", "revision"})
"""What a query may hold: which version of an object is meant, and nothing that could be secret."""

_NAME = re.compile(r"[^/\\]{1,255}")
_URI = re.compile(r"([a-z][a-z0-9]*)://([^/?#]*)([^?#]*)(?:\?([^#]*))?(#.*)?", re.DOTALL)
_HOST = re.compile(
    r"(?:[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?|\[[0-9A-Fa-f:.]+\])(?::\d{1,5})?"
)
_CONTAINER = re.compile(r"[A-Za-z0-9$][A-Za-z0-9-]*@")
_UNPRINTABLE = "is empty, or holds characters that cannot be printed"
_UNSAFE = frozenset(' \\"<>^`{|}')
_SECRET = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://[^/?#@]*:[^/?#@]*@")
_DIGEST = re.compile(r"[a-z0-9]{2,16}:[0-9a-f]{32,128}")
_MEDIA_TYPE = re.compile(r"[\w.+-]{1,127}/[\w.+-]{1,127}(?:;[ -~]{1,200})?", re.ASCII)
_RECORD = fields(
    {
        "name": text,
        "kind": one_of(*KINDS),
        "path": text,
        "uri": lambda place, value: _uri(place, value),
        "digest": text,
        "size_bytes": count,
        "media_type": text,
        "description": text,
        "metadata": mapping,
    },
    required=["name", "kind"],
)
_KEYS = frozenset(
    {"name", "kind", "path", "uri", "digest", "size_bytes", "media_type", "description", "metadata"}
)
_PATTERNS = {
    "name": (_NAME, "must have 1 to 255 characters and no slashes"),
    "digest": (_DIGEST, "must be an algorithm and lower-case hex digits, as in sha256:…"),
    "media_type": (_MEDIA_TYPE, "must be a media type, as in application/json"),
}


class ArtifactState(StrEnum):
    """What whoever keeps the bytes says of them; the registry only remembers it."""

    UNKNOWN = "unknown"
    PENDING = "pending"
    LIVE = "live"
    MARKED_FOR_DELETION = "marked-for-deletion"
    DELETED = "deleted"
    ABANDONED = "abandoned"
    REFERENCE = "reference"


@dataclass(frozen=True, slots=True, kw_only=True)
class Artifact(Described):
    """Identified by a decimal id that no other artifact ever has.

    It belongs to a version (`model`, `number` and `version_id`), to a run (`run_id` and
    `experiment_id`) or to nobody.
    `path` says which files of its version it is, `uri` where else its bytes are; a metric or
    parameter has neither, but a value in `details`, which hold what its kind needs.
    `is_declared`: listed when the version was registered, so that what it is never changes.
    `stored_at` is the key, in the registry's own store, that `uri` names; `is_measured`: `digest`
    and `size_bytes` are those of what lies there (`core.domain.stored_objects`). `key_prefix` is
    there if the files of its version lie elsewhere than the name of the model says.
    """

    id: int
    namespace: str
    name: str
    kind: str
    model: str | None = None
    number: int | None = None
    version_id: int | None = None
    run_id: int | None = None
    experiment_id: int | None = None
    path: str | None = None
    uri: str | None = None
    digest: str | None = None
    size_bytes: int | None = None
    media_type: str | None = None
    details: Mapping[str, Any] = field(default_factory=dict)
    state: ArtifactState = ArtifactState.UNKNOWN
    is_declared: bool = False
    stored_at: str | None = None
    is_measured: bool = False
    key_prefix: str | None = None

    @property
    def files_at(self) -> str:
        """Under which keys the files of its version lie."""
        key = f"{self.namespace}/{key_segment(self.model or '')}/{self.number}/"
        return self.key_prefix or key

    def of_renamed(self, model: str) -> "Artifact":
        """The same of a model that has another name from now on; its files stay where they are."""
        return replace(self, model=model, key_prefix=self.files_at)

    @property
    def parent(self) -> str:
        """What it belongs to; names are unique in it."""
        if self.version_id is not None:
            return f"version {self.version_id}"
        return "nothing" if self.run_id is None else f"run {self.run_id}"

    @property
    def has_unique_name(self) -> bool:
        """Whether no other artifact of its kind and parent may have its name."""
        return self.kind not in REPEATABLE or self.is_declared

    def patchable(self) -> frozenset[str]:
        """The fields that can be changed: of a declared one only what describes it."""
        described = Described.patchable(self) | {"state"}
        return described if self.is_declared else described | CHANGEABLE

    def free(self) -> frozenset[str]:
        """The fields that hold whatever callers put there."""
        return Described.patchable(self) | {"details", "uri"}

    def __post_init__(self) -> None:
        check_namespace_name(self.namespace)
        check_text("artifact name", self.name, max_characters=MAX_NAME)
        check_common(self)
        check_document("details", self.details)
        if self.uri is not None:
            check_text("reference", self.uri, max_characters=MAX_URI_BYTES)


CHANGEABLE = frozenset({"uri", "digest", "media_type", "details"})
"""What an artifact that was attached later is, and can be corrected."""


def declared(version: ModelVersion, first_id: int) -> tuple[Artifact, ...]:
    """The artifacts that a version listed when it was registered, with ids from `first_id` on."""
    return tuple(
        _of(version, first_id + at, **listed) for at, listed in enumerate(version.artifacts)
    )


def whole(version: ModelVersion, id: int) -> Artifact | None:
    """All files of a ready version as its model; None if it has none, or listed a model itself."""
    if not version.file_count or any(each["kind"] == "model" for each in version.artifacts):
        return None
    size, digest = version.size_bytes, version.digest
    return _of(version, id, kind="model", path=WHOLE, digest=digest, size_bytes=size)


def _of(version: ModelVersion, id: int, **what: Any) -> Artifact:
    said = {name: value for name, value in what.items() if value is not None}
    usual = f"{version.namespace}/{key_segment(version.model)}/{version.number}/"
    return Artifact(
        id=id,
        namespace=version.namespace,
        model=version.model,
        number=version.number,
        version_id=version.id,
        is_declared=True,
        state=ArtifactState.REFERENCE if said.get("uri") else ArtifactState.LIVE,
        created_at=version.updated_at,
        created_by=version.created_by,
        updated_at=version.updated_at,
        updated_by=version.created_by,
        key_prefix=None if version.key_prefix == usual else version.key_prefix,
        **{"name": version.model, **said},
    )


def check_artifacts(artifacts: Sequence[Any], paths: Collection[str]) -> None:
    """Hold the artifacts of a new version to the rules; `paths` are its declared files.

    Raises `Invalid` naming every place that is wrong.
    """
    problems = list(_problems(artifacts, paths))
    if problems:
        place, message = problems[0]
        raise Invalid(
            f"The artifacts do not fit: {place} {message}.",
            next_step="Give each a name, a kind, and either the path of declared files or a uri"
            f" ({', '.join(sorted(SCHEMES))}).",
            problems=problems[:20],
        )


def check_attached(what: Mapping[str, Any]) -> None:
    """Hold an artifact that comes after its version to the rules. Its `uri` may be of any scheme:
    other clients have their own, and nobody here follows it. Raises `Invalid`."""
    if what.get("kind") not in KINDS:
        raise Invalid(
            f"{str(what.get('kind'))[:60]!a} is no kind of artifact.",
            next_step=f"Choose one of: {', '.join(KINDS)}.",
        )
    uri = what.get("uri")
    if uri is not None and _SECRET.match(uri):
        raise Invalid(
            "The reference holds a user name with a password.",
            next_step="Leave them out: whoever follows it has rights of their own.",
            problems=[("uri", "holds a password")],
        )


def uri_fault(uri: str) -> str | None:
    """Why the text cannot be recorded as a reference, in words; None if it can."""
    if len(uri.encode(errors="replace")) > MAX_URI_BYTES:
        return f"is over {MAX_URI_BYTES >> 10} KiB"
    try:
        check_text("reference", uri, max_characters=MAX_URI_BYTES)
    except Invalid:
        return _UNPRINTABLE
    if not uri.isprintable():
        return _UNPRINTABLE
    matched = _URI.fullmatch(uri)
    if matched is None or matched[1] not in SCHEMES:
        return f"must begin with one of: {', '.join(f'{name}://' for name in sorted(SCHEMES))}"
    scheme, authority, path, query, fragment = matched.groups()
    if set(uri) & _UNSAFE:
        return "holds a space or another character that must be percent-encoded"
    if scheme in {"abfs", "abfss"}:
        authority = _CONTAINER.sub("", authority, count=1)
    if "@" in authority:
        return "holds a user name or password"
    if not _HOST.fullmatch(authority):
        return "names no host or bucket"
    if any(unquote(unquote(part)) in {".", ".."} for part in path.split("/")):
        return "has a '.' or '..' segment"
    if fragment is not None or any(not _is_harmless(part) for part in (query or "").split("&")):
        return f"holds a fragment, or more in its query than {', '.join(sorted(QUERIES))}"
    return None


def is_managed(artifact: Mapping[str, Any]) -> bool:
    """Whether its bytes are files of the version."""
    return artifact.get("path") is not None


def _is_harmless(part: str) -> bool:
    name, equals, _ = part.partition("=")
    return not part or (bool(equals) and name in QUERIES)


def _problems(artifacts: Sequence[Any], paths: Collection[str]) -> Iterator[Problem]:
    if len(artifacts) > MAX_ARTIFACTS:
        yield "artifacts", f"must be at most {MAX_ARTIFACTS}"
        return
    directories = {path[:at] for path in paths for at, each in enumerate(path) if each == "/"}
    seen: set[str] = set()
    for at, artifact in enumerate(artifacts):
        place = f"artifacts.{at}"
        found = list(_RECORD(place, artifact))
        yield from found
        if found:
            continue
        yield from ((f"{place}.{key}", "is unknown") for key in artifact.keys() - _KEYS)
        for name, (pattern, message) in _PATTERNS.items():
            if artifact.get(name) is not None and not pattern.fullmatch(artifact[name]):
                yield f"{place}.{name}", message
        if artifact["name"] in seen:
            yield f"{place}.name", "is used twice"
        seen.add(artifact["name"])
        path, uri = artifact.get("path"), artifact.get("uri")
        if (path is None) == (uri is None):
            yield place, "must have either a path or a uri"
        elif path is not None and path not in paths and path.removesuffix("/") not in directories:
            yield f"{place}.path", "is neither a declared file nor a directory of some"


def _uri(place: str, value: Any) -> Iterator[Problem]:
    yield from text(place, value)
    fault = uri_fault(value) if isinstance(value, str) and value else None
    if fault:
        yield place, fault
