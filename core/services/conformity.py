"""Whether a document satisfies a schema: `jsonschema`, loaded when there is a schema, on a budget.

Schemas come from owners of namespaces and documents from writers: neither may keep a function busy
for longer than a registration is worth.
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sized
from itertools import islice
from typing import Any

from core.domain.models import RegisteredModel
from core.domain.patterns import cost
from core.domain.schemas import ANY_TYPE, KEYWORDS, Schema, described
from core.domain.versions import ModelVersion
from core.errors import Invalid
from core.ports import Stores

MAX_STEPS = 300_000
PATTERN_STEPS = 50
"""How many steps of the pattern engine count as one of ours."""

_SHOWN = 20
_MESSAGE_CHARACTERS = 300

Keyword = Callable[[Any, Any, Any, Any], Any]


def check_is_schema(document: Mapping[str, Any]) -> None:
    """Raise `Invalid` naming the places where the document is no JSON Schema 2020-12."""
    from jsonschema import Draft202012Validator

    errors = Draft202012Validator(Draft202012Validator.META_SCHEMA).iter_errors(document)
    problems = [_problem("schema", error) for error in islice(errors, _SHOWN)]
    if problems:
        place, message = problems[0]
        raise Invalid(
            f"This is no JSON Schema, at {place}: {message}.",
            next_step="Correct it as JSON Schema 2020-12 defines it.",
            problems=problems,
        )


def check_against_schemas(stores: Stores, model: RegisteredModel, version: ModelVersion) -> None:
    """Raise `Invalid` naming each place where a new version fails the schemas of its namespace:
    the one for its model type (else its model's), and the one for all."""
    model_type = version.model_type or model.model_type
    names = {ANY_TYPE} if model_type is None else {ANY_TYPE, model_type}
    for schema in stores.schemas.among(version.namespace, names):
        check_conforms(described(version), schema)


def check_conforms(document: Mapping[str, Any], schema: Schema) -> None:
    """Raise `Invalid` naming each place where the document does not satisfy the schema."""
    whose = f"the schema of {schema.namespace!r} for the model type {schema.model_type!r}"
    problems = faults(document, schema.document, whose)
    if problems:
        place, message = problems[0]
        raise Invalid(
            f"The version does not satisfy {whose}, at {place}: {message}.",
            next_step="Correct these places, or ask an owner of the namespace about its schema.",
            problems=problems,
        )


def faults(
    document: Mapping[str, Any], schema: Mapping[str, Any], whose: str
) -> list[tuple[str, str]]:
    """The places where the document does not satisfy the schema, the first twenty.

    Raises `Invalid` if that takes too long to find out.
    """
    from referencing import Registry

    # Without `$schema`, by which the library would choose a class that has no budget.
    rules = {name: value for name, value in schema.items() if name != "$schema"}
    validator = _validator_class(_Budget(MAX_STEPS))(rules, registry=Registry())
    try:
        return [
            _problem("version", error) for error in islice(validator.iter_errors(document), _SHOWN)
        ]
    except (RecursionError, ArithmeticError, _SpentError):
        raise Invalid(
            f"It takes too long to check this version against {whose}.",
            next_step="Ask an owner of the namespace to make the schema simpler.",
        ) from None


class _SpentError(Exception):
    """The budget is used up."""


class _Budget:
    def __init__(self, steps: int) -> None:
        self._left = steps

    def spend(self, steps: int) -> None:
        self._left -= steps
        if self._left < 0:
            raise _SpentError


def _validator_class(budget: _Budget) -> Any:
    from jsonschema import Draft202012Validator
    from jsonschema.validators import extend

    keywords = {**Draft202012Validator.VALIDATORS, "uniqueItems": _unique_items}
    counted = {
        name: _counted(name, keyword, budget)
        for name, keyword in keywords.items()
        if name in KEYWORDS
    }
    return extend(Draft202012Validator, counted)


def _counted(name: str, keyword: Keyword, budget: _Budget) -> Keyword:
    """The keyword, charged by the sizes of what it works on before it does."""

    def checked(validator: Any, value: Any, instance: Any, schema: Any) -> Iterator[Any]:
        budget.spend(1 + _length(value) + _length(instance))
        for pattern, text in _searches(name, instance, schema):
            budget.spend(cost(pattern, len(text)) // PATTERN_STEPS)
        yield from keyword(validator, value, instance, schema) or ()

    return checked


def _searches(keyword: str, instance: Any, schema: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """The patterns that the keyword is going to search for, and where."""
    if keyword == "pattern" and isinstance(instance, str):
        yield schema["pattern"], instance
    if keyword in {"patternProperties", "additionalProperties"} and isinstance(instance, Mapping):
        patterns = schema.get("patternProperties", ())
        yield from ((pattern, name) for pattern in patterns for name in instance)


def _unique_items(validator: Any, unique: bool, items: Any, schema: Any) -> Iterator[Any]:
    """In linear time, where the library compares every pair."""
    from jsonschema import ValidationError

    if unique and isinstance(items, list):
        seen = {json.dumps(_comparable(item), sort_keys=True) for item in items}
        if len(seen) < len(items):
            yield ValidationError("has items that are equal")


def _comparable(value: Any) -> Any:
    """JSON Schema holds 1 and 1.0 for the same number."""
    match value:
        case bool():
            return value
        case float() if value.is_integer():
            return int(value)
        case Mapping():
            return {name: _comparable(item) for name, item in value.items()}
        case list():
            return [_comparable(item) for item in value]
    return value


def _length(value: Any) -> int:
    return len(value) if isinstance(value, Sized) and not isinstance(value, str) else 0


def _problem(top: str, error: Any) -> tuple[str, str]:
    place = ".".join([top, *(str(step) for step in error.absolute_path)])
    message = re.sub(r"\s+", " ", error.message)
    if len(message) > _MESSAGE_CHARACTERS:
        message = f"{message[: _MESSAGE_CHARACTERS - 1]}…"
    return place[:_MESSAGE_CHARACTERS], message
