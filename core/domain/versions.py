"""A model version: an immutable build of a model, and the ways to name one."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from core.domain.builds import BUILD_FIELDS, check_storable
from core.domain.common import DESCRIBING, Described, check_common
from core.domain.deprecations import Deprecation
from core.domain.holds import Hold
from core.domain.names import MAX_NAME_CHARACTERS, check_alias_name, check_stage_name, check_text
from core.domain.retention import Retention
from core.domain.retention_rules import marks_of, remembered
from core.domain.semantic_versions import (
    ReleaseRange,
    SemanticVersion,
    is_semantic_version,
    parse_compatible,
    parse_version,
)
from core.errors import Invalid, Stale

DIGEST = re.compile(r"sha256:[0-9a-f]{64}")
FINGERPRINT = re.compile(r"fingerprint:[0-9a-f]{64}")
MAX_NUMBER = 999_999_999


class VersionState(StrEnum):
    """Pending while its files are on the way, ready for ever after, or given up."""

    PENDING = "pending"
    READY = "ready"
    ABANDONED = "abandoned"


class OnRepeat(StrEnum):
    """What registering the same training again gives: the version that exists, or a new one."""

    SAME = "same"
    NEW = "new"


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelVersion(Described):
    """Identified by model and number, and by a decimal id that no other version ever has.

    What describes the build (its files, and the fields of `core.domain.builds`) is fixed at
    registration; only the fields that every object has can be changed later. `digest` pins the
    files (`manifest_digest`); None where there are none.
    `state` tells of the upload, `retention` of the time after; a deleted version can be undeleted
    until `purge_at`. `holds` are the legal holds on it, beside those on its model.
    `version` is its semantic version, unique in the model by precedence, and `version_reason`
    says why it is that one. `name` is what people call it, if they do; unique in the model.
    `fingerprint` tells equal trainings; None where it cannot be known.
    `run_id` is the run that produced it, if that was said. `origin` is where its bytes came from
    as the client that registered it called that: addresses, which nothing here ever follows.
    """

    id: int
    model_id: int
    namespace: str
    model: str
    number: int
    name: str | None = None
    model_type: str | None = None
    parameters: Mapping[str, Any] = field(default_factory=dict)
    metrics: Mapping[str, Any] = field(default_factory=dict)
    training_metrics: Mapping[str, Any] = field(default_factory=dict)
    cross_validation_metrics: Mapping[str, Any] = field(default_factory=dict)
    inference_metrics: Mapping[str, Any] = field(default_factory=dict)
    confusion_matrix: Mapping[str, Any] = field(default_factory=dict)
    tuning: Mapping[str, Any] = field(default_factory=dict)
    datasets: tuple[Mapping[str, Any], ...] = ()
    code: Mapping[str, Any] = field(default_factory=dict)
    signature: Mapping[str, Any] = field(default_factory=dict)
    environment: Mapping[str, Any] = field(default_factory=dict)
    framework: Mapping[str, Any] = field(default_factory=dict)
    explainability: Mapping[str, Any] = field(default_factory=dict)
    fairness: Mapping[str, Any] = field(default_factory=dict)
    compliance: Mapping[str, Any] = field(default_factory=dict)
    serving: Mapping[str, Any] = field(default_factory=dict)
    origin: Mapping[str, Any] = field(default_factory=dict)
    artifacts: tuple[Mapping[str, Any], ...] = ()
    authors: tuple[str, ...] = ()
    approval_note: str | None = None
    notes: str = ""
    license: str | None = None
    state: VersionState = VersionState.PENDING
    version: str | None = None
    version_reason: str = ""
    fingerprint: str | None = None
    run_id: int | None = None
    digest: str | None = None
    file_count: int = 0
    size_bytes: int = 0
    key_prefix: str
    aliases: tuple[str, ...] = ()
    stage: str | None = None
    upload_expires_at: datetime | None = None
    ready_at: datetime | None = None
    retention: Retention = Retention.ACTIVE
    purge_at: datetime | None = None
    deprecation: Deprecation | None = None
    deleted_at: datetime | None = None
    holds: tuple[Hold, ...] = ()
    marks: tuple[str, ...] = ()

    def all_marks(self) -> set[str]:
        """The risk classes, stages and aliases that it has or ever had."""
        now = marks_of(
            compliance=self.compliance,
            stages=() if self.stage is None else (self.stage,),
            aliases=self.aliases,
        )
        return {*self.marks, *now}

    def noted(self) -> Mapping[str, Any]:
        """What it has been stays known, for rules of retention."""
        return {"marks": remembered(self.marks, self.all_marks())}

    @property
    def hold_references(self) -> tuple[str, ...]:
        """The matters that it is on legal hold for."""
        return tuple(hold.reference for hold in self.holds)

    @property
    def is_held(self) -> bool:
        """Whether a legal hold of its own keeps it."""
        return bool(self.holds)

    def free(self) -> frozenset[str]:
        """The fields that hold whatever callers put there."""
        return DESCRIBING | BUILD_FIELDS.keys()

    def __post_init__(self) -> None:
        check_common(self)
        check_storable(self)
        if self.version is not None:
            parse_version(self.version)
        if self.name is not None:
            check_text("version name", self.name, max_characters=MAX_NAME_CHARACTERS)


def check_number(version: ModelVersion, expected: int | None) -> None:
    """Raise `Stale` if a reference leads to another version than the caller read by it."""
    if expected not in {None, version.number}:
        raise Stale(
            f"This names version {version.number} of {version.model!r} now,"
            f" not {expected} any more.",
            next_step="Read it again and repeat the change on what you see.",
        )


@dataclass(frozen=True, slots=True)
class ByNumber:
    """`3`, `v3`: the version with that number, whatever its state."""

    number: int


@dataclass(frozen=True, slots=True)
class ByAlias:
    """`@champion`: the version the alias points to."""

    alias: str


@dataclass(frozen=True, slots=True)
class ByStage:
    """`stage:Production`: the version in that stage, of several the newest ready one.

    None is the initial stage, as it is in `ModelVersion.stage`.
    """

    stage: str | None


@dataclass(frozen=True, slots=True)
class ByDigest:
    """`sha256:…`: the newest ready version with exactly these files."""

    digest: str


@dataclass(frozen=True, slots=True)
class ByVersion:
    """`1.2.0`, `==1.2.0`: the version with that semantic version, whatever its state."""

    version: SemanticVersion


@dataclass(frozen=True, slots=True)
class Compatible:
    """`~=1.2`, `~=1.2.3`: the ready version with the highest release in the range."""

    releases: ReleaseRange


@dataclass(frozen=True, slots=True)
class ByFingerprint:
    """`fingerprint:…`: the newest ready version of that training."""

    fingerprint: str


@dataclass(frozen=True, slots=True)
class Latest:
    """`latest`: the ready version with the highest number."""


VersionReference = (
    ByNumber | ByAlias | ByStage | ByDigest | ByVersion | Compatible | ByFingerprint | Latest
)


def parse_reference(text: str) -> VersionReference:
    """Read how a version is named.

    `3`, `v3`, `1.2.0`, `==1.2.0`, `~=1.2`, `latest`, `@alias`, `stage:NAME`, `sha256:…` or
    `fingerprint:…`. Raises `Invalid` for anything else, saying what there is.
    """
    if re.fullmatch(r"v?[0-9]{1,9}", text):
        return ByNumber(int(text.removeprefix("v")))
    if text == "latest":
        return Latest()
    if DIGEST.fullmatch(text):
        return ByDigest(text)
    if FINGERPRINT.fullmatch(text):
        return ByFingerprint(text)
    if text.startswith("~="):
        return Compatible(parse_compatible(text))
    if text.startswith("==") or is_semantic_version(text):
        return ByVersion(parse_version(text.removeprefix("==")))
    if text.startswith("stage:"):
        return ByStage(check_stage_name(text.removeprefix("stage:")))
    if text.startswith("@"):
        if text == "@latest":
            return Latest()
        return ByAlias(check_alias_name(text[1:]))
    raise Invalid(
        f"{text[:80]!a} names no version.",
        next_step="Write a number (3), a semantic version (1.2.0, ~=1.2), an alias (@champion),"
        " a stage (stage:Production), 'latest', a digest (sha256:…) or a fingerprint"
        " (fingerprint:…).",
    )
