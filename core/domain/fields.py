"""What of an entity can be searched, by which name, and of which type it is."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum

from core.domain.builds import METRICS
from core.domain.search import (
    And,
    Comparison,
    Exists,
    In,
    Like,
    Not,
    Or,
    Path,
    Tree,
    Value,
    Words,
    check_size,
)
from core.errors import Invalid


class FieldKind(StrEnum):
    """What a field holds."""

    TEXT = "text"
    NUMBER = "a number"
    TIME = "a time"
    NAMES = "names"  # of which any may match: the aliases, the legal holds
    FLAT = "a map of values"  # whose keys may hold dots, and whose values are no maps
    MAP = "a map"
    RECORDS = "a list of maps"  # of which any may match: the data sets


@dataclass(frozen=True, slots=True)
class Field:
    """One searchable field: what it holds, the entity's attribute, and whether that may be None.

    A map that moves all the time is not indexed: what it holds narrows no search down.
    """

    kind: FieldKind
    attribute: str
    is_optional: bool = False
    is_indexed: bool = True


@dataclass(frozen=True, slots=True)
class Fields:
    """The searchable fields of one noun; `model` is the one that names the model it is of."""

    noun: str
    by_name: Mapping[str, Field]
    model: str = "name"

    def __getitem__(self, path: Path) -> Field:
        return self.by_name[path.field]


def common_fields() -> dict[str, Field]:
    """What can be searched of whatever is described and has an id."""
    text, number, time = FieldKind.TEXT, FieldKind.NUMBER, FieldKind.TIME
    return {
        "id": Field(number, "id"),
        "namespace": Field(text, "namespace"),
        "description": Field(text, "description"),
        "owner": Field(text, "owner", is_optional=True),
        "external_id": Field(text, "external_id", is_optional=True),
        "created_at": Field(time, "created_at"),
        "created_by": Field(text, "created_by"),
        "updated_at": Field(time, "updated_at"),
        "updated_by": Field(text, "updated_by"),
        "revision": Field(number, "revision"),
        "tags": Field(FieldKind.FLAT, "tags"),
        "metadata": Field(FieldKind.MAP, "metadata"),
        "custom_properties": Field(FieldKind.MAP, "custom_properties"),
    }


_REGISTERED = {
    "state": Field(FieldKind.TEXT, "state"),
    "alias": Field(FieldKind.NAMES, "aliases"),
    "hold": Field(FieldKind.NAMES, "hold_references"),
}
MODEL_FIELDS = Fields(
    "model",
    {
        "name": Field(FieldKind.TEXT, "name"),
        "model_type": Field(FieldKind.TEXT, "model_type", is_optional=True),
        "last_version": Field(FieldKind.NUMBER, "last_version"),
        "card": Field(FieldKind.MAP, "card"),
        "compliance": Field(FieldKind.MAP, "compliance"),
        **_REGISTERED,
        **common_fields(),
    },
)
VERSION_FIELDS = Fields(
    "version",
    {
        "name": Field(FieldKind.TEXT, "model"),
        "model": Field(FieldKind.TEXT, "model"),
        "model_id": Field(FieldKind.NUMBER, "model_id"),
        "run_id": Field(FieldKind.NUMBER, "run_id", is_optional=True),
        "number": Field(FieldKind.NUMBER, "number"),
        "version_name": Field(FieldKind.TEXT, "name", is_optional=True),
        "version": Field(FieldKind.TEXT, "version", is_optional=True),
        "retention": Field(FieldKind.TEXT, "retention"),
        "stage": Field(FieldKind.TEXT, "stage", is_optional=True),
        "fingerprint": Field(FieldKind.TEXT, "fingerprint", is_optional=True),
        "digest": Field(FieldKind.TEXT, "digest", is_optional=True),
        **{
            name: Field(FieldKind.TEXT, name, is_optional=True)
            for name in ("license", "model_type", "approval_note")
        },
        "notes": Field(FieldKind.TEXT, "notes"),
        "authors": Field(FieldKind.NAMES, "authors"),
        "file_count": Field(FieldKind.NUMBER, "file_count"),
        "size_bytes": Field(FieldKind.NUMBER, "size_bytes"),
        "ready_at": Field(FieldKind.TIME, "ready_at", is_optional=True),
        **{name: Field(FieldKind.FLAT, name) for name in METRICS},
        **{
            name: Field(FieldKind.MAP, name)
            for name in (
                *("parameters", "tuning", "code", "signature", "environment", "framework"),
                *("explainability", "compliance", "fairness", "serving", "origin"),
            )
        },
        **{name: Field(FieldKind.RECORDS, name) for name in ("datasets", "artifacts")},
        **_REGISTERED,
        **common_fields(),
    },
)
ARTIFACT_FIELDS = Fields(
    "artifact",
    {
        "name": Field(FieldKind.TEXT, "name"),
        "kind": Field(FieldKind.TEXT, "kind"),
        **{
            name: Field(FieldKind.TEXT, name, is_optional=True)
            for name in ("model", "path", "uri", "digest", "media_type")
        },
        **{
            name: Field(FieldKind.NUMBER, name, is_optional=True)
            for name in ("number", "version_id", "run_id", "experiment_id", "size_bytes")
        },
        "details": Field(FieldKind.MAP, "details"),
        "state": _REGISTERED["state"],
        **common_fields(),
    },
    model="model",
)


def bound_path(path: Path, fields: Fields) -> Path:
    """The path with the keys of a flat map as one (`tags.team.name` is the tag `team.name`).

    Raises `Invalid` if there is no such field, or no such place in it.
    """
    field = fields.by_name.get(path.field)
    if field is None:
        raise Invalid(
            f"A {fields.noun} has no searchable field {path.field[:60]!a}.",
            next_step=f"What people named themselves is in a map: tags.{path.field[:60]}, or"
            f" metrics.… of a version. Fields: {', '.join(sorted(fields.by_name))}.",
        )
    is_map = field.kind in {FieldKind.MAP, FieldKind.FLAT, FieldKind.RECORDS}
    if is_map and not path.keys:
        raise Invalid(
            f"{path.field} is {field.kind}.",
            next_step=f"Name a key in it, such as {path.field}.key.",
        )
    if path.keys and not is_map:
        raise Invalid(
            f"{path.field} is {field.kind}; there is nothing below it.",
            next_step=f"Write {path.field} alone.",
        )
    if any(not key or "\0" in key or _is_broken(key) for key in path.keys):
        raise Invalid(f"A key of {path.field} is none that can be.", next_step="Check the key.")
    return replace(path, keys=(".".join(path.keys),)) if field.kind is FieldKind.FLAT else path


def bound(tree: Tree, fields: Fields) -> Tree:
    """The tree as one on this noun: paths checked, literals of the type of what they compare to.

    Raises `Invalid` for unknown fields, literals that can never compare, and trees that are too
    large (`check_size`).
    """
    check_size(tree)
    return _bound(tree, fields)


def _bound(tree: Tree, fields: Fields) -> Tree:
    match tree:
        case And(terms):
            return And(tuple(_bound(term, fields) for term in terms))
        case Or(terms):
            return Or(tuple(_bound(term, fields) for term in terms))
        case Not(term):
            return Not(_bound(term, fields))
        case Words():
            return tree
        case Exists(path):
            return Exists(bound_path(path, fields))
        case Comparison(path, operator, value):
            path = bound_path(path, fields)
            return Comparison(path, operator, _literal(value, path, fields))
        case In(path, values):
            path = bound_path(path, fields)
            return In(path, tuple(_literal(value, path, fields) for value in values))
        case Like(path):
            path = bound_path(path, fields)
            if fields[path].kind in {FieldKind.NUMBER, FieldKind.TIME}:
                raise Invalid(
                    f"{path.field} is {fields[path].kind}; LIKE is for text.",
                    next_step="Compare it with = or <.",
                )
            return replace(tree, path=path)


def _literal(value: Value, path: Path, fields: Fields) -> Value:
    kind = fields[path].kind
    match kind:
        case FieldKind.TIME if isinstance(value, str):
            return time_literal(value, path.field)
        case FieldKind.TIME if isinstance(value, datetime):
            return _cut(value)
        case FieldKind.NUMBER if isinstance(value, (int, float)) and not isinstance(value, bool):
            return value
        case FieldKind.TEXT | FieldKind.NAMES if isinstance(value, str):
            return value
        case FieldKind.FLAT | FieldKind.MAP | FieldKind.RECORDS if not isinstance(value, datetime):
            return value
    raise Invalid(
        f"{path.field} holds {kind}, which {value!r:.60} can never compare with.",
        next_step={
            FieldKind.TIME: "Write times as '2026-01-31T12:00:00Z'.",
            FieldKind.NUMBER: "Write a number without quotes.",
        }.get(kind, "Write text in single quotes."),
    )


def time_literal(text: str, where: str) -> datetime:
    """The instant of an RFC 3339 text (or a date alone: midnight UTC). Raises `Invalid`."""
    try:
        at = datetime.fromisoformat(text)
        if at.tzinfo is None and len(text) == len("2026-01-31"):
            at = at.replace(tzinfo=UTC)
        if at.tzinfo is not None:
            return _cut(at)
    except (ValueError, OverflowError):
        pass
    raise Invalid(
        f"{where} is a time, and {text[:60]!a} is none.",
        next_step="Write times as '2026-01-31T12:00:00Z' (RFC 3339, with a zone).",
    )


def _cut(at: datetime) -> datetime:
    """In UTC, to the millisecond: more no stored time has."""
    at = at.astimezone(UTC)
    return at.replace(microsecond=at.microsecond // 1000 * 1000)


def _is_broken(key: str) -> bool:
    try:
        key.encode()
    except UnicodeEncodeError:
        return True
    return False
