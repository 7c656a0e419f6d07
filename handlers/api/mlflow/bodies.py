"""What a request holds, by the rules of protobuf's JSON: the query of a GET, the body of all else.

Null is absent, unknown fields are ignored, numbers of 64 bits may be text, and text may not be a
number. `Fields` gives each value as what an operation expects, or raises `Invalid`.
"""

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import Depends, Request

from core.errors import Invalid

_TRUTH = {True: True, False: False, "true": True, "false": False}


class Fields:
    """The fields of a request, or of one object in it. `place` is where that object stands."""

    def __init__(self, values: Mapping[str, Any], place: str = "") -> None:
        self._values = values
        self._place = place

    def has(self, name: str) -> bool:
        """Whether there is a value."""
        return self._values.get(name) is not None

    def text(self, name: str) -> str | None:
        """Text; None if there is none."""
        value = self._values.get(name)
        if value is None or isinstance(value, str):
            return value
        raise self._wrong(name, "text")

    def required(self, name: str) -> str:
        """Text that is not empty."""
        value = self.text(name)
        if not value:
            raise self._missing(name)
        return value

    def number(self, name: str) -> int | None:
        """A whole number of 64 bits, as a number or as text."""
        value = self._values.get(name)
        if value is None or value == "":
            return None
        if isinstance(value, str) and len(value) <= 20 and value.isascii():
            digits = value[1:] if value[0] in "+-" else value
            value = int(value) if digits.isdigit() else value
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        if type(value) is not int or value.bit_length() > 63:
            raise self._wrong(name, "a whole number of 64 bits")
        return value

    def required_number(self, name: str) -> int:
        """A whole number that has to be there."""
        value = self.number(name)
        if value is None:
            raise self._missing(name)
        return value

    def decimal(self, name: str) -> float | None:
        """A number, or `NaN`, `Infinity` and `-Infinity` as text."""
        value = self._values.get(name)
        if value is None:
            return None
        if isinstance(value, str | int | float) and not isinstance(value, bool):
            try:
                return float(value)
            except (ValueError, OverflowError):
                pass
        raise self._wrong(name, "a number")

    def flag(self, name: str) -> bool:
        """True or false; false if it is not there."""
        value = self._values.get(name)
        if value is None:
            return False
        if isinstance(value, str):
            value = value.lower()
        if not isinstance(value, bool | str) or value not in _TRUTH:
            raise self._wrong(name, "true or false")
        return _TRUTH[value]

    def texts(self, name: str) -> list[str]:
        """A list of texts; one text alone is a list of one."""
        value = self._values.get(name)
        if value is None:
            return []
        items = [value] if isinstance(value, str) else value
        if not isinstance(items, list) or not all(isinstance(item, str) for item in items):
            raise self._wrong(name, "a list of texts")
        return items

    def entry(self, name: str) -> "Fields | None":
        """One object; None if there is none."""
        value = self._values.get(name)
        if value is None:
            return None
        if not isinstance(value, dict):
            raise self._wrong(name, "an object")
        return Fields(value, f"{self._place}{name}.")

    def entries(self, name: str) -> "list[Fields]":
        """A list of objects."""
        value = self._values.get(name)
        if value is None:
            return []
        if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
            raise self._wrong(name, "a list of objects")
        return [Fields(item, f"{self._place}{name}[{at}].") for at, item in enumerate(value)]

    def pairs(self, name: str) -> dict[str, str]:
        """A list of `{"key", "value"}` as a map; of equal keys the last one counts."""
        return {each.required("key"): each.text("value") or "" for each in self.entries(name)}

    def _missing(self, name: str) -> Invalid:
        return Invalid(
            f"Missing value for required parameter '{self._place}{name}'.",
            next_step="See the documentation of MLflow's REST API for what a request holds.",
        )

    def _wrong(self, name: str, expected: str) -> Invalid:
        return Invalid(
            f"The parameter '{self._place}{name}' is not {expected}.",
            next_step="Send it as MLflow's REST API documents it.",
        )


async def fields(request: Request) -> Fields:
    """What the request holds. Raises `Invalid` for a body that is no JSON object."""
    if request.method == "GET" and request.query_params:
        query = request.query_params
        found = {name: query.getlist(name) for name in query}
        return Fields(
            {name: values[0] if len(values) == 1 else values for name, values in found.items()}
        )
    if not await request.body():
        return Fields({})
    body = await request.json()
    if not isinstance(body, dict):
        raise Invalid("The body is no JSON object.", next_step="Send an object: {…}.")
    return Fields(body)


CurrentFields = Annotated[Fields, Depends(fields)]
