"""The manifest of a version as a pull trusts it: paths that cannot climb, and the pinned digest."""

from collections.abc import Sequence

from modelry.errors import Conflict, Damaged, Invalid
from modelry.files import manifest_digest
from modelry.paths import check_manifest_paths
from modelry.records import RemoteFile, Version


def check_manifest(version: Version, manifest: Sequence[RemoteFile]) -> str:
    """The digest of the version, recomputed. Raises before anything is written: `Invalid` for
    paths that climb or collide, `Damaged` if the manifest is not the one the version is pinned
    to."""
    check_manifest_paths(file.path for file in manifest)
    digest = manifest_digest((file.path, file.size_bytes, file.sha256) for file in manifest)
    if version.digest != digest:
        raise Damaged(
            f"The files listed for {version.reference} are not those of its digest"
            f" {version.digest}; they make {digest}.",
            next_step="Don't use this version; tell whoever runs the registry.",
        )
    return digest


def check_complete(version: Version) -> None:
    """Raise `Conflict` or `Invalid` for a version that cannot be pulled."""
    if version.state != "ready":
        raise Conflict(
            f"{version.reference} is {version.state}; only ready versions can be pulled.",
            next_step="Wait until its push is done, or pull another version.",
        )
    if not version.file_count:
        raise Invalid(f"{version.reference} has no files.", next_step="Pull another version.")
