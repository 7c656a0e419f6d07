"""Canonical JSON (RFC 8785) on the standard library: one spelling of a value, to be hashed.

Beyond the RFC, an integer is written with all its digits, where a float would have to round it.
The client has a twin (`modelry.audit.canonical`); tests hold both to the same vectors.
"""

import json
import math
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from core.domain.moments import shown


def canonical_json(value: Any) -> bytes:
    """The value's canonical JSON; times as RFC 3339, in UTC, with milliseconds.

    Raises `TypeError` for what JSON does not know, `ValueError` for numbers that are not finite.
    """
    return _text(value).encode("utf-8", "surrogatepass")


def _text(value: Any) -> str:
    match value:
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case str():
            return json.dumps(str(value), ensure_ascii=False)
        case int():
            return str(int(value))
        case float():
            return _number(value)
        case datetime():
            return f'"{shown(value)}"'
        case Mapping():
            names = sorted(value, key=_utf_16)
            return f"{{{','.join(f'{_text(name)}:{_text(value[name])}' for name in names)}}}"
        case list() | tuple():
            return f"[{','.join(map(_text, value))}]"
    raise TypeError(f"JSON does not know {type(value).__name__}")


def _utf_16(name: str) -> bytes:
    return name.encode("utf-16-be", "surrogatepass")


def _number(value: float) -> str:
    """As ECMAScript writes it (RFC 8785, 3.2.2.3)."""
    if not math.isfinite(value):
        raise ValueError("JSON knows only finite numbers")
    if value == 0:
        return "0"
    mantissa, _, power = repr(abs(value)).partition("e")
    whole, _, fraction = mantissa.partition(".")
    digits = (whole + fraction.rstrip("0") if fraction != "0" else whole).lstrip("0")
    point = len(whole) + int(power or 0)
    if whole == "0":
        point = int(power or 0) - (len(fraction) - len(fraction.lstrip("0")))
    digits = digits.rstrip("0")
    return ("-" if value < 0 else "") + _placed(digits, point)


def _placed(digits: str, point: int) -> str:
    """`digits` with the decimal point before the one at `point`, or with an exponent."""
    count = len(digits)
    if count <= point <= 21:
        return digits + "0" * (point - count)
    if 0 < point <= 21:
        return f"{digits[:point]}.{digits[point:]}"
    if -6 < point <= 0:
        return f"0.{'0' * -point}{digits}"
    exponent = f"e{'+' if point > 0 else '-'}{abs(point - 1)}"
    return f"{digits[0]}{'.' + digits[1:] if count > 1 else ''}{exponent}"
