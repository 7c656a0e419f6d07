"""The events of a pack, each with the proof that it is in the audit log."""

from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from modelry.errors import Conflict, Forbidden, ModelryError, NotFound
from modelry.evidence.packs import Spool
from modelry.session import Session, given

EVENTS, PROOFS, CHECKPOINTS, KEYS = (
    *("audit/events.ndjson", "audit/proofs.ndjson", "audit/checkpoints.ndjson"),
    "audit/keys.json",
)
_AT_ONCE = 50
_WELL_KNOWN_KEYS = "/.well-known/modelry-audit-keys"


@dataclass(slots=True)
class Trail:
    """Events as they are collected, and the proofs beside them: line by line the same."""

    session: Session
    namespace: str
    as_of: str
    events: Spool = field(default_factory=lambda: Spool(EVENTS, "audit events, newest first"))
    proofs: Spool = field(default_factory=lambda: Spool(PROOFS, "a proof for each event"))
    checkpoints: dict[int, Mapping[str, Any]] = field(default_factory=dict)
    proven: int = 0
    why_not: str = ""

    def of(self, kind: str, subject: str) -> Iterator[tuple[Mapping[str, Any], str]]:
        """The events of one subject up to the moment, newest first, written as they are read:
        each, and whether it is proven, in words."""
        query = {"kind": kind, "subject": subject, "as_of": self.as_of, "page_size": 200}
        found = self.session.transport.items(f"/namespaces/{self.namespace}/events", **query)
        while batch := list(islice(found, _AT_ONCE)):
            for event, (proof, why) in zip(batch, self._proofs(batch), strict=True):
                self.events.line(event)
                self.proofs.line(self._noted(event, proof, why))
                yield event, f"checkpoint {self._number(proof)}" if proof else why

    @property
    def count(self) -> int:
        """How many events there are so far."""
        return self.events.lines

    def keys(self) -> Any:
        """The public keys that the registry signs checkpoints with; None if it has none."""
        try:
            return self.session.transport.get(_WELL_KNOWN_KEYS).document
        except ModelryError:
            return None

    def sealed(self) -> Spool:
        """The checkpoints that the proofs lead to, by number."""
        spool = Spool(CHECKPOINTS, "the signed checkpoints that the proofs lead to")
        for number in sorted(self.checkpoints):
            spool.line(self.checkpoints[number])
        return spool

    def _proofs(self, batch: list[Mapping[str, Any]]) -> list[tuple[Mapping[str, Any] | None, str]]:
        if self.why_not:
            return [(None, self.why_not)] * len(batch)
        with ThreadPoolExecutor(max_workers=min(8, len(batch))) as pool:
            return list(pool.map(self._proof, [str(event["id"]) for event in batch]))

    def _proof(self, event_id: str) -> tuple[Mapping[str, Any] | None, str]:
        path = f"/audit/events/{event_id}/proof"
        try:
            found: Mapping[str, Any] = self.session.transport.get(
                path, **given(namespace=self.namespace)
            ).document
        except Conflict:
            return None, "not sealed yet"
        except Forbidden:
            self.why_not = "proofs are for owners and auditors"
            return None, self.why_not
        except NotFound:
            return None, "not in the audit log"
        return found, ""

    def _noted(
        self, event: Mapping[str, Any], proof: Mapping[str, Any] | None, why: str
    ) -> Mapping[str, Any]:
        if proof is None:
            return {"event": event["id"], "why": why}
        self.proven += 1
        number = self._number(proof)
        self.checkpoints[number] = proof["checkpoint"]
        return {
            "event": event["id"],
            "checkpoint": number,
            "index": proof["index"],
            "path": proof["path"],
        }

    def _number(self, proof: Mapping[str, Any]) -> int:
        return int(proof["checkpoint"]["number"])
