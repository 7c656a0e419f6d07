"""A namespace's own rules for version documents: JSON Schema 2020-12, in a subset that is safe.

Nothing outside of the schema is ever referred to, and what it costs to apply is bounded. Which
keywords there are is a closed list, so that a slip of the pen is found when the schema is set.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from core.domain.builds import BUILD_FIELDS, check_model_type
from core.domain.common import DESCRIBING
from core.domain.documents import check_document
from core.domain.names import check_namespace_name
from core.domain.patterns import check_pattern
from core.domain.records import record
from core.domain.versions import ModelVersion
from core.errors import Invalid, TooLarge

ANY_TYPE = "*"
DIALECT = "https://json-schema.org/draft/2020-12/schema"
MAX_SCHEMA_BYTES = 64 << 10
MAX_SCHEMA_DEPTH = 32

_ONE = ("not", "if", "then", "else", "items", "contains", "propertyNames", "additionalProperties")
_SEVERAL = ("allOf", "anyOf", "oneOf", "prefixItems")
_NAMED = ("properties", "patternProperties", "dependentSchemas", "$defs")
_PLAIN = (
    "$schema", "$comment", "title", "description", "default", "examples", "deprecated", "readOnly",
    "writeOnly", "type", "enum", "const", "multipleOf", "maximum", "exclusiveMaximum", "minimum",
    "exclusiveMinimum", "maxLength", "minLength", "pattern", "maxItems", "minItems", "uniqueItems",
    "maxContains", "minContains", "maxProperties", "minProperties", "required",
    "dependentRequired", "format", "$ref",
)  # fmt: skip
KEYWORDS = frozenset({*_ONE, *_SEVERAL, *_NAMED, *_PLAIN})


@dataclass(frozen=True, slots=True, kw_only=True)
class Schema:
    """What the documents of a namespace's versions of one model type must satisfy; `*` is all.

    `revision` counts what happened to this model type's schema, removals among it.
    """

    namespace: str
    model_type: str
    document: Mapping[str, Any]
    created_at: datetime
    created_by: str
    updated_at: datetime
    updated_by: str
    revision: int = 1

    def __post_init__(self) -> None:
        check_namespace_name(self.namespace)
        check_schema_name(self.model_type)


def check_schema_name(model_type: str) -> str:
    """Return a model type or `*`; raise `Invalid` for what is neither."""
    return model_type if model_type == ANY_TYPE else check_model_type(model_type)


def check_schema(document: Any) -> Mapping[str, Any]:
    """Return the JSON Schema if it is within the subset.

    Raises `Invalid` naming the place of a keyword that is not, `TooLarge` over 64 KiB.
    """
    check_document("schema", document)
    if len(json.dumps(document, ensure_ascii=False).encode()) > MAX_SCHEMA_BYTES:
        raise TooLarge(
            f"The schema is over {MAX_SCHEMA_BYTES >> 10} KiB.",
            next_step="Check the finer points in a pipeline before registering.",
        )
    definitions = document.get("$defs")
    known = definitions.keys() if isinstance(definitions, Mapping) else frozenset[str]()
    _walk("schema", document, frozenset(known), 1)
    return document


def described(version: ModelVersion) -> dict[str, Any]:
    """What schemas see of a version: all that callers say of it, without what is empty."""
    names = sorted(DESCRIBING | BUILD_FIELDS.keys())
    empty: tuple[Any, ...] = (None, "", {}, [])
    whole = record(version)
    return {name: whole[name] for name in names if whole[name] not in empty}


def _walk(place: str, schema: Any, definitions: frozenset[str], depth: int) -> None:
    if isinstance(schema, bool):
        return
    if not isinstance(schema, Mapping):
        raise _invalid(place, "must be a schema: a map, true or false")
    if depth > MAX_SCHEMA_DEPTH:
        raise _invalid(place, f"is nested deeper than {MAX_SCHEMA_DEPTH} levels")
    for keyword, value in schema.items():
        here = f"{place}.{keyword}"
        if keyword not in KEYWORDS and not keyword.startswith("x-"):
            raise _invalid(here, "is no keyword that can be used here")
        if keyword == "$schema" and (value != DIALECT or depth > 1):
            raise _invalid(here, f"must be {DIALECT}, at the top alone")
        if keyword == "$ref" and not _is_internal(value, definitions):
            raise _invalid(here, "must be '#' or '#/$defs/NAME', with that name at the top")
        if keyword == "pattern" and isinstance(value, str):
            check_pattern(here, value)
        if keyword == "patternProperties" and isinstance(value, Mapping):
            for pattern in value:
                check_pattern(f"{here}.{pattern}", pattern)
        for name, inner in _inner(keyword, value):
            _walk(f"{here}{name}", inner, definitions, depth + 1)


def _inner(keyword: str, value: Any) -> list[tuple[str, Any]]:
    """The schemas within a keyword's value, each with where it is."""
    if keyword in _ONE:
        return [("", value)]
    if keyword in _SEVERAL and isinstance(value, Sequence) and not isinstance(value, str):
        return [(f".{at}", each) for at, each in enumerate(value)]
    if keyword in _NAMED and isinstance(value, Mapping):
        return [(f".{name}", each) for name, each in value.items()]
    return []


def _is_internal(reference: Any, definitions: frozenset[str]) -> bool:
    if not isinstance(reference, str):
        return False
    return reference == "#" or reference.removeprefix("#/$defs/") in (
        definitions if reference.startswith("#/$defs/") else ()
    )


def _invalid(place: str, fault: str) -> Invalid:
    return Invalid(
        f"The schema cannot be used: {place} {fault}.",
        next_step="Use JSON Schema 2020-12 without references to elsewhere, $dynamicRef and"
        " unevaluated… keywords; keys of your own begin with 'x-'.",
        problems=[(place, fault)],
    )
