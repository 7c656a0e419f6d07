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

Reader = Callable[[Any], Any]


def record(entity: Any) -> dict[str, Any]:
    """The fields of a dataclass as plain values."""
    found = {}
    for name in _names(type(entity)):  # type: ignore[arg-type]  # mypy: a class is not hashable
        value = getattr(entity, name)
        found[name] = value if type(value) in _PLAIN_TYPES else _plain(value)
    return found


def restore(kind: type[E], values: Mapping[str, Any]) -> E:
    """Build the entity again; fields that the record lacks take their defaults.

    Raises `TypeError` if a field without a default is missing.
    """
    readers = _readers(kind)  # type: ignore[arg-type]  # mypy: a class is not hashable
    return kind(
        **{
            name: values[name] if read is None else read(values[name])
            for name, read in readers.items()
            if name in values
        }
    )


@cache
def _names(kind: type[Any]) -> tuple[str, ...]:
    return tuple(field.name for field in fields(kind))


_PLAIN_TYPES = frozenset({type(None), bool, int, float, str, datetime})


def _plain(value: Any) -> Any:
    if type(value) in _PLAIN_TYPES:  # most are
        return value
    match value:
        case dict() | Mapping():  # a dict is told much faster than any mapping
            return {key: _plain(item) for key, item in value.items()}
        case Enum():
            return value.value
        case int() | float() | str() | datetime():
            return value
        case tuple() | list():
            return [_plain(item) for item in value]
        case _ if is_dataclass(value):
            return record(value)
    raise TypeError(f"a record cannot hold {type(value).__name__}")


@cache
def _readers(kind: type[Any]) -> dict[str, Reader | None]:
    hints = get_type_hints(kind)
    return {field.name: _reader(hints[field.name]) for field in fields(kind)}


def _reader(hint: Any) -> Reader | None:
    """What makes a field of its plain value; None where that is the same."""
    if get_origin(hint) in (Union, types.UnionType):
        (inner,) = (_reader(arm) for arm in get_args(hint) if arm is not type(None))
        return inner and (lambda value: None if value is None else inner(value))
    if get_origin(hint) is tuple:
        item = _reader(get_args(hint)[0])
        return tuple if item is None else lambda values: tuple(map(item, values))
    if isinstance(hint, type) and issubclass(hint, Enum):
        return hint
    if isinstance(hint, type) and is_dataclass(hint):
        return lambda values: restore(hint, values)
    return None
