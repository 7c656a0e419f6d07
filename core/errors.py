"""The closed set of things that can go wrong, in words a caller can act on.

No HTTP here: each dialect owns one table from `Kind` to its own answer.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """What sort of failure it is; every dialect maps all of them."""

    INVALID = "invalid"
    UNAUTHENTICATED = "unauthenticated"
    FORBIDDEN = "forbidden"
    NOT_FOUND = "not-found"
    CONFLICT = "conflict"
    STALE = "stale"
    TOO_LARGE = "too-large"
    UNAVAILABLE = "unavailable"


@dataclass(frozen=True, slots=True)
class Refusal:
    """An access decision that went against the caller: the action wanted, and where."""

    action: str
    namespace: str | None = None
    model: str | None = None


class RegistryError(Exception):
    """Base of every error the registry raises on purpose.

    `message` says what was asked and what is true, `next_step` what to do about it, and
    `problems` names the offending places where there are several: (place, message) pairs.
    `refusal` is there if it was an access decision.
    """

    kind: Kind

    def __init__(
        self,
        message: str,
        *,
        next_step: str = "",
        problems: Sequence[tuple[str, str]] = (),
        refusal: Refusal | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.next_step = next_step
        self.problems = tuple(problems)
        self.refusal = refusal


class Invalid(RegistryError):
    """The request breaks a rule of the registry, whoever sends it."""

    kind = Kind.INVALID


class Unauthenticated(RegistryError):
    """There is no token, or none that a trusted issuer vouches for."""

    kind = Kind.UNAUTHENTICATED


class Forbidden(RegistryError):
    """The caller may see the resource, but not do this to it."""

    kind = Kind.FORBIDDEN


class NotFound(RegistryError):
    """It does not exist, or the caller may not know that it does."""

    kind = Kind.NOT_FOUND


class Conflict(RegistryError):
    """The request is sound, but not in the present state of the resource."""

    kind = Kind.CONFLICT


class Taken(Conflict):
    """A name or id that must be unique is in use."""


class Stale(RegistryError):
    """The caller's copy is older than what is stored: compare-and-set failed."""

    kind = Kind.STALE


class TooLarge(RegistryError):
    """Over a limit on size or number."""

    kind = Kind.TOO_LARGE


class Unavailable(RegistryError):
    """A part the registry stands on does not answer. Nothing is half done; trying again is safe."""

    kind = Kind.UNAVAILABLE

    def __init__(self, message: str, *, retry_after_seconds: int = 2, next_step: str = "") -> None:
        super().__init__(
            message, next_step=next_step or f"Try again in {retry_after_seconds} seconds."
        )
        self.retry_after_seconds = retry_after_seconds
