"""The sealed audit log: events in batches, each under a signed checkpoint that names the last.

`docs/audit.md` specifies every byte of it, so that anybody can verify it without this code.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from core.domain.canonical import canonical_json
from core.domain.events import Event, last_event_id
from core.domain.merkle import inclusion_path, leaf_digest, root_of
from core.domain.records import record

BATCH = 1_000
"""So many events are sealed under one checkpoint at most."""

LATENESS = timedelta(minutes=2)
"""How much later than its time says an event may become visible: transactions take a while, and
clocks differ a little."""

FORM = "modelry-checkpoint/1"
NO_CHECKPOINT = "0" * 64


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkpoint:
    """`size` more events were sealed `at` a moment, under a Merkle root; `total` so far.

    Every event that was there and has an id up to `floor` is sealed by now: what turns up below
    it later was not there. `previous` is the digest of the checkpoint before, `signature` is over
    all the rest (hex, Ed25519, by the key `key_id`). `published_at`: since when its document is
    in the object store.
    """

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
    signature: str = ""
    published_at: datetime | None = None

    @property
    def signed_bytes(self) -> bytes:
        """What the signature is over: canonical JSON."""
        return canonical_json(
            {name: value for name, value in self.document.items() if name != "signature"}
        )

    @property
    def document(self) -> dict[str, Any]:
        """All of it but when it was published, which does not belong to it."""
        return {"form": FORM, **{k: v for k, v in record(self).items() if k != "published_at"}}

    @property
    def digest(self) -> str:
        """What the next checkpoint calls this one by."""
        return hashlib.sha256(self.signed_bytes).hexdigest()

    @property
    def key(self) -> str:
        """Where its document lies in the object store: no namespace begins with a dot."""
        return f".audit/{self.number:012d}.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """The events of one checkpoint, ascending by id, with the digest of each (hex)."""

    number: int
    first: str
    last: str
    events: tuple[str, ...]
    leaves: tuple[str, ...]

    def document(self, checkpoint: Checkpoint) -> bytes:
        """What is written to the object store: the same bytes, however often."""
        return canonical_json(
            {
                "checkpoint": checkpoint.document,
                "events": self.events,
                "leaves": self.leaves,
            }
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """That an event is in the log: the path from its leaf, at `index`, to the checkpoint's root."""

    event: Event
    checkpoint: Checkpoint
    index: int
    path: tuple[str, ...]


def leaf_content(event: Event) -> bytes:
    """What stands for the event in the tree: the canonical JSON of its fields, but for those that
    are empty, so that fields of later days do not change what was sealed before."""
    return canonical_json({k: v for k, v in record(event).items() if not is_empty(v)})


def is_empty(value: Any) -> bool:
    """Whether a field is left out: null, empty text, an empty list or map."""
    return value is None or (isinstance(value, str | list | tuple | Mapping) and not value)


def batch_of(number: int, events: Sequence[Event]) -> Batch:
    """The batch of these events, whatever their order. Raises `ValueError` for none."""
    if not events:
        raise ValueError("a batch holds at least one event")
    ordered = sorted(events, key=lambda event: event.id)
    return Batch(
        number=number,
        first=ordered[0].id,
        last=ordered[-1].id,
        events=tuple(event.id for event in ordered),
        leaves=tuple(leaf_digest(leaf_content(event)).hex() for event in ordered),
    )


def checkpoint_of(
    batch: Batch, before: Checkpoint | None, *, at: datetime, is_all: bool, key_id: str
) -> Checkpoint:
    """The checkpoint over a batch that follows the one before, not signed yet.

    `at` is when the events were looked for; `is_all`, whether these were all that were found.
    """
    floor = last_event_id(at - LATENESS)
    if not is_all:
        floor = min(floor, batch.last)
    return Checkpoint(
        number=batch.number,
        at=at,
        size=len(batch.events),
        total=len(batch.events) + (before.total if before else 0),
        first=batch.first,
        last=batch.last,
        floor=max(floor, before.floor) if before else floor,
        root=root_of(digests(batch)).hex(),
        previous=before.digest if before else NO_CHECKPOINT,
        key_id=key_id,
    )


def digests(batch: Batch) -> list[bytes]:
    """The leaves of the tree."""
    return [bytes.fromhex(leaf) for leaf in batch.leaves]


def proof_of(event: Event, batch: Batch, checkpoint: Checkpoint) -> Proof:
    """The proof for an event of the batch. Raises `ValueError` if it is not in it."""
    index = batch.events.index(event.id)
    path = inclusion_path(digests(batch), index)
    return Proof(
        event=event,
        checkpoint=checkpoint,
        index=index,
        path=tuple(digest.hex() for digest in path),
    )
