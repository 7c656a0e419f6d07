"""The use case that seals the audit log: what happened is put under signed checkpoints.

Events are read and never touched, so that no write ever waits for it: what is sealed is known
from the batches. Two runs at once meet at the number of the next checkpoint, which one of them
gets. A checkpoint and its batch are written first, in one transaction, and after it their document
in the object store: whatever ends a run in between, the next one writes that document, and
nothing new is sealed before it is there.
"""

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
        at, count = self.clock.now(), 0
        unsealed = self._unsealed(last, at, limit)
        for start in range(0, len(unsealed.events), BATCH):
            some = unsealed.events[start : start + BATCH]
            is_all = unsealed.is_all and start + BATCH >= len(unsealed.events)
            batch = batch_of(last.number + 1 if last else 1, some)
            draft = checkpoint_of(batch, last, at=at, is_all=is_all, key_id=self.signer.key_id)
            checkpoint = replace(draft, signature=self.signer.sign(draft.signed_bytes))
            if not self._added(checkpoint, batch):
                return count  # another run is at it
            last = self._published(checkpoint, batch)
            count += len(some)
            if self.clock.now() > at + _SEALING:
                break
        return count

    def _unsealed(self, last: Checkpoint | None, at: datetime, limit: int) -> Unsealed:
        """Those above the floor; and if there are more events than were found, those below it,
        which a clock that was far behind has dated wrongly."""
        there = self.database.audit.size()  # before anything is looked for
        floor, total = (last.floor, last.total) if last else ("", 0)
        found = self._above(floor, limit)
        for span in _LOOKING_BACK:
            if not found.is_all or there <= total + len(found.events):
                break
            found = self._above("" if span is None else _span_before(floor, at, span), limit)
        return found

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

    def _added(self, checkpoint: Checkpoint, batch: Batch) -> bool:
        def work(stores: Stores) -> None:
            stores.checkpoints.add(checkpoint, batch)

        try:
            self.database.transaction(work)
        except Taken:
            return False
        return True

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


def _span_before(floor: str, at: datetime, span: timedelta) -> str:
    return min(floor, last_event_id(at - span))
