"""Moments that people ask about: written as RFC 3339, and never in the future."""

import re
from datetime import UTC, datetime

from core.errors import Invalid

_RFC_3339 = re.compile(
    r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:[Zz]|[+-]\d\d:\d\d)", re.ASCII
)


def parse_moment(text: str) -> datetime:
    """Read a time (RFC 3339), in UTC and cut to milliseconds. Raises `Invalid`."""
    try:
        if not _RFC_3339.fullmatch(text):
            raise ValueError
        at = datetime.fromisoformat(text.upper().replace("Z", "+00:00")).astimezone(UTC)
    except (ValueError, OverflowError):
        raise Invalid(
            f"{text[:40]!a} is no time.",
            next_step="Write it as RFC 3339 does: 2026-11-24T08:00:00Z, or with an offset such as"
            " 2026-11-24T09:00:00+01:00 (in a URL, + is written %2B).",
        ) from None
    return at.replace(microsecond=at.microsecond // 1000 * 1000)


def check_moment(at: datetime | None, now: datetime) -> None:
    """Raise `Invalid` for a time that is yet to come; None, for the present, passes."""
    if at is not None and at > now:
        raise Invalid(
            f"{shown(at)} is yet to come: here it is {shown(now)}.",
            next_step="Ask for a time that has passed, or leave it out for the present.",
        )


def shown(at: datetime) -> str:
    """The time as messages write it."""
    return f"{at:%Y-%m-%dT%H:%M:%S}.{at.microsecond // 1000:03d}Z"
