"""Files that a run or a logged model keeps: where they lie, and what they may be called.

They lie in the object store alone, which lists them; what the registry knows of is their owner.
"""

import unicodedata
from dataclasses import dataclass
from enum import StrEnum

from core.domain.names import MAX_PATH_BYTES
from core.errors import Invalid

MAX_PARTS = 10_000
_UNPRINTABLE = frozenset({"Cc", "Cs", "Co", "Cn", "Zl", "Zp"})


class OwnerKind(StrEnum):
    """What keeps files beside versions."""

    RUN = "runs"
    LOGGED_MODEL = "logged-models"


@dataclass(frozen=True, slots=True)
class FileOwner:
    """Whose files they are."""

    namespace: str
    kind: OwnerKind
    id: str

    @property
    def prefix(self) -> str:
        """What the keys of all its files begin with. No model's can: `~` and what is no byte in
        hex is not in `core.domain.names.key_segment`."""
        return f"{self.namespace}/~{self.kind}/{self.id}/"

    def key(self, path: str) -> str:
        """Where the file of this path lies. Raises `Invalid` for what is no path."""
        return self.prefix + check_logged_path(path)

    def folder(self, path: str) -> str:
        """What the keys of the files in this folder begin with; an empty path is all of them.
        Raises `Invalid` for what is no path."""
        path = path.rstrip("/")
        return f"{self.key(path)}/" if path else self.prefix


def is_logged(key: str) -> bool:
    """Whether an object of this key is the file of a run or of a logged model."""
    _, _, rest = key.partition("/")
    return rest.startswith(tuple(f"~{kind}/" for kind in OwnerKind))


def check_logged_path(path: str) -> str:
    """A relative path that cannot climb. Names may be whatever a training's machine has written:
    what is stricter (`check_file_path`) is asked of a version's files.

    Raises `Invalid` for absolute or climbing paths, empty, '.' or '..' segments, backslashes, '#',
    unprintable text and more than 768 bytes.
    """
    reason = None
    if not path or path.startswith("/"):
        reason = "is empty or absolute"
    elif len(path.encode("utf-8", "replace")) > MAX_PATH_BYTES:
        reason = f"is longer than {MAX_PATH_BYTES} bytes"
    elif any(segment in {"", ".", ".."} for segment in path.split("/")):
        reason = "has an empty, '.' or '..' segment"
    elif set(path) & set("\\#") or any(unicodedata.category(c) in _UNPRINTABLE for c in path):
        reason = "holds a backslash, '#', or a character that cannot be printed"
    if reason:
        raise Invalid(
            f"Invalid path {path[:60]!a}: it {reason}.",
            next_step="Write it relative to where the artifacts of the run or model begin, such as"
            " 'plots/roc.png'.",
        )
    return path
