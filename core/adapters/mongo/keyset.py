"""Keyset pages: the range that follows an equality prefix, and the directions to read it in."""

from typing import Any

ASCENDING = 1
DESCENDING = -1


def after_key(field: str, key: Any) -> dict[str, Any]:
    """Only what sorts after the key; everything if that is None."""
    return {} if key is None else {field: {"$gt": key}}


def before_key(field: str, key: Any) -> dict[str, Any]:
    """Only what sorts before the key; everything if that is None."""
    return {} if key is None else {field: {"$lt": key}}
