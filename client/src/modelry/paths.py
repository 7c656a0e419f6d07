"""Which file paths a version may hold: the same rule before a push and before a pull writes.

A registry is not trusted with a path: one that climbs would write outside the destination.
"""

import re
import unicodedata
from collections.abc import Iterable

from modelry.errors import Invalid

MAX_PATH_BYTES = 768

# Unicode Standard Annex 9: characters that reorder or hide what a reader sees.
_BIDI = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_UNPRINTABLE = frozenset({"Cc", "Cs", "Co", "Cn", "Zl", "Zp"})


def path_fault(path: str) -> str | None:
    """Why `path` cannot be a file of a version, in words; None if it can."""
    for character in path:
        if character in _BIDI or unicodedata.category(character) in _UNPRINTABLE:
            return f"holds the character U+{ord(character):04X}, which cannot be printed"
    segments = path.split("/")
    if len(path.encode()) > MAX_PATH_BYTES:
        return f"is longer than {MAX_PATH_BYTES} bytes"
    if unicodedata.normalize("NFC", path) != path:
        return "is not in Unicode form NFC"
    if "\\" in path or re.match(r"[A-Za-z]:", path):
        return "is not a POSIX path"
    if any(segment in {"", ".", ".."} for segment in segments):
        return "is absolute, or has an empty, '.' or '..' segment"
    if any(segment.endswith((".", " ")) or segment[0] == " " for segment in segments):
        return "has a segment that begins or ends in a space, or ends in a dot"
    return None


def collisions(paths: Iterable[str]) -> list[tuple[str, str]]:
    """(path, fault) for each path that cannot lie beside the others in one directory."""
    seen: dict[str, str] = {}
    faults = []
    for path in paths:
        folded = path.casefold()
        if folded in seen:
            faults.append((path, f"is {seen[folded]!r} on systems that ignore case"))
        seen[folded] = path
    for folded, path in seen.items():
        parent = folded
        while "/" in parent:
            parent = parent.rpartition("/")[0]
            if parent in seen:
                faults.append((path, f"needs {seen[parent]!r} to be a directory, but it is a file"))
    return faults


def check_manifest_paths(paths: Iterable[str]) -> None:
    """Raise `Invalid` naming every path that must not be written to a disk."""
    known = list(paths)
    faults = [(ascii(path), fault) for path in known if (fault := path_fault(path))]
    faults += collisions(known)
    if faults:
        raise Invalid(
            "The registry lists files that cannot safely be written; nothing was.",
            problems=faults[:20],
            next_step="Don't use this version; tell whoever runs the registry.",
        )
