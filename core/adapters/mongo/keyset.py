"""Keyset pages: the range that follows an equality prefix, and the directions to read it in."""

from collections.abc import Sequence
from typing import Any

ASCENDING = 1
DESCENDING = -1


def after_key(field: str, key: Any) -> dict[str, Any]:
    """Only what sorts after the key; everything if that is None."""
    return {} if key is None else {field: {"$gt": key}}


def among_keys(field: str, key: Any, among: Sequence[Any] | None) -> dict[str, Any]:
    """The same of these keys alone, unless that is None."""
    bounds = after_key(field, key)
    return bounds if among is None else {field: {**bounds.get(field, {}), "$in": list(among)}}


def before_key(field: str, key: Any) -> dict[str, Any]:
    """Only what sorts before the key; everything if that is None."""
    return {} if key is None else {field: {"$lt": key}}
