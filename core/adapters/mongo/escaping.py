"""Free-form maps in documents: keys that MongoDB reserves are percent-escaped, and come back exact.

MongoDB takes dots and leading dollars in stored keys only in some places and versions, and the
driver reads `{"$ref": ...}` as something else altogether.
"""

from collections.abc import Mapping
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
        *BUILD_FIELDS,
    }
)
"""The fields, of any noun, whose keys were chosen by people."""


def escaped(record: Mapping[str, Any]) -> dict[str, Any]:
    """The record as it is stored; only its free-form fields are walked."""
    return {
        name: _walk(value, escape_key) if name in FREE_FORM else value
        for name, value in record.items()
    }


def restored(document: Mapping[str, Any]) -> dict[str, Any]:
    """The record that `escaped` was given."""
    return {
        name: _walk(value, restore_key) if name in FREE_FORM else value
        for name, value in document.items()
    }


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


def _walk(value: Any, rename: Any) -> Any:
    match value:
        case dict():
            return {rename(key): _walk(item, rename) for key, item in value.items()}
        case list():
            return [_walk(item, rename) for item in value]
    return value
