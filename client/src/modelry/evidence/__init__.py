"""Evidence packs: all that there is to know of a version in one file that proves itself."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from modelry.errors import NotFound
from modelry.evidence.packs import Packing, file_digest
from modelry.evidence.verification import Verified, verify_evidence
from modelry.moments import moment
from modelry.references import Reference
from modelry.session import Session

if TYPE_CHECKING:
    from modelry.client import Modelry

__all__ = ["Evidence", "Packed", "Verified", "verify_evidence"]


@dataclass(frozen=True, slots=True)
class Packed:
    """An evidence pack that was written. `sha256` is the digest of the file; `about` is what its
    manifest says beside its members."""

    path: Path
    sha256: str
    about: Mapping[str, Any]


class Evidence(Session):
    """Evidence on versions."""

    def evidence(  # type: ignore[misc]  # a part of the client that uses its other parts
        self: "Modelry",
        reference: str | Reference,
        target: str | os.PathLike[str],
        *,
        namespace: str | None = None,
        as_of: datetime | str | None = None,
    ) -> Packed:
        """Write a pack about a version, as it was at a moment (by default when the last thing
        happened in its namespace): its documents, what the rules ask for, evaluations, approvals,
        lineage, files, and audit events with their proofs.

        The same state and the same `as_of` make the same bytes. Proofs are for owners and
        auditors; for others the pack says that they lack. Raises `NotFound`.
        """
        from modelry.evidence.collecting import Collector

        resolved = self.resolve(reference, namespace)
        place = resolved.namespace or self.namespace_name
        at = _spelt(as_of) if as_of is not None else _latest(self, place)
        version = self.version(resolved, as_of=at)
        model = self.model(f"{version.namespace}/{version.model}", as_of=at)
        with Packing(target) as pack:
            about = Collector(self, model, version, at, pack).collect()
        return Packed(Path(target), file_digest(target), about)


def _spelt(as_of: datetime | str) -> str:
    """The moment in one form, so that it does not matter how it was said."""
    at = datetime.fromisoformat(moment(as_of) or "").astimezone(UTC)
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _latest(registry: Session, namespace: str) -> str:
    """When the last thing happened in the namespace: whatever was done before this call is in it,
    and while nothing else happens, the moment is the same."""
    found = registry.transport.items(f"/namespaces/{namespace}/events", page_size=1)
    event = next(iter(found), None)
    if event is None:
        raise NotFound(
            f"Nothing happened in the namespace {namespace!r} yet.", next_step="Check its name."
        )
    return _spelt(str(event["at"]))
