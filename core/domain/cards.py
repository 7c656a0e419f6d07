"""The card of a model: what a reader wants to know of it first, typed so that every client finds
it in the same place."""

from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any

from core.domain.shapes import Problem, fields, list_of, text
from core.errors import Invalid

MAX_README_BYTES = 256 << 10
MAX_LOGO_BYTES = 128 << 10
_SHOWN = 20


def _long(limit_bytes: int) -> Any:
    def shape(place: str, value: Any) -> Iterator[Problem]:
        if not isinstance(value, str):
            yield place, "must be text"
        elif len(value.encode(errors="replace")) > limit_bytes:
            yield place, f"must have at most {limit_bytes >> 10} KiB"

    return shape


CARD = fields(
    {
        "readme": _long(MAX_README_BYTES),
        "maturity": text,
        "languages": list_of(text),
        "tasks": list_of(text),
        "provider": text,
        "logo": _long(MAX_LOGO_BYTES),
        "license": text,
        "license_link": text,
        "library": text,
    }
)
"""`readme` is Markdown; `logo` a web address or a `data:` URI; `languages` are BCP 47 tags."""


def check_card(card: Mapping[str, Any]) -> None:
    """Hold a card to what its known keys mean; unknown ones are kept. Raises `Invalid` naming
    each place that is wrong."""
    problems = list(islice(CARD("card", card), _SHOWN))
    if problems:
        place, message = problems[0]
        raise Invalid(
            f"The model card does not fit: {place} {message}.",
            next_step="Correct these places. Keys that the registry does not know may hold"
            " anything.",
            problems=problems,
        )
