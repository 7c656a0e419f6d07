"""Metric points: their places, what is the latest, and plots made of summaries."""

import math
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.domain.metrics import (
    LEVELS,
    MetricPoint,
    bucketed,
    exact,
    level_for,
    merged,
    noted,
    number_of,
    plain_number,
    read_place,
    summaries,
)
from core.errors import Invalid

NOW = datetime(2026, 5, 6, 7, 8, 9, 123_000, UTC)
STEPS = st.integers(-(1 << 62), 1 << 62)
POINTS = st.builds(
    lambda step, milliseconds, value: MetricPoint(
        1, "loss", step, NOW + timedelta(milliseconds=milliseconds), value
    ),
    st.integers(-3_000, 30_000),
    st.integers(0, 9),
    st.floats(width=32),
)


@given(STEPS, st.datetimes(timezones=st.just(UTC)), st.floats())
def test_a_place_can_be_read_back(step: int, at: datetime, value: float) -> None:
    at = at.replace(microsecond=at.microsecond // 1000 * 1000)

    read = read_place(MetricPoint(1, "a", step, at, value).place)

    assert read[:2] == (step, at)
    assert read[2] == value or (math.isnan(read[2]) and math.isnan(value))


@given(POINTS, POINTS)
def test_places_sort_by_step_then_time(one: MetricPoint, other: MetricPoint) -> None:
    if (one.step, one.at) != (other.step, other.at):
        assert (one.place < other.place) is ((one.step, one.at) < (other.step, other.at))


@pytest.mark.parametrize("text", ["", "x" * 45, "0" * 44, "f" * 45, "ü" * 45])
def test_what_is_no_place_is_refused(text: str) -> None:
    with pytest.raises(Invalid):
        read_place(text)


@given(st.floats())
def test_every_value_survives_json(value: float) -> None:
    plain = plain_number(value)

    assert isinstance(plain, str) is not math.isfinite(value)
    assert str(number_of(plain)) == str(value)


@pytest.mark.parametrize("value", ["nan", "inf", "1", True, None, [], 10**400])
def test_what_is_no_number_is_no_value(value: Any) -> None:
    with pytest.raises(Invalid):
        number_of(value)


@pytest.mark.parametrize("key", ["", "a\nb", "a\0", "x" * 251, "a\x0bb"])
def test_names_that_cannot_be_kept_apart_are_refused(key: str) -> None:
    with pytest.raises(Invalid):
        MetricPoint(1, key, 0, NOW, 0.0)


@given(st.lists(POINTS, min_size=1), st.integers(1, 5))
def test_the_latest_is_that_of_the_highest_step_and_time_however_it_arrives(
    points: list[MetricPoint], size: int
) -> None:
    metrics: dict[str, Any] = {}
    latest: dict[str, Any] = {}
    for start in range(0, len(points), size):
        new, facts = noted(latest, points[start : start + size])
        metrics, latest = {**metrics, **new}, {**latest, **facts}

    last = max(points, key=lambda point: (point.step, point.at))
    facts = latest["loss"]
    assert (facts["step"], facts["at"]) == (last.step, last.at)
    assert facts["first"] == min(point.step for point in points)
    assert facts["count"] == len(points)
    values = [p.value for p in points if (p.step, p.at) == (last.step, last.at)]
    assert facts["value"] in {plain_number(value) for value in values}
    assert (metrics["loss"] is None) is isinstance(facts["value"], str)


@given(st.lists(POINTS, min_size=1, max_size=60), st.integers(1, 20), st.sampled_from(LEVELS))
def test_a_plot_of_summaries_says_what_the_points_say(
    points: list[MetricPoint], count: int, level: int
) -> None:
    first, last = min(p.step for p in points), max(p.step for p in points)
    parts = sorted(
        (each for each in summaries(points) if each.level == level), key=lambda each: each.stretch
    )

    buckets = bucketed(parts, first, last, count)

    assert 1 <= len(buckets) <= count + 1
    for bucket in buckets:
        inside = [p for p in points if bucket.start <= p.step <= bucket.end]
        values = [p.value for p in inside if not math.isnan(p.value)]
        assert bucket.low == min(values) if values else math.isnan(bucket.low)
        assert bucket.high == max(values) if values else math.isnan(bucket.high)
        assert bucket.last_step == max(p.step for p in inside)
    assert sum(b.start <= p.step <= b.end for p in points for b in buckets) == len(points)


@given(st.lists(POINTS, min_size=1, max_size=40), st.integers(1, 20))
def test_a_plot_of_points_is_bounded_and_covers_them(points: list[MetricPoint], count: int) -> None:
    first, last = min(p.step for p in points), max(p.step for p in points)
    ordered = sorted(points, key=lambda point: point.place)

    buckets = bucketed(exact(ordered), first, last, count)

    assert len(buckets) <= count
    assert buckets[0].start == first
    assert buckets[-1].last_step == last


@given(st.tuples(POINTS, POINTS, POINTS))
def test_summaries_may_be_merged_in_any_order_and_again(points: tuple[MetricPoint, ...]) -> None:
    one, two, three = (exact([MetricPoint(1, "loss", 0, p.at, p.value)])[0] for p in points)

    merge = merged(merged(one, two), three)

    assert merge == merged(one, merged(three, two)) == merged(merge, one)


@given(st.integers(0, 1 << 40), st.integers(0, 1 << 28))
def test_the_level_is_the_finest_that_is_not_too_much(first: int, span: int) -> None:
    level = level_for(first, first + span, 5_000)

    finer = [each for each in LEVELS if each < level]
    assert all((first + span >> each) - (first >> each) >= 5_000 for each in finer)
