"""What a verification finds: which event or checkpoint, and what was done to it."""

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """What was done."""

    ALTERED = "altered"
    REMOVED = "removed"
    ADDED = "added"
    REORDERED = "reordered"


@dataclass(frozen=True, slots=True)
class Finding:
    """`order` is where in the log it is: the checkpoint's number, the event's place under it."""

    kind: Kind
    place: str
    why: str
    order: tuple[int, int] = (0, 0)

    def __str__(self) -> str:
        return f"{self.place} was {self.kind}: {self.why}"
