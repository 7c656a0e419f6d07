"""Verifying an evidence pack without the registry: digests, the manifest of the files, proofs."""

import hashlib
import json
import os
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any

from modelry.errors import Damaged, Invalid
from modelry.evidence.events import CHECKPOINTS, EVENTS, KEYS, PROOFS
from modelry.evidence.packs import FORM, MANIFEST
from modelry.files import manifest_digest

_BLOCK_BYTES = 1 << 20
MAX_DOCUMENT_BYTES = 64 << 20
MAX_LINE_BYTES = 32 << 20


@dataclass(frozen=True, slots=True)
class Verified:
    """A pack that is what it says. `own_keys`: the keys that proofs were held to came with it, so
    that they prove no more than that it was not changed since."""

    subject: str
    digest: str | None
    as_of: str
    registry: str
    members: int
    events: int
    proven: int
    checkpoints: int
    own_keys: bool
    lacking: tuple[str, ...]


def verify_evidence(
    path: str | os.PathLike[str], *, keys: Mapping[str, bytes] | None = None
) -> Verified:
    """Hold a pack to its manifest, its list of files to the digest of the version, its documents
    to the last events, and each event to its proof: with the keys given, else those in the pack.

    Raises `Damaged` naming the first thing that does not fit, `Invalid` for what is no pack.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            about = _manifest(archive)
            _members(archive, about)
            _files(archive, about)
            proven, checkpoints = _events(archive, about, keys)
    except (zipfile.BadZipFile, OSError) as error:
        raise Invalid(
            f"{os.fspath(path)} is no evidence pack: {error}.",
            next_step="Name a file that `modelry evidence MODEL -o FILE` wrote.",
        ) from None
    return Verified(
        subject=str(about["subject"]),
        digest=about["digest"],
        as_of=str(about["as_of"]),
        registry=str(about["registry"]),
        members=len(about["members"]),
        events=int(about["events"]),
        proven=proven,
        checkpoints=checkpoints,
        own_keys=keys is None and proven > 0,
        lacking=tuple(about["lacking"]),
    )


def _manifest(archive: zipfile.ZipFile) -> Mapping[str, Any]:
    try:
        about = _document(archive, MANIFEST)
        if about["form"] != FORM:
            raise KeyError("form")
        for each in about["members"]:
            _ = (str(each["path"]), int(each["size_bytes"]), str(each["sha256"]))
        for name in ("subject", "digest", "as_of", "registry", "files", "events", "lacking"):
            _ = about[name]
    except (KeyError, TypeError, ValueError) as error:
        raise Invalid(
            f"This is no evidence pack: its manifest lacks {error}.",
            next_step="Name a file that `modelry evidence MODEL -o FILE` wrote.",
        ) from None
    return about


def _members(archive: zipfile.ZipFile, about: Mapping[str, Any]) -> None:
    """Every member is there once, whole, and nothing else is."""
    listed = [str(each["path"]) for each in about["members"]]
    there = [entry.filename for entry in archive.infolist()]
    for name in there:
        if there.count(name) > 1:
            raise _damaged(f"{name} is in it twice")
        if name != MANIFEST and name not in listed:
            raise _damaged(f"{name} was added: the manifest does not list it")
    for each in about["members"]:
        if each["path"] not in there:
            raise _damaged(f"{each['path']} was removed")
        whole, size = hashlib.sha256(), 0
        with archive.open(_entry(archive, each["path"])) as member:
            while block := member.read(_BLOCK_BYTES):
                whole.update(block)
                size += len(block)
        if (whole.hexdigest(), size) != (each["sha256"], each["size_bytes"]):
            raise _damaged(f"{each['path']} was altered: its digest is {whole.hexdigest()}")


def _files(archive: zipfile.ZipFile, about: Mapping[str, Any]) -> None:
    """The list of files gives the digest that the version is pinned by."""
    version = _document(archive, "version.json")
    files = [(f["path"], f["size_bytes"], f["sha256"]) for f in _lines(archive, "files.ndjson")]
    found = manifest_digest(files)
    said = version.get("digest")
    if len(files) != about["files"]:
        raise _damaged(f"files.ndjson has {len(files)} files, and should have {about['files']}")
    is_purged = not files and any(each.startswith("files:") for each in about["lacking"])
    if said != about["digest"] or (said not in {None, found} and not is_purged):
        raise _damaged(f"files.ndjson makes {found}, but the version is pinned by {said}")


def _events(
    archive: zipfile.ZipFile, about: Mapping[str, Any], keys: Mapping[str, bytes] | None
) -> tuple[int, int]:
    """Each event to its proof, and the documents to the last events. How many are proven, under
    how many checkpoints."""
    checkpoints = {int(each["number"]): each for each in _lines(archive, CHECKPOINTS)}
    trusted = keys
    if trusted is None and checkpoints:
        trusted = _keys_in(archive)
    proven, count, met = 0, 0, set[tuple[str, str]]()
    documents = {name: _document(archive, f"{name}.json") for name in ("version", "model")}
    pairs = zip_longest(_lines(archive, EVENTS), _lines(archive, PROOFS))
    for event, proof in pairs:
        count += 1
        if event is None or proof is None or event.get("id") != proof.get("event"):
            raise _damaged(f"{PROOFS} does not go with {EVENTS}, from line {count}")
        if "path" in proof:
            _prove(event, proof, checkpoints, trusted or {})
            proven += 1
        subject = (str(event.get("kind")), str(event.get("subject")))
        if subject not in met and subject[0] in documents:
            _agree(subject[0], event, documents[subject[0]])
        met.add(subject)
    if count != about["events"] or proven != about["proven"]:
        raise _damaged(f"it says that it holds {about['events']} events, and holds {count}")
    return proven, len(checkpoints)


def _prove(
    event: Mapping[str, Any],
    proof: Mapping[str, Any],
    checkpoints: Mapping[int, Mapping[str, Any]],
    keys: Mapping[str, bytes],
) -> None:
    from modelry.audit.verification import verify_proof

    checkpoint = checkpoints.get(int(proof["checkpoint"]))
    if checkpoint is None:
        raise _damaged(f"the checkpoint {proof['checkpoint']} of event {event['id']} was removed")
    document = {
        "event": event,
        "checkpoint": checkpoint,
        **{n: proof[n] for n in ("index", "path")},
    }
    try:
        verify_proof(document, keys)
    except Invalid as error:
        raise Damaged(
            error.message,
            next_step="Trust this pack no further; ask for a new one, with the keys that you keep.",
        ) from None


def _agree(kind: str, event: Mapping[str, Any], document: Mapping[str, Any]) -> None:
    """The document is what the newest event left: by what both spell alike."""
    after = event.get("after") or {}
    for name in ("number", "digest", "compliance", "metrics", "aliases", "revision"):
        if name in after and name in document and after[name] != document[name]:
            raise _damaged(
                f"{kind}.json says of {name} {document[name]!r:.80}, the event {event['id']}"
                f" {after[name]!r:.80}"
            )


def _keys_in(archive: zipfile.ZipFile) -> Mapping[str, bytes]:
    from modelry.audit.checkpoints import read_keys

    return read_keys(_document(archive, KEYS)) if KEYS in archive.namelist() else {}


def _entry(archive: zipfile.ZipFile, name: str) -> zipfile.ZipInfo:
    """A member as packs have them: not compressed, so that it is no larger than the file."""
    entry = archive.getinfo(name)
    if entry.compress_type != zipfile.ZIP_STORED:
        raise _damaged(f"{name} is compressed, which no pack is")
    return entry


def _document(archive: zipfile.ZipFile, name: str) -> Any:
    entry = _entry(archive, name)
    if entry.file_size > MAX_DOCUMENT_BYTES:
        raise _damaged(f"{name} is over {MAX_DOCUMENT_BYTES >> 20} MiB")
    return json.loads(archive.read(entry))


def _lines(archive: zipfile.ZipFile, name: str) -> Iterator[Any]:
    if name not in archive.namelist():
        raise _damaged(f"{name} was removed")
    with archive.open(_entry(archive, name)) as member:
        while line := member.readline(MAX_LINE_BYTES + 1):
            if len(line) > MAX_LINE_BYTES:
                raise _damaged(f"a line of {name} is over {MAX_LINE_BYTES >> 20} MiB")
            try:
                yield json.loads(line)
            except ValueError:
                raise _damaged(f"a line of {name} is no JSON") from None


def _damaged(what: str) -> Damaged:
    return Damaged(
        f"The pack is not what was written: {what}.",
        next_step="Trust it no further; ask for a new one and compare the digests.",
    )
