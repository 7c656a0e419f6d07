"""Custom properties: the registry's typed values, and Kubeflow's, which name their types.

Kubeflow has integers, doubles, strings, booleans and structs. What else a document may hold is
shown as the nearest of these, and stays what it is unless somebody changes it.
"""

import base64
import binascii
import json
import math
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from core.errors import Invalid

PREFIX = "modelry."
"""Of properties that the registry shows and nobody can set."""

_VALUE = {
    "MetadataIntValue": "int_value",
    "MetadataDoubleValue": "double_value",
    "MetadataStringValue": "string_value",
    "MetadataBoolValue": "bool_value",
    "MetadataStructValue": "struct_value",
}
_INTEGERS = range(-(1 << 63), 1 << 63)


def shown(value: Any) -> dict[str, Any] | None:
    """A value as a property; None for nothing."""
    match value:
        case None:
            return None
        case bool():
            return {"bool_value": value, "metadataType": "MetadataBoolValue"}
        case int():
            return {"int_value": str(value), "metadataType": "MetadataIntValue"}
        case float():
            return {"double_value": value, "metadataType": "MetadataDoubleValue"}
        case Mapping():
            text = base64.b64encode(_json(value).encode()).decode()
            return {"struct_value": text, "metadataType": "MetadataStructValue"}
        case str():
            text = value
        case datetime():
            text = value.isoformat()
        case _:
            text = _json(value)
    return {"string_value": text, "metadataType": "MetadataStringValue"}


def all_shown(values: Mapping[str, Any]) -> dict[str, Any]:
    """Values by name as properties."""
    found = ((name, shown(value)) for name, value in values.items())
    return {name: value for name, value in found if value is not None}


def read_all(properties: Any) -> dict[str, Any]:
    """Values by name from properties. Raises `Invalid` naming the first that is none."""
    if properties is None:
        return {}
    if not isinstance(properties, Mapping):
        raise _wrong("customProperties", "must be an object")
    return {
        name: read(f"customProperties.{name}", value)
        for name, value in properties.items()
        if not name.startswith(PREFIX)
    }


def read(place: str, value: Any) -> Any:
    """The value of one property. Raises `Invalid`."""
    kind = value.get("metadataType") if isinstance(value, Mapping) else None
    if not isinstance(kind, str) or kind not in _VALUE:
        raise _wrong(place, f"must have a metadataType of {', '.join(_VALUE)}")
    field = _VALUE[kind]
    given = value.get(field)
    match kind:
        case "MetadataStringValue" if isinstance(given, str):
            return given
        case "MetadataBoolValue" if isinstance(given, bool):
            return given
        case "MetadataIntValue" if isinstance(given, str):
            return _integer(place, given)
        case "MetadataDoubleValue" if isinstance(given, int | float) and not isinstance(
            given, bool
        ):
            if math.isfinite(given):
                return float(given)
        case "MetadataStructValue" if isinstance(given, str):
            return _struct(place, given)
    raise _wrong(f"{place}.{field}", f"is no {kind}")


def replacing(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, Any]:
    """The merge patch (RFC 7396) that makes one map of the other; what is shown the same stays."""
    patch: dict[str, Any] = {name: None for name in before if name not in after}
    for name, value in after.items():
        old = before.get(name)
        if name in before and shown(old) == shown(value):
            continue
        if isinstance(old, Mapping) and isinstance(value, Mapping):
            patch[name] = replacing(old, value)
        else:
            patch[name] = value
    return patch


def _integer(place: str, text: str) -> int:
    try:
        number = int(text)
    except ValueError:
        number = _INTEGERS.stop
    if number not in _INTEGERS:
        raise _wrong(f"{place}.int_value", "is no integer of 64 bits")
    return number


def _struct(place: str, text: str) -> dict[str, Any]:
    try:
        raw = text if text.lstrip().startswith("{") else base64.b64decode(text, validate=True)
        found = json.loads(raw)
    except (ValueError, binascii.Error, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise _wrong(f"{place}.struct_value", "is no base64 of a JSON object")
    return found


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, default=lambda other: other.isoformat())


def _wrong(place: str, problem: str) -> Invalid:
    return Invalid(
        f"{place} {problem}.",
        next_step="Write it as the contract's MetadataValue, for example"
        ' {"string_value": "a", "metadataType": "MetadataStringValue"}.',
        problems=[(place, problem)],
    )
