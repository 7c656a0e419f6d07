"""What an entity has at the path of a searchable field."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from core.domain.fields import FieldKind, Fields
from core.domain.search import Path


def value_at(entity: Any, path: Path, fields: Fields) -> Any:
    """What the entity has there; None if nothing (or a null). Of several, see `values_at`."""
    value = _below(getattr(entity, fields[path].attribute), path)
    return value.value if isinstance(value, StrEnum) else value


def values_at(entity: Any, path: Path, fields: Fields) -> tuple[Any, ...]:
    """All that the entity has there: each name, what each of the records has, or the one value."""
    field = fields[path]
    match field.kind:
        case FieldKind.NAMES:
            return tuple(getattr(entity, field.attribute))
        case FieldKind.RECORDS:
            return tuple(_below(each, path) for each in getattr(entity, field.attribute))
    return (value_at(entity, path, fields),)


def is_there(entity: Any, path: Path, fields: Fields) -> bool:
    """Whether the entity has something there; a null in a map is something."""
    field = fields[path]
    value = getattr(entity, field.attribute)
    if not path.keys:
        return value is not None and value != () and value != {}
    records = value if field.kind is FieldKind.RECORDS else (value,)
    return any(_below(each, path, _NOTHING) is not _NOTHING for each in records)


_NOTHING = object()


def _below(value: Any, path: Path, default: Any = None) -> Any:
    for key in path.keys:
        if not isinstance(value, Mapping) or key not in value:
            return default
        value = value[key]
    return value
