"""Checkpoints of the audit log in the database, and the key that signs them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from core.domain.checkpoints import Batch, Checkpoint


class CheckpointStore(Protocol):
    """Checkpoints by number, each with its batch."""

    def last(self) -> Checkpoint | None:
        """The one with the highest number."""
        ...

    def get(self, number: int) -> Checkpoint | None: ...

    def batch(self, number: int) -> Batch | None: ...

    def page(self, *, after: int | None, limit: int) -> Sequence[Checkpoint]:
        """By number, ascending."""
        ...

    def reaching(self, first: str, last: str) -> Sequence[Batch]:
        """Batches that may hold an event with an id from `first` to `last`: theirs overlap."""
        ...

    def add(self, checkpoint: Checkpoint, batch: Batch) -> None:
        """Both or neither; in a transaction. Raise `Taken` for a number in use."""
        ...

    def publish(self, number: int, at: datetime) -> None:
        """Note that its document is in the object store."""
        ...


class Signer(Protocol):
    """The key that signs checkpoints, and those that did before it (Ed25519, RFC 8032)."""

    @property
    def signs(self) -> bool:
        """Whether there is a key to sign with."""
        ...

    @property
    def key_id(self) -> str:
        """The name of the key that signs now."""
        ...

    def sign(self, content: bytes) -> str:
        """The signature, in hex."""
        ...

    def public_keys(self) -> dict[str, str]:
        """Every key that checkpoints may be signed with, by its name, in hex."""
        ...
