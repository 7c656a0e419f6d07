"""Operations on the audit log: reading, exporting, and proving what is in it."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from modelry.audit.checkpoints import digest, read_keys
from modelry.audit.verification import ABOUT, CHECKPOINTS, EVENTS, KEYS, verify_proof
from modelry.errors import Forbidden, NotFound
from modelry.moments import moment
from modelry.records import Event, Record
from modelry.session import Session, given

WELL_KNOWN_KEYS = "/.well-known/modelry-audit-keys"
PAGE = 1_000


@dataclass(frozen=True, repr=False)
class Checkpoint(Record):
    """Events were sealed under a signed root that names the checkpoint before."""

    number: int = 0
    at: datetime | None = None
    size: int = 0
    total: int = 0
    root: str = ""
    key_id: str = ""
    published_at: datetime | None = None

    @property
    def known_as(self) -> str:
        """`NUMBER:DIGEST`: what to keep elsewhere, so that truncation shows."""
        return f"{self.number}:{digest(self.raw)}"

    def _shown(self) -> str:
        return f"{self.number}, {self.total} events"


@dataclass(frozen=True, slots=True)
class Exported:
    """What an export wrote: how many events and checkpoints, and the last one's `NUMBER:DIGEST`."""

    folder: Path
    events: int
    checkpoints: int
    last: str


class Audit(Session):
    """The audit log, for auditors and administrators; of a namespace, for its owners."""

    def audit_events(
        self, *, namespace: str | None = None, oldest_first: bool = False, **selection: Any
    ) -> Iterator[Event]:
        """What happened, was refused or was pulled, newest first; of all namespaces unless one
        is named.

        `selection`: action (`alias.set`, `alias.*`), actor, kind, subject, dialect, outcome
        (`done`, `refused`), request_id, since, until.
        """
        query = _query(namespace, selection)
        order = "oldest" if oldest_first else "newest"
        return map(Event.read, self.transport.items("/audit/events", order=order, **query))

    def checkpoints(self) -> Iterator[Checkpoint]:
        """The checkpoints of the log, from the first on."""
        found = self.transport.items("/audit/checkpoints", page_size=PAGE)
        return map(Checkpoint.read, found)

    def audit_keys(self) -> Mapping[str, Any]:
        """The public keys that checkpoints are signed with, as a JSON Web Key Set: keep them."""
        keys: Mapping[str, Any] = self.transport.get(WELL_KNOWN_KEYS).document
        return keys

    def prove(
        self,
        event: str | Event,
        *,
        namespace: str | None = None,
        keys: Mapping[str, bytes] | None = None,
    ) -> Mapping[str, Any]:
        """The proof that an event is in the log, verified with the keys given, else with those
        that the registry publishes. Raises `Conflict` if it is not sealed yet."""
        event_id = event if isinstance(event, str) else event.id
        answer = self.transport.get(f"/audit/events/{event_id}/proof", **given(namespace=namespace))
        proof: Mapping[str, Any] = answer.document
        verify_proof(proof, read_keys(self.audit_keys()) if keys is None else keys)
        return proof

    def export_audit(
        self,
        folder: str | Path,
        *,
        namespace: str | None = None,
        copy: str = "store",
        **selection: Any,
    ) -> Exported:
        """Write events, checkpoints and keys into a folder that `verify_export` can verify.

        `copy`: the checkpoints' documents as the object store or as the `database` has them. An
        export of a selection is part of the log: what lacks of it is not missed.
        """
        place = Path(folder)
        place.mkdir(parents=True, exist_ok=True)
        query = _query(namespace, selection)
        try:
            checkpoints, last = self._write_checkpoints(place / CHECKPOINTS, copy)
        except Forbidden as error:
            raise Forbidden(
                "The checkpoints that an export is held to are for auditors and administrators.",
                next_step="As an owner, export CloudEvents of the namespace, and prove single"
                " events with `modelry audit prove EVENT -n NAMESPACE`.",
                status=error.status,
                request_id=error.request_id,
            ) from None
        _write(place / KEYS, self.audit_keys())
        events = 0
        with (place / EVENTS).open("w", encoding="utf-8") as file:
            found = self.transport.items("/audit/events", order="oldest", page_size=PAGE, **query)
            for event in found:
                file.write(f"{json.dumps(event, ensure_ascii=False)}\n")
                events += 1
        about = {
            "form": "modelry-audit-export/1",
            "registry": self.transport.url,
            "selection": query,
            "copy": copy,
            "exported_at": datetime.now(UTC).isoformat(timespec="milliseconds"),
        }
        _write(place / ABOUT, about)
        return Exported(place, events, checkpoints, last)

    def cloud_events(
        self, *, namespace: str | None = None, **selection: Any
    ) -> Iterator[Mapping[str, Any]]:
        """The same as CloudEvents 1.0, oldest first."""
        query = {**_query(namespace, selection), "format": "cloudevents", "order": "oldest"}
        token: str | None = None
        while True:
            page = {**query, "page_size": PAGE, "page_token": token}
            answer = self.transport.get("/audit/events", **page)
            yield from answer.document
            token = answer.headers.get("Modelry-Next-Page-Token")
            if not token:
                return

    def _write_checkpoints(self, path: Path, copy: str) -> tuple[int, str]:
        count, last = 0, ""
        with path.open("w", encoding="utf-8") as file:
            for checkpoint in self.checkpoints():
                if checkpoint.published_at is None:
                    break  # it is being made
                file.write(f"{json.dumps(self._document(checkpoint, copy))}\n")
                count, last = count + 1, checkpoint.known_as
        return count, last

    def _document(self, checkpoint: Checkpoint, copy: str) -> Mapping[str, Any]:
        try:
            answer = self.transport.get(f"/audit/checkpoints/{checkpoint.number}", copy=copy)
        except NotFound:
            return {"missing": checkpoint.number}
        return {**answer.document, "listed": checkpoint.raw}


def _query(namespace: str | None, selection: Mapping[str, Any]) -> dict[str, Any]:
    times = {name: moment(selection.get(name)) for name in ("since", "until")}
    return given(namespace=namespace, **{**selection, **times})


def _write(path: Path, document: Any) -> None:
    path.write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")
