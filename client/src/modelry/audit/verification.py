"""Verifying an export of the audit log without the registry: what was changed, and where first."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from modelry.audit.canonical import event_leaf, root_from_path
from modelry.audit.chain import Batch, Chain
from modelry.audit.checkpoints import digest, is_signed, read_keys
from modelry.audit.findings import Finding, Kind
from modelry.errors import Invalid

EVENTS, CHECKPOINTS, KEYS, ABOUT = "events.ndjson", "checkpoints.ndjson", "keys.json", "export.json"


@dataclass(slots=True)
class Verification:
    """What verifying came to. `findings` are in the order of the log; none if all is well."""

    checkpoints: int = 0
    sealed: int = 0
    unsealed: int = 0
    is_part: bool = False
    last: str = ""
    findings: list[Finding] = field(default_factory=list)

    @property
    def is_good(self) -> bool:
        """Whether nothing was altered, removed, added or reordered."""
        return not self.findings


@dataclass(frozen=True, slots=True)
class Known:
    """A checkpoint that somebody kept elsewhere: its number and digest."""

    number: int
    digest: str

    @classmethod
    def read(cls, text: str) -> "Known":
        """`NUMBER:DIGEST`, as `modelry audit checkpoints` prints it. Raises `Invalid`."""
        number, _, digest_text = text.partition(":")
        if not number.isdecimal() or len(digest_text) != 64:
            raise Invalid(
                f"{text!r} names no checkpoint.",
                next_step="Write NUMBER:DIGEST, as `modelry audit checkpoints` prints them.",
            )
        return cls(int(number), digest_text)


def verify_export(
    folder: str | Path, *, keys: Mapping[str, bytes] | None = None, known: Known | None = None
) -> Verification:
    """Hold the events of an export to the checkpoints in it, and those to the keys: the given
    ones, else those of the export.

    `known` is a checkpoint that must be in it. Raises `Invalid` for what is no export.
    """
    place = Path(folder)
    about = _document(place / ABOUT)
    trusted = read_keys(_document(place / KEYS)) if keys is None else keys
    chain = Chain(trusted)
    for number, line in enumerate(_lines(place / CHECKPOINTS), 1):
        chain.add(number, line)
    result = Verification(
        checkpoints=len(chain.batches), is_part=bool(about.get("selection")), last=chain.last
    )
    _events(_lines(place / EVENTS), chain, result)
    result.findings += chain.findings
    if not result.is_part:
        result.findings += chain.unseen()
    if known is not None:
        result.findings += _missing(known, chain)
    result.findings.sort(key=lambda finding: finding.order)
    return result


def verify_proof(document: Mapping[str, Any], keys: Mapping[str, bytes]) -> None:
    """Hold an inclusion proof to the keys. Raises `Invalid` saying what does not fit."""
    try:
        event, checkpoint = document["event"], document["checkpoint"]
        index, size = int(document["index"]), int(checkpoint["size"])
        path = [bytes.fromhex(each) for each in document["path"]]
        root = root_from_path(event_leaf(event), index, size, path)
        signed = is_signed(checkpoint, keys)
    except (AttributeError, KeyError, TypeError, ValueError):
        raise Invalid("This is no proof.", next_step="`modelry audit prove` makes them.") from None
    if signed is not True:
        why = "is signed by a key that is not given" if signed is None else "was altered"
        raise Invalid(
            f"The proof is not good: checkpoint {checkpoint.get('number')} {why}.",
            next_step="Ask the registry for the proof again, with the keys that you keep.",
        )
    if root is None or root.hex() != checkpoint["root"]:
        raise Invalid(
            f"The proof is not good: the event {event.get('id')} is not under checkpoint"
            f" {checkpoint['number']} as it is here.",
            next_step="Either the event or the path was altered.",
        )


def _events(lines: Iterator[Any], chain: Chain, result: Verification) -> None:
    before = ""
    for number, event in enumerate(lines, 1):
        event_id = str(event.get("id", "")) if isinstance(event, Mapping) else ""
        if not event_id:
            result.findings.append(
                Finding(Kind.ALTERED, f"line {number} of {EVENTS}", "it is no event any more")
            )
            continue
        if event_id < before:
            result.findings.append(
                chain.finding(Kind.REORDERED, event_id, "it stands behind a later one")
            )
        before = max(before, event_id)
        finding = chain.meet(event_id, _leaf(event))
        if finding is not None:
            result.findings.append(finding)
        if chain.holds(event_id):
            result.sealed += 1
        else:
            result.unsealed += 1


def _leaf(event: Mapping[str, Any]) -> bytes:
    try:
        return event_leaf(event)
    except (TypeError, ValueError):
        return b""


def _missing(known: Known, chain: Chain) -> list[Finding]:
    batch: Batch | None = chain.batches.get(known.number)
    place = f"checkpoint {known.number}"
    order = (known.number, -1)
    if batch is None:
        why = f"it is known to exist, and the export ends with {chain.last or 'none'}: truncated"
        return [Finding(Kind.REMOVED, place, why, order)]
    if digest(batch.checkpoint) != known.digest:
        return [Finding(Kind.ALTERED, place, "it is not the one that is known", order)]
    return []


def _no_number(text: str) -> None:
    """NaN and the like are no JSON."""
    raise ValueError(text)


def _document(path: Path) -> Mapping[str, Any]:
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
        if not isinstance(document, Mapping):
            raise ValueError("it is no object")
        return document
    except (OSError, ValueError, RecursionError) as error:
        raise Invalid(
            f"{path} is not there, or no JSON: {error}.",
            next_step="Name a folder that `modelry audit export FOLDER` wrote.",
        ) from None


def _lines(path: Path) -> Iterator[Any]:
    """The JSON of each line; None for one that is none."""
    try:
        with path.open(encoding="utf-8", errors="replace") as file:
            for line in file:
                try:
                    yield json.loads(line, parse_constant=_no_number)
                except (ValueError, RecursionError):
                    yield None
    except OSError as error:
        raise Invalid(
            f"{path} cannot be read: {error}.",
            next_step="Name a folder that `modelry audit export FOLDER` wrote.",
        ) from None
