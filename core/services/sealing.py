"""The use case that seals the audit log: what happened is put under signed checkpoints.

Events are read and never touched, so that no write ever waits for it: what is sealed is known
from the batches. Two runs at once meet at the number of the next checkpoint, which one of them
gets. A checkpoint and its batch are written first, in one transaction, and after it their document
in the object store: whatever ends a run in between, the next one writes that document, and
nothing new is sealed before it is there.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from core.domain.access import Action, Caller
from core.domain.checkpoints import BATCH, Batch, Checkpoint, batch_of, checkpoint_of
from core.domain.events import Event, last_event_id
from core.errors import Conflict, Taken
from core.ports import BlobStore, Clock, Database, Signer, Stores

_PAGE = 5_000
_EVENTS = 10_000
_SEALING = timedelta(seconds=30)
_LOOKING_BACK = (timedelta(hours=1), timedelta(days=1), timedelta(days=30), None)
_EARLY = 5
_END = "g"
"""After every id: they are in hex."""


@dataclass(frozen=True, slots=True)
class Unsealed:
    """Events under no checkpoint yet, ascending; `is_all` if there are no others."""

    events: list[Event]
    is_all: bool


@dataclass(frozen=True, slots=True)
class Sealing:
    """Seal what happened since; `retention` is how long the object store is to lock it."""

    database: Database
    blobs: BlobStore
    clock: Clock
    signer: Signer
    retention: timedelta

    def seal(self, caller: Caller, *, limit: int = _EVENTS) -> int:
        """Put events that are under no checkpoint yet under one; how many. `sweep` calls this; it
        stops after half a minute or so many events and goes on next time.

        Without a key nothing is sealed. Raises `Unavailable`.
        """
        caller.require(Action.AUDIT_SEAL)
        if not self.signer.signs:
            return 0
        last = self.database.checkpoints.last()
        if last is not None and last.published_at is None:
            last = self._published(last, self.database.checkpoints.batch(last.number))
        at, sealed = self.clock.now(), 0
        there = self.database.audit.size()  # before anything is looked for
        for after in _starts(last.floor if last else "", at):
            unsealed = self._above(after, limit - sealed)
            try:
                for checkpoint in self._under_checkpoints(last, unsealed, at):
                    last, sealed = checkpoint, sealed + checkpoint.size
            except Taken:  # another run is at it
                break
            is_late = self.clock.now() > at + _SEALING
            if last is None or there <= last.total or not unsealed.is_all or is_late:
                break
        return sealed

    def _under_checkpoints(
        self, last: Checkpoint | None, unsealed: Unsealed, at: datetime
    ) -> Iterator[Checkpoint]:
        """The checkpoints that the events are put under. Raises `Taken`."""
        for start in range(0, len(unsealed.events), BATCH):
            if self.clock.now() > at + _SEALING:
                return
            some = unsealed.events[start : start + BATCH]
            is_all = unsealed.is_all and start + BATCH >= len(unsealed.events)
            batch = batch_of(last.number + 1 if last else 1, some)
            draft = checkpoint_of(batch, last, at=at, is_all=is_all, key_id=self.signer.key_id)
            last = replace(draft, signature=self.signer.sign(draft.signed_bytes))
            self._add(last, batch)
            last = self._published(last, batch)
            yield last

    def _above(self, after: str, limit: int) -> Unsealed:
        events: list[Event] = []
        while len(events) < limit:
            page = self.database.audit.between(after, _END, _PAGE)
            if page:
                after = page[-1].id
                batches = self.database.checkpoints.reaching(page[0].id, after)
                sealed = {event for batch in batches for event in batch.events}
                events += [event for event in page if event.id not in sealed]
            if len(page) < _PAGE:
                return Unsealed(events[:limit], len(events) <= limit)
        return Unsealed(events[:limit], False)

    def _add(self, checkpoint: Checkpoint, batch: Batch) -> None:
        def work(stores: Stores) -> None:
            stores.checkpoints.add(checkpoint, batch)

        self.database.transaction(work)

    def _published(self, checkpoint: Checkpoint, batch: Batch | None) -> Checkpoint:
        at = self.clock.now()
        if batch is None:
            raise Conflict(
                f"The batch of checkpoint {checkpoint.number} is gone: somebody removed it.",
                next_step="Put it back from a backup; nothing is sealed until it is there.",
            )
        until = checkpoint.at + self.retention if self.retention else None
        self.blobs.put(checkpoint.key, batch.document(checkpoint), retain_until=until)
        self.database.checkpoints.publish(checkpoint.number, at)
        return replace(checkpoint, published_at=at)


def _starts(floor: str, at: datetime) -> Iterator[str]:
    """After which ids what is unsealed is looked for, as long as there are more events than were
    found: the floor; the floor again, since what was being written was counted; and below it what
    a wrong clock has dated. Far below, early in an hour only: counts may be wrong for good."""
    yield from (floor, floor)
    for span in _LOOKING_BACK if at.minute < _EARLY else _LOOKING_BACK[:1]:
        yield "" if span is None else min(floor, last_event_id(at - span))
