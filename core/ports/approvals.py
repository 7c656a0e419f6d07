"""Approvals in the database."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from core.domain.approvals import Approval


class ApprovalStore(Protocol):
    """Requests for approval by id, which sorts by time. Standing ones can still be decided
    (`Approval.is_standing`), though their time may be over."""

    def get(self, namespace: str, approval_id: str) -> Approval | None: ...

    def standing(
        self, namespace: str, model: str, number: int, to_stage: str
    ) -> Sequence[Approval]:
        """Those to bring this version to the stage, newest first; one query."""
        ...

    def page(
        self, namespace: str, model: str, number: int, *, before: str | None, limit: int
    ) -> Sequence[Approval]:
        """All of a version, newest first; `before` is an id."""
        ...

    def waiting(self, namespace: str, *, after: str | None, limit: int) -> Sequence[Approval]:
        """The standing ones of a namespace, oldest first; `after` is an id."""
        ...

    def due(self, at: datetime, limit: int) -> Sequence[Approval]:
        """Standing ones whose `expires_at` is not after `at`, oldest first."""
        ...

    def rename_model(self, namespace: str, model: str, name: str) -> None:
        """Let all that are of the model be of it under its new name, without events of their
        own. They are as they were."""
        ...

    def insert(self, approval: Approval) -> None:
        """Raise `Taken` if there is a standing one for the same version and transition."""
        ...

    def replace(self, approval: Approval) -> None:
        """Store the next revision. Raise `Stale` unless the stored one is the one before it."""
        ...
