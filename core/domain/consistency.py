"""Where the database and the object store disagree: what a check of both can find."""

from dataclasses import dataclass
from enum import StrEnum


class Fault(StrEnum):
    """What is wrong."""

    MISSING = "missing"
    """A ready version has a file whose bytes are not in the store."""
    OTHER_SIZE = "other-size"
    """The bytes are there, but not as many as the version says."""
    UNREFERENCED = "unreferenced"
    """Bytes of no version, run or logged model that is there: nobody can read them."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One disagreement. `key` is the object's; `size_bytes` what the store holds (0: nothing)."""

    fault: Fault
    key: str
    size_bytes: int
    why: str
