"""Free-form maps in documents: keys that MongoDB reserves are percent-escaped, and come back exact.

MongoDB takes dots and leading dollars in stored keys only in some places and versions, and the
driver reads `{"$ref": ...}` as something else altogether.
"""

from collections.abc import Callable, Mapping
from typing import Any

from core.domain.builds import BUILD_FIELDS

FREE_FORM = frozenset(
    {
        "tags",
        "metadata",
        "custom_properties",
        "aliases",
        "before",
        "after",
        "document",
        "latest",
        "measured",
        "inputs",
        "outputs",
        *BUILD_FIELDS,
    }
)
"""The fields, of any noun, whose keys were chosen by people."""


def escaped(record: Mapping[str, Any]) -> dict[str, Any]:
    """The record as it is stored; only its free-form fields are walked."""
    return _renamed(record, escape_key)


def restored(document: Mapping[str, Any]) -> dict[str, Any]:
    """The record that `escaped` was given."""
    return _renamed(document, restore_key)


def escape_key(key: str) -> str:
    """Escape what must be: every `%` and `.`, and a leading `$`."""
    if "%" in key or "." in key:
        key = key.replace("%", "%25").replace(".", "%2E")
    return f"%24{key[1:]}" if key.startswith("$") else key


def restore_key(key: str) -> str:
    """Undo `escape_key`."""
    if "%" not in key:
        return key
    return key.replace("%24", "$").replace("%2E", ".").replace("%25", "%")


def _renamed(fields: Mapping[str, Any], rename: Callable[[str], str]) -> dict[str, Any]:
    return {
        name: _walk(value, rename) if value and name in FREE_FORM else value
        for name, value in fields.items()
    }


def _walk(value: Any, rename: Callable[[str], str]) -> Any:
    if isinstance(value, dict):
        return {rename(key): _walk(item, rename) for key, item in value.items()}
    if isinstance(value, list):
        return [_walk(item, rename) for item in value]
    return value
