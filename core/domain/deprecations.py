"""Deprecation: since when a version should not be used any more, and what to use instead."""

from dataclasses import dataclass
from datetime import UTC, datetime

from core.domain.moments import shown
from core.domain.names import check_model_name
from core.errors import Invalid

MAX_NOTE_CHARACTERS = 2_000
EARLIEST = datetime(1970, 1, 1, tzinfo=UTC)
"""Headers of HTTP write times as seconds from here on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Successor:
    """What to use instead: a version of a model of the same namespace, spelt as in a URL (`4`,
    `@champion`), so that it may move on."""

    model: str
    version: str

    def __post_init__(self) -> None:
        check_model_name(self.model)

    def __str__(self) -> str:
        is_marked = self.version.startswith(("@", "sha256:", "fingerprint:"))
        return f"{self.model}{'@' if is_marked else ':'}{self.version.removeprefix('@')}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Deprecation:
    """The version is not to be used `since`, and is going to be retired at `sunset`.

    Either may be yet to come. `note` says why, and what a change to the successor takes.
    """

    since: datetime
    sunset: datetime | None = None
    successor: Successor | None = None
    note: str = ""

    def __post_init__(self) -> None:
        if self.since < EARLIEST or (self.sunset is not None and self.sunset < self.since):
            end = f" and ends at {shown(self.sunset)}" if self.sunset else ""
            raise Invalid(
                f"The deprecation begins at {shown(self.since)}{end}.",
                next_step="Give a time after 1970, and let the end not be before it.",
            )
        if len(self.note) > MAX_NOTE_CHARACTERS or "\0" in self.note:
            raise Invalid(
                f"The note has {len(self.note)} characters, or holds NUL.",
                next_step=f"Say it in at most {MAX_NOTE_CHARACTERS} characters.",
            )
