"""A registered model: the name under which versions and aliases are kept."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from core.domain.builds import check_model_type
from core.domain.cards import check_card
from core.domain.common import PATCHABLE, Described, check_common
from core.domain.compliance_fields import check_compliance
from core.domain.documents import check_document
from core.domain.holds import Hold
from core.domain.names import check_model_name, check_namespace_name, key_segment
from core.domain.retention import Retention
from core.domain.retention_rules import marks_of, remembered
from core.errors import Conflict

MAX_NUMBERS_SKIPPED = 10_000
"""How far above the highest version number so far a given one may be."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisteredModel(Described):
    """Identified by namespace and name, and by a decimal id that no other model ever has.

    `last_version` is the highest version number ever given out; `aliases` maps each alias to
    the number of the version it points to, `stages` each stage that holds one version to its
    number. `model_type` says what kind of model it is, for
    versions that don't say so themselves; `card` is what a reader wants to know first
    (`core.domain.cards`), `compliance` what rules ask of it (`core.domain.compliance_fields`). A
    deleted one can be undeleted until `purge_at`. `held_versions` are the numbers of the versions
    with legal holds of their own: it stays with them. `released_at` is when the last hold that
    kept it was lifted, `marks` what it has been (`core.domain.retention_rules`). `former_names`
    are those that it had, oldest first; `key_root` is there if it was renamed, or has a name that
    another one had before.
    """

    id: int
    namespace: str
    name: str
    model_type: str | None = None
    card: Mapping[str, Any] = field(default_factory=dict)
    state: Retention = Retention.ACTIVE
    last_version: int = 0
    aliases: Mapping[str, int] = field(default_factory=dict)
    stages: Mapping[str, int] = field(default_factory=dict)
    purge_at: datetime | None = None
    deleted_at: datetime | None = None
    compliance: Mapping[str, Any] = field(default_factory=dict)
    holds: tuple[Hold, ...] = ()
    held_versions: tuple[int, ...] = ()
    released_at: datetime | None = None
    marks: tuple[str, ...] = ()
    key_root: str | None = None
    former_names: tuple[str, ...] = ()

    @property
    def key_segment(self) -> str:
        """What the keys of its files have in place of its name, whatever it is called later."""
        return self.key_root or key_segment(self.name)

    @property
    def retention(self) -> Retention:
        """How it is kept: its state."""
        return self.state

    def all_marks(self) -> set[str]:
        """The risk classes, stages and aliases that it has or ever had."""
        now = marks_of(
            compliance=self.compliance,
            stages=self.stages,
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
        """Whether a legal hold keeps it: its own, or one of a version."""
        return bool(self.holds or self.held_versions)

    def patchable(self) -> frozenset[str]:
        """The fields that can be changed once the model is there."""
        return PATCHABLE

    def check_said(self) -> None:
        check_card(self.card)
        check_compliance(self.compliance)

    def __post_init__(self) -> None:
        check_namespace_name(self.namespace)
        check_model_name(self.name)
        check_common(self)
        check_document("compliance", self.compliance)
        if self.model_type is not None:
            check_model_type(self.model_type)
        check_document("card", self.card)


def next_version(model: RegisteredModel, given: int | None = None) -> int:
    """The number of the model's next version: the given one if it may be. Raises `Conflict`."""
    highest = model.last_version
    if given is None:
        return highest + 1
    if not highest < given <= highest + MAX_NUMBERS_SKIPPED:
        raise Conflict(
            f"A version of {model.name!r} cannot get the number {given}: the highest so far is"
            f" {highest}, and numbers are never used again.",
            next_step=f"Give one from {highest + 1} to {highest + MAX_NUMBERS_SKIPPED}, or none.",
        )
    return given
