"""Serve records in the database."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from core.domain.serve_records import ServeRecord


class ServeRecordStore(Protocol):
    """Serve records of deployments: added once, never changed, and without events of their own."""

    def get(self, namespace: str, number: int) -> ServeRecord | None: ...

    def named(self, namespace: str, deployment_id: int, name: str) -> ServeRecord | None: ...

    def known_as(self, namespace: str, external_id: str) -> ServeRecord | None:
        """The one that another system knows under this id."""
        ...

    def page(self, deployment_id: int, *, before: int | None, limit: int) -> Sequence[ServeRecord]:
        """By id, newest first."""
        ...

    def rising(self, deployment_id: int, *, after: int | None, limit: int) -> Sequence[ServeRecord]:
        """By id, oldest first."""
        ...

    def insert(self, record: ServeRecord) -> None:
        """Raise `Taken` if its name in the deployment, or its external id, is in use."""
        ...
