"""What every resource has: times in epoch milliseconds, tags as a list of pairs."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def milliseconds(at: datetime | None) -> int | None:
    """Epoch milliseconds, as a number."""
    return None if at is None else (at - _EPOCH) // timedelta(milliseconds=1)


def pairs(tags: Mapping[str, str]) -> list[dict[str, str]]:
    """Tags as `{"key", "value"}`, by key."""
    return [{"key": key, "value": tags[key]} for key in sorted(tags)]
