"""A clock that stands still until a test moves it."""

from datetime import UTC, datetime, timedelta


class MemoryClock:
    """See `core.ports.Clock`: always the same instant, but for `advance`."""

    def __init__(self, at: datetime = datetime(2026, 1, 2, 3, 4, 5, 678_000, UTC)) -> None:
        self._at = at

    def now(self) -> datetime:
        """The instant this clock shows."""
        return self._at

    def advance(self, *, seconds: float) -> None:
        """Move it on, to the millisecond."""
        self._at += timedelta(milliseconds=round(seconds * 1000))
