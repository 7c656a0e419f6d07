"""The chain of checkpoints of an export, and the events that it knows."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from modelry.audit.canonical import merkle_root
from modelry.audit.checkpoints import FIRST, FORM, digest, is_signed
from modelry.audit.findings import Finding, Kind

BEYOND = 1 << 62
"""Where findings stand that are under no checkpoint."""


@dataclass(frozen=True, slots=True)
class Batch:
    """A checkpoint and its leaves; `is_sound` if they are those that were signed."""

    checkpoint: Mapping[str, Any]
    events: list[str]
    leaves: list[bytes]
    is_sound: bool


class Chain:
    """Takes checkpoints in their order and then events; notes what does not fit."""

    def __init__(self, keys: Mapping[str, bytes]) -> None:
        self.batches: dict[int, Batch] = {}
        self.findings: list[Finding] = []
        self._keys = keys
        self._places: dict[str, tuple[int, int]] = {}
        self._met: set[str] = set()
        self._before: Mapping[str, Any] | None = None
        self._digest = FIRST

    @property
    def last(self) -> str:
        """The last checkpoint, as one keeps it to know it again: `NUMBER:DIGEST`."""
        return "" if self._before is None else f"{self._before['number']}:{self._digest}"

    def add(self, line: int, document: Any) -> None:
        """Take the next checkpoint's document."""
        expected = int(self._before["number"]) + 1 if self._before else 1
        if isinstance(document, Mapping) and "missing" in document:
            self._note(Kind.REMOVED, expected, "its document was gone when it was exported")
            return
        try:
            checkpoint, events = document["checkpoint"], [str(each) for each in document["events"]]
            leaves = [bytes.fromhex(each) for each in document["leaves"]]
            number, root = int(checkpoint["number"]), str(checkpoint["root"])
            own, listed = digest(checkpoint), digest(document.get("listed", checkpoint))
            sizes = (int(checkpoint["size"]), int(checkpoint["total"]), str(checkpoint["floor"]))
        except (AttributeError, KeyError, TypeError, ValueError):
            self._note(Kind.ALTERED, expected, f"its document (line {line}) is none any more")
            return
        if number != expected:
            self._out_of_order(number, expected)
        elif checkpoint.get("previous") != self._digest:
            after = f"checkpoint {number - 1}" if self._before else "nothing, as the first does"
            self._note(Kind.ALTERED, number, f"it does not follow {after}")
        signed = checkpoint.get("form") == FORM and is_signed(checkpoint, self._keys)
        if signed is None:
            self._note(Kind.ALTERED, number, "it is signed by a key that is not given")
        elif not signed:
            self._note(Kind.ALTERED, number, "its signature does not fit it")
        elif number == expected and sizes[1] != sizes[0] + self._total():
            self._note(Kind.ALTERED, number, "its total does not fit")
        if listed != own:
            self._note(Kind.ALTERED, number, "the database has another than the object store")
        is_sound = len(events) == len(leaves) == sizes[0] and merkle_root(leaves).hex() == root
        if number in self.batches:
            return
        self.batches[number] = Batch(checkpoint, events, leaves, is_sound)
        self._before, self._digest = checkpoint, own
        self._take(number, events, is_sound)

    def meet(self, event_id: str, leaf: bytes) -> Finding | None:
        """Hold an event to its leaf."""
        if event_id in self._met:
            return self.finding(Kind.ADDED, event_id, "it is there twice")
        self._met.add(event_id)
        place = self._places.get(event_id)
        if place is None:
            floor = self._floor(max(self.batches, default=0))
            if event_id <= floor:
                why = "it is under no checkpoint, though all of its time are"
                return self.finding(Kind.ADDED, event_id, why)
            return None
        number, index = place
        batch = self.batches[number]
        if index < len(batch.leaves) and batch.leaves[index] != leaf:
            return self._unlike(batch, event_id, index, leaf)
        if event_id <= self._floor(number - 1):
            why = (
                f"checkpoint {number} is the first to have it, though one before had all of its"
                " time; or the clock of a machine was far behind"
            )
            return self.finding(Kind.ADDED, event_id, why)
        return None

    def holds(self, event_id: str) -> bool:
        """Whether the event is under a checkpoint."""
        return event_id in self._places

    def unseen(self) -> Iterator[Finding]:
        """The events that are under a checkpoint and were not met."""
        for event_id in self._places:
            if event_id not in self._met:
                yield self.finding(Kind.REMOVED, event_id, "its checkpoint has it")

    def finding(self, kind: Kind, event_id: str, why: str) -> Finding:
        """A finding about an event, where it is in the log."""
        order = self._places.get(event_id, (BEYOND, 0))
        under = f" (checkpoint {order[0]}, event {order[1] + 1})" if order[0] != BEYOND else ""
        return Finding(kind, f"event {event_id}{under}", why, order)

    def _take(self, number: int, events: list[str], is_sound: bool) -> None:
        before = ""
        for index, event_id in enumerate(events):
            if event_id in self._places:
                why = f"checkpoint {number} has it again"
                self.findings.append(self.finding(Kind.ADDED, event_id, why))
                continue
            self._places[event_id] = (number, index)
            if event_id < before:
                why = f"the leaves of checkpoint {number} are not in their order"
                self.findings.append(self.finding(Kind.REORDERED, event_id, why))
            before = event_id
        if not is_sound:
            self._note(Kind.ALTERED, number, "its leaves are not those that were signed", last=True)

    def _unlike(self, batch: Batch, event_id: str, index: int, leaf: bytes) -> Finding:
        why = "it is not what was sealed"
        if not batch.is_sound:
            mended = [*batch.leaves[:index], leaf, *batch.leaves[index + 1 :]]
            if merkle_root(mended).hex() == batch.checkpoint["root"]:
                why = "the event is what was sealed, its leaf is not"
        return self.finding(Kind.ALTERED, event_id, why)

    def _out_of_order(self, number: int, expected: int) -> None:
        if number in self.batches:
            self._note(Kind.ADDED, number, "it is there twice")
        elif number < expected:
            self._note(Kind.REORDERED, number, f"it stands behind checkpoint {expected - 1}")
        else:
            self._note(Kind.REMOVED, expected, f"checkpoint {number} is there in its place")

    def _total(self) -> int:
        return int(self._before["total"]) if self._before else 0

    def _floor(self, number: int) -> str:
        batch = self.batches.get(number)
        return "" if batch is None else str(batch.checkpoint["floor"])

    def _note(self, kind: Kind, number: int, why: str, *, last: bool = False) -> None:
        order = (number, BEYOND if last else -1)
        self.findings.append(Finding(kind, f"checkpoint {number}", why, order))
