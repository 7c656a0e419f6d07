"""Use cases on checkpoints: what auditors need to verify the log without the registry."""

from dataclasses import dataclass
from enum import StrEnum

from core.domain.access import Action, Caller
from core.domain.checkpoints import Checkpoint, Proof, proof_of
from core.domain.pages import Page, PageRequest
from core.errors import Conflict, NotFound
from core.ports import BlobStore, Database
from core.services.audit import event_of_log


class Copy(StrEnum):
    """Where a checkpoint's document is read from: the object store, which may have locked it, or
    the database."""

    STORE = "store"
    DATABASE = "database"


@dataclass(frozen=True, slots=True)
class Checkpoints:
    """Read checkpoints; prove that an event is under one."""

    database: Database
    blobs: BlobStore

    def page(self, caller: Caller, request: PageRequest) -> Page[Checkpoint]:
        """By number, ascending. Raises `Forbidden`."""
        caller.require(Action.AUDIT_READ)
        after = request.after_number("checkpoints")
        rows = self.database.checkpoints.page(after=after, limit=request.size + 1)
        return request.page(rows, lambda checkpoint: checkpoint.number, "checkpoints")

    def document(self, caller: Caller, number: int, copy: Copy = Copy.STORE) -> bytes:
        """A checkpoint with the ids and leaves of its events, as JSON. Raises `NotFound`."""
        caller.require(Action.AUDIT_READ)
        checkpoint = self.database.checkpoints.get(number)
        if checkpoint is None:
            raise NotFound(
                f"There is no checkpoint {number}.", next_step="List them to see which there are."
            )
        if copy is Copy.STORE:
            document = self.blobs.get(checkpoint.key)
        else:
            batch = self.database.checkpoints.batch(number)
            document = None if batch is None else batch.document(checkpoint)
        if document is None:
            raise NotFound(
                f"The {copy} has no document of checkpoint {number}.",
                next_step="If it was made more than some minutes ago, somebody removed it.",
            )
        return document

    def prove(self, caller: Caller, event_id: str, namespace: str | None = None) -> Proof:
        """That the event is in the log: the path from it to a signed checkpoint.

        Raises `NotFound`, and `Conflict` if it is under none yet.
        """
        caller.require(Action.AUDIT_READ, namespace)
        event = event_of_log(self.database, event_id, namespace)
        for batch in self.database.checkpoints.reaching(event.id, event.id):
            if event.id in batch.events:
                checkpoint = self.database.checkpoints.get(batch.number)
                if checkpoint is not None:
                    return proof_of(event, batch, checkpoint)
        raise Conflict(
            f"The event {event.id} is under no checkpoint yet.",
            next_step="Try again in a minute or two: `sweep` seals what happened. If it never"
            " does, MODELRY_AUDIT_KEY is not set.",
        )
