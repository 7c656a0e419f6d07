"""Rules of a transfer: which parts may be sent, and whether what arrived is what was declared."""

import re
from collections.abc import Mapping, Sequence

from core.domain.files import SHA256, File
from core.domain.versions import ModelVersion
from core.errors import Invalid

MAX_SIGNED_PARTS = 1_000
REMINDERS = "~reminders"
"""Where an empty object has the store tell of a version that is still to be worked on; no model's
files can lie there."""


def reminder_of(version: ModelVersion) -> str:
    """The key whose event reminds of a version."""
    return f"{version.namespace}/{REMINDERS}/{version.id}"


def reminded_of(key: str) -> tuple[str, int] | None:
    """The namespace and the id of the version that the event of this key reminds of, if any."""
    namespace, _, rest = key.partition("/")
    kind, _, id = rest.partition("/")
    is_reminder = kind == REMINDERS and re.fullmatch(r"[1-9][0-9]{0,8}", id, re.ASCII)
    return (namespace, int(id)) if is_reminder else None


def check_parts(file: File, digests: Sequence[tuple[int, str]]) -> None:
    """Refuse part numbers that the file does not have, and digests that are none.

    `digests` are pairs of part number (from 1) and SHA-256 in hex. Raises `Invalid`.
    """
    numbers = [number for number, _ in digests]
    if not 1 <= len(numbers) <= MAX_SIGNED_PARTS or len(set(numbers)) != len(numbers):
        raise Invalid(
            f"{len(numbers)} parts were asked for.",
            next_step=f"Ask for 1 to {MAX_SIGNED_PARTS} different parts at a time.",
        )
    for number, digest in digests:
        if not 1 <= number <= file.parts:
            raise Invalid(
                f"The file {file.path!r} has no part {number}.",
                next_step=f"Its {file.parts} parts of {file.part_size_bytes} bytes count from 1.",
            )
        if not SHA256.fullmatch(digest):
            raise Invalid(
                f"Part {number} of {file.path!r} has no valid sha256.",
                next_step="Send sha256 as 64 lower-case hex digits.",
            )


def part_bytes(file: File, number: int) -> int:
    """The exact size of the part with this number (from 1)."""
    if number < file.parts:
        return file.part_size_bytes
    return file.size_bytes - file.part_size_bytes * (file.parts - 1)


def whole_parts(file: File, sizes: Mapping[int, int]) -> Sequence[int]:
    """The numbers of those received parts (number to bytes) that have the size they must have."""
    return sorted(
        number
        for number, size_bytes in sizes.items()
        if 1 <= number <= file.parts and size_bytes == part_bytes(file, number)
    )


def disagreement(
    file: File, size_bytes: int, sha256: str | None, parts_sha256: str | None
) -> str | None:
    """Why stored bytes are not the declared ones; None if they are.

    The two digests are what is known of the stored object; one of them that can be compared
    must be given, and the digest of the whole counts first.
    """
    if size_bytes != file.size_bytes:
        return f"{size_bytes} bytes arrived where {file.size_bytes} were declared"
    known, declared = (
        (sha256, file.sha256) if sha256 is not None else (parts_sha256, file.parts_sha256)
    )
    if known is None or known != declared:
        return f"the bytes that arrived have the digest {known}, not the declared {declared}"
    return None
