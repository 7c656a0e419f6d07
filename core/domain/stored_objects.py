"""What lies in the object store though no upload declared it: somebody sent it there with rights
of his own, and tells the registry with an artifact's URI.

An artifact whose URI is in the registry's own store is measured: `digest` and `size_bytes` are
those of the objects at that place, or of all that are under it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from core.domain.artifacts import Artifact
from core.domain.files import lines_digest

MAX_OBJECTS = 1_000
"""How many objects one artifact is measured by; of more it has no digest."""

MAX_KEY_BYTES = 1_024
"""As S3 has it."""


@dataclass(frozen=True, slots=True)
class StoredObject:
    """An object of the store as it was when the store last told of it. `sha256` is hex."""

    key: str
    size_bytes: int
    sha256: str
    at: datetime


def is_somebodys(key: str) -> bool:
    """Whether an object of this key can be one that somebody sent: none of the registry's own,
    which begin with a dot, and no folder."""
    is_key = 0 < len(key.encode(errors="replace")) <= MAX_KEY_BYTES and "\0" not in key
    return is_key and not key.startswith((".", "/")) and not key.endswith("/")


def places_of(key: str) -> tuple[str, ...]:
    """The places that an object of this key lies at or under."""
    parts = key.split("/")
    return tuple("/".join(parts[:end]) for end in range(1, len(parts) + 1))


def moved(artifact: Artifact, key: str | None) -> Artifact:
    """The artifact at another place of the registry's store, or elsewhere (None): what was
    measured at the one before is said no more."""
    after = replace(artifact, stored_at=key)
    if not after.is_measured:
        return after
    return replace(after, digest=None, size_bytes=None, is_measured=False)


def measured(artifact: Artifact, found: Sequence[StoredObject]) -> Artifact:
    """The artifact with what the objects at its place come to: the digest of the one that its URI
    names, else that of a version with these files. The very same if it says so already, or if
    what it says was said by somebody."""
    place = artifact.stored_at
    said = (artifact.digest, artifact.size_bytes) != (None, None) and not artifact.is_measured
    if place is None or said or not 0 < len(found) <= MAX_OBJECTS:
        return artifact
    whole = next((each for each in found if each.key == place), None)
    if whole is not None:
        size, digest = whole.size_bytes, f"sha256:{whole.sha256}"
    else:
        size = sum(each.size_bytes for each in found)
        digest = lines_digest(
            (each.key[len(place) + 1 :], each.size_bytes, each.sha256) for each in found
        )
    if (artifact.digest, artifact.size_bytes) == (digest, size):
        return artifact
    return replace(artifact, digest=digest, size_bytes=size, is_measured=True)
