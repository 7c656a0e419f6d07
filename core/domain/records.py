"""Entities as plain values and back: one mapping for what is stored and what events remember.

A record holds only None, bool, int, float, str, datetime, lists and dicts with string keys.
"""

import types
from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass
from datetime import datetime
from enum import Enum
from functools import cache
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints

E = TypeVar("E")


def record(entity: Any) -> dict[str, Any]:
    """The fields of a dataclass as plain values."""
    return {name: _plain(getattr(entity, name)) for name in _names(type(entity))}  # type: ignore[arg-type]


def restore(kind: type[E], values: Mapping[str, Any]) -> E:
    """Build the entity again; fields that the record lacks take their defaults.

    Raises `TypeError` if a field without a default is missing.
    """
    readers: dict[str, Callable[[Any], Any]] = _readers(kind)  # type: ignore[arg-type]
    return kind(**{name: read(values[name]) for name, read in readers.items() if name in values})


@cache
def _names(kind: type) -> tuple[str, ...]:
    return tuple(field.name for field in fields(kind))


def _plain(value: Any) -> Any:
    match value:
        case Enum():
            return value.value
        case None | bool() | int() | float() | str() | datetime():
            return value
        case Mapping():
            return {key: _plain(item) for key, item in value.items()}
        case tuple() | list():
            return [_plain(item) for item in value]
        case _ if is_dataclass(value):
            return record(value)
    raise TypeError(f"a record cannot hold {type(value).__name__}")


@cache
def _readers(kind: type) -> dict[str, Callable[[Any], Any]]:
    hints = get_type_hints(kind)
    return {name: _reader(hints[name]) for name in _names(kind)}


def _reader(hint: Any) -> Callable[[Any], Any]:
    if get_origin(hint) in (Union, types.UnionType):
        (inner,) = (_reader(arm) for arm in get_args(hint) if arm is not type(None))
        return lambda value: None if value is None else inner(value)
    if get_origin(hint) is tuple:
        item = _reader(get_args(hint)[0])
        return lambda values: tuple(item(value) for value in values)
    if isinstance(hint, type) and issubclass(hint, Enum):
        return hint
    if isinstance(hint, type) and is_dataclass(hint):
        return lambda values: restore(hint, values)
    return lambda value: value
