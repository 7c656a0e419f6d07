"""Model versions in the database."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

from core.domain.retention import Shown
from core.ports.searches import Searched

if TYPE_CHECKING:
    from core.domain.semantic_versions import SemanticVersion
    from core.domain.versions import ModelVersion, VersionReference


class VersionStore(Searched["ModelVersion"], Protocol):
    """Model versions by model and reference."""

    def find(self, namespace: str, model: str, reference: VersionReference) -> ModelVersion | None:
        """One query, whichever way the version is named. None if it is deleted or withdrawn;
        `Latest` passes over archived ones."""
        ...

    def get(self, namespace: str, model: str, number: int) -> ModelVersion | None:
        """By number, however it is kept."""
        ...

    def with_id(self, namespace: str, id: int) -> ModelVersion | None:
        """By its decimal id, in this namespace. None if it is deleted or withdrawn."""
        ...

    def named(self, namespace: str, model: str, name: str) -> ModelVersion | None:
        """The version that is called exactly so, however it is kept: no name is used again."""
        ...

    def numbered(
        self, namespace: str, model: str, numbers: Collection[int]
    ) -> Sequence[ModelVersion]:
        """Those of these numbers that can be read, newest first; one query."""
        ...

    def in_stage(self, namespace: str, stage: str, limit: int) -> Sequence[ModelVersion]:
        """The versions of all models that are in the stage, deleted ones too, by id."""
        ...

    def newest_in_stages(self, namespace: str, model: str) -> Sequence[ModelVersion]:
        """The readable ready version with the highest number of each stage that has one; for each
        stage two queries, and one or two more if there are several."""
        ...

    def at_prefix(self, key_prefix: str) -> ModelVersion | None:
        """The version whose files lie under this prefix of the object store."""
        ...

    def pending(self, namespace: str, model: str, digest: str) -> Sequence[ModelVersion]:
        """Versions still waiting for exactly these files, newest first, at most ten."""
        ...

    def bearing(self, namespace: str, model: str, version: SemanticVersion) -> ModelVersion | None:
        """The version with this semantic version, however it is kept: none is used again."""
        ...

    def trained(
        self, namespace: str, model: str, fingerprint: str, digest: str | None
    ) -> Sequence[ModelVersion]:
        """Ready versions of this training with exactly these files, newest first, at most ten."""
        ...

    def highest(
        self,
        namespace: str,
        model: str,
        *,
        below: SemanticVersion | None = None,
        newest: int | None = None,
    ) -> ModelVersion | None:
        """The version with the highest semantic version, whatever its state: of all of them, or
        of those whose precedence is lower than that of `below`. `newest` is the highest number,
        if it is known: that version is mostly the one."""
        ...

    def page(
        self,
        namespace: str,
        model: str,
        *,
        before: int | None,
        limit: int,
        shown: Shown = Shown.LISTED,
    ) -> Sequence[ModelVersion]:
        """By number, descending."""
        ...

    def withdraw(self, namespace: str, model: str) -> None:
        """Put all versions of the model out of reach, with the model and without events of their
        own: `find`, `pending`, `expired` and lists do not see them. They are as they were."""
        ...

    def readmit(self, namespace: str, model: str) -> None:
        """Undo `withdraw`."""
        ...

    def hold(self, namespace: str, model: str) -> None:
        """Keep the deleted versions of the model from `due`, as long as the model is on legal
        hold, without events of their own. One that is replaced has to be held again."""
        ...

    def release(self, namespace: str, model: str) -> None:
        """Undo `hold`; versions with holds of their own stay out of `due`."""
        ...

    def due(self, at: datetime, limit: int) -> Sequence[ModelVersion]:
        """Deleted ones whose `purge_at` is before `at`, oldest first; none on legal hold."""
        ...

    def expired(self, at: datetime, limit: int) -> Sequence[ModelVersion]:
        """Versions that are not ready and have an `upload_expires_at` before `at`, oldest first:
        pending ones whose upload ran out, abandoned ones whose bytes are not removed yet."""
        ...

    def rename_model(self, namespace: str, model: str, name: str) -> None:
        """Let all that are of the model be of it under its new name, without events of their
        own. They are as they were."""
        ...

    def insert(self, version: ModelVersion) -> None:
        """Raise `Taken` if the number, the name or the external id is in use."""
        ...

    def replace(self, version: ModelVersion) -> None:
        """Store the next revision. Raise `Stale` unless the stored one is the one before it, and
        `Taken` if the external id is in use."""
        ...
