"""What every resource has: times in epoch milliseconds, tags as a list of pairs."""

import math
import sys
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from core.errors import Invalid

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def milliseconds(at: datetime | None) -> int | None:
    """Epoch milliseconds, as a number."""
    return None if at is None else (at - _EPOCH) // timedelta(milliseconds=1)


def pairs(tags: Mapping[str, str]) -> list[dict[str, str]]:
    """Tags as `{"key", "value"}`, by key."""
    return [{"key": key, "value": tags[key]} for key in sorted(tags)]


def moment(milliseconds: int | None, name: str) -> datetime | None:
    """The time of epoch milliseconds; None for none. Raises `Invalid` for what no clock shows."""
    try:
        return None if milliseconds is None else _EPOCH + timedelta(milliseconds=milliseconds)
    except OverflowError:
        raise Invalid(
            f"Invalid value for parameter '{name}': that is no time.",
            next_step="Send milliseconds since 1970.",
        ) from None


def finite(value: float | str) -> float | str:
    """A metric's value as clients can read it: infinities are the largest numbers that there are,
    and what is no number is the text `NaN`."""
    number = float(value)
    if math.isnan(number):
        return "NaN"
    return max(-sys.float_info.max, min(sys.float_info.max, number))
