"""How the audit log spells and hashes things: canonical JSON (RFC 8785), Merkle trees (RFC 9162).

The registry has a twin of this; `docs/audit.md` specifies both.
"""

import hashlib
import json
import math
from collections.abc import Mapping, Sequence
from typing import Any


def canonical_json(value: Any) -> bytes:
    """RFC 8785, but that integers keep all their digits. Raises `ValueError`, `TypeError`."""
    return _text(value).encode("utf-8", "surrogatepass")


def event_leaf(event: Mapping[str, Any]) -> bytes:
    """The leaf of an event: of its fields, but for those that are empty."""
    filled = {name: value for name, value in event.items() if value not in (None, "", [], {})}
    return hashlib.sha256(b"\x00" + canonical_json(filled)).digest()


def merkle_root(leaves: Sequence[bytes]) -> bytes:
    """The root over the leaves, in their order."""
    level = list(leaves)
    while len(level) > 1:
        pairs = zip(level[::2], level[1::2], strict=False)
        level = [*(_node(*pair) for pair in pairs), *level[len(level) & ~1 :]]
    return level[0] if level else hashlib.sha256().digest()


def root_from_path(leaf: bytes, index: int, size: int, path: Sequence[bytes]) -> bytes | None:
    """Where the path leads from the leaf (RFC 9162, 2.1.3.2); None if it is no such path."""
    if not 0 <= index < size:
        return None
    node, last, digest = index, size - 1, leaf
    for sibling in path:
        if last == 0:
            return None
        if node & 1 or node == last:
            digest = _node(sibling, digest)
            while not node & 1 and node:
                node, last = node >> 1, last >> 1
        else:
            digest = _node(digest, sibling)
        node, last = node >> 1, last >> 1
    return digest if last == 0 else None


def _node(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\x01" + left + right).digest()


def _text(value: Any) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        return _number(value)
    if isinstance(value, Mapping):
        names = sorted(value, key=lambda name: name.encode("utf-16-be", "surrogatepass"))
        return "{" + ",".join(f"{_text(name)}:{_text(value[name])}" for name in names) + "}"
    if isinstance(value, list | tuple):
        return "[" + ",".join(map(_text, value)) + "]"
    raise TypeError(f"JSON does not know {type(value).__name__}")


def _number(value: float) -> str:
    """As ECMAScript writes it: the shortest digits, an exponent below 1e-6 and from 1e21 on."""
    if not math.isfinite(value):
        raise ValueError("JSON knows only finite numbers")
    if value == 0:
        return "0"
    mantissa, _, power = repr(abs(value)).partition("e")
    whole, _, fraction = mantissa.partition(".")
    point = len(whole.lstrip("0")) + int(power or 0)
    if whole == "0":
        point = int(power or 0) - (len(fraction) - len(fraction.lstrip("0")))
    digits = (whole + fraction).strip("0")
    count, sign = len(digits), "-" if value < 0 else ""
    if count <= point <= 21:
        return f"{sign}{digits}{'0' * (point - count)}"
    if 0 < point <= 21:
        return f"{sign}{digits[:point]}.{digits[point:]}"
    if -6 < point <= 0:
        return f"{sign}0.{'0' * -point}{digits}"
    fraction = f".{digits[1:]}" if count > 1 else ""
    return f"{sign}{digits[0]}{fraction}e{'+' if point > 0 else '-'}{abs(point - 1)}"
