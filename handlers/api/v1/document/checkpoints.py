"""Answers about the sealed audit log."""

from datetime import datetime
from typing import Literal

from handlers.api.v1.document.common import Answer
from handlers.api.v1.document.events import Event


class SealedCheckpoint(Answer):
    """A checkpoint as it was signed; see docs/audit.md."""

    form: Literal["modelry-checkpoint/1"]
    number: int
    at: datetime
    size: int
    total: int
    first: str
    last: str
    floor: str
    root: str
    previous: str
    key_id: str
    signature: str


class Checkpoint(SealedCheckpoint):
    """A checkpoint, and since when its document is in the object store."""

    published_at: datetime | None


class CheckpointDocument(Answer):
    """A checkpoint with its events: their ids, ascending, and the leaf of each."""

    checkpoint: SealedCheckpoint
    events: list[str]
    leaves: list[str]


class Proof(Answer):
    """That an event is under a checkpoint: the digests from its leaf up to the root."""

    event: Event
    checkpoint: Checkpoint
    index: int
    path: list[str]
