"""Metric points: what a run measured, step by step; and the summaries that plots are drawn from.

Points are facts that are noted once and never change: the same point twice is one point. For
long histories, every level of summaries says of each stretch of steps the lowest, the highest and
the last value, so that a plot of a million points looks at a few thousand summaries.
"""

import math
import re
import struct
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from core.domain.names import check_text
from core.errors import Invalid

MAX_BATCH = 1_000
MAX_KEYS = 1_000
MAX_KEY_CHARACTERS = 250
MAX_STEP = (1 << 63) - 1

LEVELS = (8, 13, 18, 23)
"""A summary of a level covers 2 to that power steps, those with one quotient."""

SUMMARISED_FROM = 2_000
"""The number of points of one metric from which on there are summaries."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_NOT_FINITE = {"NaN": math.nan, "Infinity": math.inf, "-Infinity": -math.inf}


@dataclass(frozen=True, slots=True)
class MetricPoint:
    """At `step` and at a time the metric `key` had the value, which may be NaN or infinite."""

    run_id: int
    key: str
    step: int
    at: datetime
    value: float

    def __post_init__(self) -> None:
        check_metric_key(self.key)
        if not -MAX_STEP <= self.step <= MAX_STEP:
            raise Invalid("The step of a metric does not fit in 64 bits.", next_step="Count less.")

    @property
    def place(self) -> str:
        """Where it stands among the points of its metric: by step, time and value. The text sorts
        so, and equal points have the same."""
        return _place(self.step, self.at, self.value)


@dataclass(frozen=True, slots=True)
class Summary:
    """Of one metric's points in a stretch of steps: the lowest and highest value (None if none of
    them is a number), and the last point's `place`."""

    run_id: int
    key: str
    level: int
    stretch: int
    low: float | None
    high: float | None
    last: str


@dataclass(frozen=True, slots=True)
class Bucket:
    """What a plot draws of a stretch of steps, from `start` to `end`; NaN where nothing else is
    there."""

    start: int
    end: int
    low: float
    high: float
    last_step: int
    last_at: datetime
    last: float


def check_metric_key(key: str) -> str:
    """Return the name of a metric, printable text of at most 250 characters; raise `Invalid`."""
    return check_text("name of the metric", key, max_characters=MAX_KEY_CHARACTERS)


def number_of(value: Any) -> float:
    """The number that JSON carries as one, or as `NaN`, `Infinity` or `-Infinity`. Raises
    `Invalid`."""
    if isinstance(value, str) and value in _NOT_FINITE:
        return _NOT_FINITE[value]
    if isinstance(value, int | float) and not isinstance(value, bool):
        try:
            return float(value)
        except OverflowError:
            pass
    raise Invalid(
        "The value of a metric is no number.",
        next_step="Send a number, or the text NaN, Infinity or -Infinity.",
    )


def plain_number(value: float) -> float | str:
    """The value as JSON can carry it: `NaN`, `Infinity` and `-Infinity` are text."""
    if math.isfinite(value):
        return value
    return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"


def _place(step: int, at: datetime, value: float) -> str:
    milliseconds = (at - _EPOCH) // timedelta(milliseconds=1)
    (bits,) = struct.unpack(">Q", struct.pack(">d", math.nan if math.isnan(value) else value))
    return f"{step + (1 << 63):016x}{milliseconds + (1 << 51):013x}{bits:016x}"


def read_place(place: str) -> tuple[int, datetime, float]:
    """Step, time and value of a `place`. Raises `Invalid` for text that is none."""
    try:
        if not re.fullmatch(r"[0-9a-f]{45}", place):
            raise ValueError
        at = _EPOCH + timedelta(milliseconds=int(place[16:29], 16) - (1 << 51))
        (value,) = struct.unpack(">d", bytes.fromhex(place[29:]))
        return int(place[:16], 16) - (1 << 63), at, value
    except (ValueError, OverflowError):
        raise Invalid(
            "The page token does not belong to this query.",
            next_step="Send the token only with the query that returned it, or start over.",
        ) from None


def first_place(step: int) -> str:
    """What no point at this step, or at a later one, comes before."""
    return f"{step + (1 << 63):016x}"


def summaries(points: Iterable[MetricPoint]) -> list[Summary]:
    """Of each level and stretch that the points touch, what they say of it."""
    found: dict[tuple[str, int, int], Summary] = {}
    for point in points:
        for level in LEVELS:
            place = (point.key, level, point.step >> level)
            new = _summary(point, level)
            old = found.get(place)
            found[place] = new if old is None else merged(old, new)
    return list(found.values())


def merged(one: Summary, other: Summary) -> Summary:
    """The summary of both. In whatever order and however often they are merged, it is the same."""
    lows = [each for each in (one.low, other.low) if each is not None]
    highs = [each for each in (one.high, other.high) if each is not None]
    return Summary(
        one.run_id,
        one.key,
        one.level,
        one.stretch,
        min(lows, default=None),
        max(highs, default=None),
        max(one.last, other.last),
    )


def _summary(point: MetricPoint, level: int) -> Summary:
    value = None if math.isnan(point.value) else point.value
    return Summary(point.run_id, point.key, level, point.step >> level, value, value, point.place)


def level_for(first: int, last: int, limit: int) -> int:
    """The finest level of which at most `limit` summaries cover the steps; the coarsest if none
    does."""
    fits = (level for level in LEVELS if (last >> level) - (first >> level) < limit)
    return next(fits, LEVELS[-1])


def bucketed(parts: Sequence[Summary], first: int, last: int, count: int) -> list[Bucket]:
    """At most `count` buckets of equal width over the steps, without the empty ones. Each is made
    of whole parts, which are of one level and in order: what it says is exact, though the first
    and the last may reach beyond `first` and `last`."""
    unit = 1 << (parts[0].level if parts else 0)
    start = first // unit * unit
    width = -(-(last - start + 1) // (count * unit)) * unit
    found: dict[int, Summary] = {}
    for part in parts:
        place = ((part.stretch << part.level) - start) // width
        found[place] = part if place not in found else merged(found[place], part)
    buckets = []
    for place, part in sorted(found.items()):
        step, at, value = read_place(part.last)
        begin = start + place * width
        low = math.nan if part.low is None else part.low
        high = math.nan if part.high is None else part.high
        buckets.append(Bucket(begin, begin + width - 1, low, high, step, at, value))
    return buckets


def exact(points: Iterable[MetricPoint]) -> list[Summary]:
    """Each point as a summary of itself."""
    return [_summary(point, 0) for point in points]


Latest = Mapping[str, Any]
"""Of one metric of a run: `value` (as JSON carries it), `step` and `at` of its latest point, the
`first` step, how many points were noted (`count`, repeats among them), and whether the history is
`summarised`."""


def noted(
    latest: Mapping[str, Latest], points: Sequence[MetricPoint]
) -> tuple[dict[str, float | None], dict[str, Latest]]:
    """What is the latest of each of these points' metrics once they are noted, the value of the
    highest step and time: as numbers that can be searched, None for what is not finite; and all
    that is known of it."""
    facts: dict[str, Latest] = {}
    for point in sorted(points, key=lambda each: each.place):
        known = facts.get(point.key) or latest.get(point.key)
        count = 1 + (known["count"] if known else 0)
        now: dict[str, Any] = dict(known or {"first": point.step})
        if not known or (point.step, point.at) >= (known["step"], known["at"]):
            now |= {"value": plain_number(point.value), "step": point.step, "at": point.at}
        now |= {
            "first": min(now["first"], point.step),
            "count": count,
            "summarised": count >= SUMMARISED_FROM,
        }
        facts[point.key] = now
    values = {key: each["value"] for key, each in facts.items()}
    return {key: None if isinstance(value, str) else value for key, value in values.items()}, facts
