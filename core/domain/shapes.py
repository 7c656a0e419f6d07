"""What shape a JSON value must have, composed of small rules that name every place at fault."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date as Date
from typing import Any

Problem = tuple[str, str]
"""(place, what is wrong there); a place is a path such as `datasets.0.features.2.importance`."""

Shape = Callable[[str, Any], Iterator[Problem]]
"""Yields the problems of the value at the place."""

MAX_TEXT_CHARACTERS = 2_048
MAX_PROSE_CHARACTERS = 65_536


def text(place: str, value: Any) -> Iterator[Problem]:
    """Text of at most 2048 characters, not empty."""
    if not isinstance(value, str):
        yield place, "must be text"
    elif not 0 < len(value) <= MAX_TEXT_CHARACTERS:
        yield place, f"must have 1 to {MAX_TEXT_CHARACTERS} characters"


def prose(place: str, value: Any) -> Iterator[Problem]:
    """Text of at most 65 536 characters, with more in it than spaces."""
    if not isinstance(value, str):
        yield place, "must be text"
    elif not value.strip() or len(value) > MAX_PROSE_CHARACTERS:
        yield place, f"must have 1 to {MAX_PROSE_CHARACTERS} characters, and not all spaces"


def date(place: str, value: Any) -> Iterator[Problem]:
    """A day, as text (ISO 8601): 2026-01-31."""
    try:
        if isinstance(value, str) and Date.fromisoformat(value).isoformat() == value:
            return
    except ValueError:
        pass
    yield place, "must be a date, as in 2026-01-31"


def number(place: str, value: Any) -> Iterator[Problem]:
    """An integer or a float; true and false are none."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        yield place, "must be a number"


def count(place: str, value: Any) -> Iterator[Problem]:
    """An integer from 0."""
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        yield place, "must be an integer from 0"


def boolean(place: str, value: Any) -> Iterator[Problem]:
    """True or false."""
    if not isinstance(value, bool):
        yield place, "must be true or false"


def mapping(place: str, value: Any) -> Iterator[Problem]:
    """A map of whatever."""
    if not isinstance(value, Mapping):
        yield place, "must be a map"


def web_address(place: str, value: Any) -> Iterator[Problem]:
    """An http or https URL, as text."""
    yield from text(place, value)
    if isinstance(value, str) and not value.startswith(("https://", "http://")):
        yield place, "must begin with https:// or http://"


def one_of(*words: str) -> Shape:
    """One of these words."""

    def shape(place: str, value: Any) -> Iterator[Problem]:
        if value not in words:
            yield place, f"must be one of: {', '.join(words)}"

    return shape


def either(*shapes: Shape) -> Shape:
    """Whatever one of the shapes takes."""

    def shape(place: str, value: Any) -> Iterator[Problem]:
        found = [list(each(place, value)) for each in shapes]
        if all(found):
            yield place, " or ".join(problems[0][1] for problems in found)

    return shape


def list_of(item: Shape) -> Shape:
    """A list, each of whose items has the shape."""

    def shape(place: str, value: Any) -> Iterator[Problem]:
        if isinstance(value, str) or not isinstance(value, Sequence):
            yield place, "must be a list"
            return
        for at, each in enumerate(value):
            yield from item(f"{place}.{at}", each)

    return shape


def map_of(item: Shape) -> Shape:
    """A map, each of whose values has the shape."""

    def shape(place: str, value: Any) -> Iterator[Problem]:
        yield from mapping(place, value)
        if isinstance(value, Mapping):
            for name, each in value.items():
                yield from item(f"{place}.{name}", each)

    return shape


def fields(known: Mapping[str, Shape], *, required: Sequence[str] = ()) -> Shape:
    """A map whose known keys have their shapes; None stands for a key that is not there, and
    unknown keys are nobody's business."""

    def shape(place: str, value: Any) -> Iterator[Problem]:
        yield from mapping(place, value)
        if not isinstance(value, Mapping):
            return
        for name in required:
            if value.get(name) is None:
                yield f"{place}.{name}", "is missing"
        for name, item in known.items():
            if value.get(name) is not None:
                yield from item(f"{place}.{name}", value[name])

    return shape
