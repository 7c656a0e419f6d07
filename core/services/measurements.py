"""Measuring artifacts: the digest and size of what lies where their URIs say, in the registry's own
store. What tells of an object and what tells of the artifact may come in any order, and again."""

from dataclasses import replace

from core.domain.access import Caller
from core.domain.artifacts import Artifact
from core.domain.common import moved_on
from core.domain.stored_objects import (
    MAX_OBJECTS,
    StoredObject,
    is_somebodys,
    measured,
    moved,
    places_of,
)
from core.domain.subjects import event_of
from core.ports import BlobStore, Clock, Database, Stores


def placed(stores: Stores, blobs: BlobStore, before: Artifact | None, after: Artifact) -> Artifact:
    """The artifact that is stored after another one, or as a new one: measured, if it is elsewhere
    than before; what somebody says of its digest is his."""
    if before is not None and after.digest != before.digest:
        after = replace(after, is_measured=False)
    if after.uri == (before.uri if before else None):
        return after
    return _measured(stores, moved(after, _place(stores, blobs, after)))


def measure(database: Database, clock: Clock, caller: Caller, artifact: Artifact) -> Artifact:
    """The artifact as it is now that what lies at its place has been looked at once more: an
    object that was noted while it was being stored is not overlooked."""
    if _measured(database, artifact) is artifact:
        return artifact
    at = clock.now()

    def work(stores: Stores) -> Artifact:
        before = stores.artifacts.with_id(artifact.namespace, artifact.id)
        if before is None:
            return artifact
        after = _measured(stores, before)
        if after is before:
            return before
        after = moved_on(
            before,
            at=at,
            by=caller.principal.name,
            digest=after.digest,
            size_bytes=after.size_bytes,
            is_measured=True,
        )
        stores.artifacts.replace(after)
        stores.events.add(event_of(caller, "artifact.measured", at=at, before=before, after=after))
        return after

    return database.transaction(work)


def note(database: Database, blobs: BlobStore, clock: Clock, caller: Caller, key: str) -> str:
    """Take note of an object that no upload declared, and measure the artifacts that it is part
    of: `measured` if there are any, `noted` if not yet, `ignored` if there is no such object."""
    blob = blobs.stat(key) if is_somebodys(key) else None
    if blob is None:
        return "ignored"
    sha256 = blob.sha256 or blobs.sha256(key)
    database.stored_objects.note(StoredObject(key, blob.size_bytes, sha256, clock.now()))
    found = database.artifacts.stored_at(places_of(key))
    for artifact in found:
        measure(database, clock, caller, artifact)
    return "measured" if found else "noted"


def _measured(stores: Stores, artifact: Artifact) -> Artifact:
    place = artifact.stored_at
    if place is None:
        return artifact
    return measured(artifact, stores.stored_objects.under(place, MAX_OBJECTS + 1))


def _place(stores: Stores, blobs: BlobStore, artifact: Artifact) -> str | None:
    """Where in the registry's store its URI says it is. What lies under the name of a namespace is
    told to nobody in another one."""
    key = None if artifact.uri is None else blobs.key_of(artifact.uri)
    owner = "" if key is None else key.partition("/")[0]
    is_foreign = owner != artifact.namespace and stores.namespaces.get(owner) is not None
    return None if is_foreign else key
