"""Moments that reads are asked about, as the registry's URLs spell them."""

from datetime import datetime

from modelry.errors import Invalid


def moment(at: datetime | str | None) -> str | None:
    """RFC 3339; a date alone or a time without an offset is meant as this machine's clock shows
    it. Raises `Invalid` for text that is no time."""
    if at is None:
        return None
    try:
        read = datetime.fromisoformat(at) if isinstance(at, str) else at
        return read.astimezone().isoformat()
    except (ValueError, OverflowError):
        raise Invalid(
            f"{at!r} is no time.",
            next_step="Write it as 2026-11-24T08:00:00Z, 2026-11-24T08:00 or 2026-11-24.",
        ) from None
