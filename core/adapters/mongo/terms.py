"""Terms: what an entity equals, hashed, so that one index answers equality at any path at all.

A term is a number of 63 bits made of the namespace, a path and a value. It only narrows a search
down: what has the term is looked at again, so that two things with one term do no harm.
"""

import hashlib
from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any

from core.domain.fields import FieldKind, Fields
from core.domain.places import values_at
from core.domain.search import Path, Value
from core.domain.words import entity_words

MAX_MAP_TERMS = 1_000
"""Of one entity's maps. One with more has the term `overflowing` as well."""

ATTRIBUTES = frozenset(
    {
        *("id", "name", "model", "model_id", "number", "version", "fingerprint", "digest"),
        *("state", "license", "owner", "external_id", "created_by", "updated_by", "alias"),
        *("model_type", "authors", "hold", "stage"),
        *("version_name", "kind", "uri", "version_id", "run_id"),
        *("environment", "environment_id", "follows", "pinned", "runtime"),
        *("desired_state", "observed_state", "experiment_id", "parent_id", "status"),
    }
)
"""The attributes that have terms; what each entity has another value of needs none."""


def derived(entity: Any, fields: Fields) -> dict[str, Any]:
    """The stored fields that searches go by: the indexed `terms`, and the `words` themselves."""
    words = entity_words(entity)
    namespace = entity.namespace
    terms = {whole(namespace)}
    terms.update(word_term(namespace, word) for word in words)
    for name in ATTRIBUTES & fields.by_name.keys():
        path = Path(name)
        if fields[path].kind in {FieldKind.FLAT, FieldKind.MAP}:
            continue  # the environment of a version is a map, that of a deployment is a name
        values = values_at(entity, path, fields)
        terms.update(value_term(namespace, path, each) for each in values if each is not None)
    leaves = list(islice(_leaves(entity, fields), MAX_MAP_TERMS + 1))
    if len(leaves) > MAX_MAP_TERMS:
        terms.add(overflowing(namespace))
    terms.update(value_term(namespace, *leaf) for leaf in leaves[:MAX_MAP_TERMS])
    return {"terms": sorted(terms), "words": list(words)}


def whole(namespace: str) -> int:
    """The term of everything in the namespace."""
    return _hash(namespace, "*")


def overflowing(namespace: str) -> int:
    """The term of what has more in its maps than is indexed."""
    return _hash(namespace, "+")


def word_term(namespace: str, word: str) -> int:
    """The term of what has the word."""
    return _hash(namespace, "w", word)


def value_term(namespace: str, path: Path, value: Value) -> int:
    """The term of what has this value at the path; numbers that are equal have one."""
    match value:
        case bool():
            canonical = f"b{value}"
        case float() if value.is_integer():
            canonical = f"n{int(value)}"
        case int() | float():
            canonical = f"n{value!r}"
        case _:
            canonical = f"t{value}"
    return _hash(namespace, "=", path.field, *path.keys, canonical)


def _leaves(entity: Any, fields: Fields) -> Iterator[tuple[Path, Value]]:
    for name, field in fields.by_name.items():
        if field.kind in {FieldKind.FLAT, FieldKind.MAP} and field.is_indexed:
            yield from _walk(name, (), getattr(entity, field.attribute))
        elif field.kind is FieldKind.RECORDS:
            for each in getattr(entity, field.attribute):
                yield from _walk(name, (), each)


def _walk(name: str, keys: tuple[str, ...], value: Any) -> Iterator[tuple[Path, Value]]:
    if isinstance(value, Mapping):
        for key, item in value.items():
            yield from _walk(name, (*keys, key), item)
    elif isinstance(value, (bool, int, float, str)):
        yield Path(name, keys), value


def _hash(*parts: str) -> int:
    # No part can hold a NUL: neither stored text nor a literal that passed the domain.
    text = "\0".join(parts).encode()
    return int.from_bytes(hashlib.blake2b(text, digest_size=8).digest()) >> 1
