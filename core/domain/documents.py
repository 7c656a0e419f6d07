"""Free-form values (`metadata`, parameters …): what may be stored, and how it is patched.

Everything that passes here survives JSON and BSON unchanged, which is the whole point.
"""

import math
from collections.abc import Mapping
from typing import Any

from core.errors import Invalid, TooLarge

Document = Mapping[str, Any]

MAX_DOCUMENT_BYTES = 1 << 20
MAX_DEPTH = 64
MAX_NODES = 50_000
MAX_KEY_CHARACTERS = 256
MAX_TAGS = 1_000
MAX_TAG_VALUE_CHARACTERS = 100_000


def check_document(what: str, value: Any) -> Document:
    """Return `value` if it is a map that can be stored exactly.

    Raises `Invalid` for anything but JSON's types with 64-bit integers and finite floats, for
    empty keys, NUL and lone surrogates; `TooLarge` past 1 MiB, 50 000 values or 64 levels.
    """
    if not isinstance(value, (dict, Mapping)):  # a dict is told much faster than any mapping
        raise Invalid(f"{what} is no map of names to values.", next_step="Send a JSON object.")
    if value:
        _Walk(what).map(value, 1)
    return value


def check_together(what: str, documents: Mapping[str, Any]) -> None:
    """Hold all that is said of one object to the limits of a single document, so that neither it
    nor the event of its change outgrows what a database stores. Raises `TooLarge`."""
    _Walk(what).map(documents, 0)


class _Walk:
    def __init__(self, what: str) -> None:
        self.what = what
        self.nodes = 0
        self.bytes = 0

    def map(self, value: Mapping[Any, Any], depth: int) -> None:
        self._count(2, depth)
        for key, item in value.items():
            if not isinstance(key, str) or not 0 < len(key) <= MAX_KEY_CHARACTERS:
                raise Invalid(
                    f"{self.what} has a key of {len(str(key))} characters.",
                    next_step=f"Use keys of 1 to {MAX_KEY_CHARACTERS} characters.",
                )
            self._text(key)
            self._value(item, depth + 1)

    def _value(self, value: Any, depth: int) -> None:
        match value:
            case str():
                self._count(2, depth)
                self._text(value)
            case None | bool():
                self._count(5, depth)
            case int():
                self._count(20, depth)
                if not -(1 << 63) <= value < 1 << 63:
                    raise Invalid(
                        f"{self.what} holds an integer that does not fit in 64 bits.",
                        next_step="Send it as a string.",
                    )
            case float():
                self._count(24, depth)
                if not math.isfinite(value):
                    raise Invalid(
                        f"{self.what} holds {value}, which JSON cannot carry.",
                        next_step="Leave the value out or send it as a string.",
                    )
            case list() | tuple():
                self._count(2, depth)
                for item in value:
                    self._value(item, depth + 1)
            case dict() | Mapping():
                self.map(value, depth)
            case _:
                raise Invalid(
                    f"{self.what} holds a value of type {type(value).__name__}.",
                    next_step="Use text, numbers, booleans, null, lists and maps.",
                )

    def _text(self, text: str) -> None:
        if "\0" in text:
            raise Invalid(f"{self.what} holds a NUL character.", next_step="Remove it.")
        try:
            self.bytes += len(text) if text.isascii() else len(text.encode())
        except UnicodeEncodeError:
            raise Invalid(
                f"{self.what} holds half of a surrogate pair.", next_step="Send valid Unicode."
            ) from None
        self._check(0)

    def _count(self, size: int, depth: int) -> None:
        self.nodes += 1
        self.bytes += size
        self._check(depth)

    def _check(self, depth: int) -> None:
        if depth > MAX_DEPTH or self.nodes > MAX_NODES or self.bytes > MAX_DOCUMENT_BYTES:
            raise TooLarge(
                f"{self.what} is over {MAX_DOCUMENT_BYTES >> 20} MiB, {MAX_NODES} values"
                f" or {MAX_DEPTH} levels.",
                next_step="Push large content as a file of the version.",
            )


def check_tags(value: Any) -> Mapping[str, str]:
    """Tags are text by text. Raises `Invalid` or `TooLarge`."""
    check_document("tags", value)
    if len(value) > MAX_TAGS:
        raise TooLarge(
            f"{len(value)} tags; at most {MAX_TAGS} are allowed.",
            next_step="Put what else there is to say into metadata.",
        )
    for key, text in value.items():
        if not isinstance(text, str):
            raise Invalid(
                f"The tag {key!r} is no text.",
                next_step="Send tag values as strings; typed values belong in metadata.",
            )
        if len(text) > MAX_TAG_VALUE_CHARACTERS:
            raise TooLarge(
                f"The tag {key!r} is over {MAX_TAG_VALUE_CHARACTERS} characters.",
                next_step="Put long text into metadata or a file.",
            )
    return value


def merge_patch(target: Any, patch: Any) -> Any:
    """Apply a JSON merge patch (RFC 7396): null removes, maps merge, all else replaces."""
    if not isinstance(patch, Mapping):
        return patch
    merged = dict(target) if isinstance(target, Mapping) else {}
    for key, value in patch.items():
        if value is None:
            merged.pop(key, None)
        else:
            merged[key] = merge_patch(merged.get(key), value)
    return merged


def is_same(first: Any, second: Any) -> bool:
    """Whether two values are one as JSON: unlike `==`, 1 is neither true nor 1.0."""
    match first, second:
        case (Mapping(), Mapping()):
            return first.keys() == second.keys() and all(
                is_same(value, second[key]) for key, value in first.items()
            )
        case (list() | tuple(), list() | tuple()):
            return len(first) == len(second) and all(map(is_same, first, second))
        case (float(), float()):
            return first == second and math.copysign(1, first) == math.copysign(1, second)
    return type(first) is type(second) and first == second
