"""The time, as the core asks for it."""

from datetime import datetime
from typing import Protocol


class Clock(Protocol):
    """The time, in UTC, cut to milliseconds: what the database and every client can hold."""

    def now(self) -> datetime: ...
