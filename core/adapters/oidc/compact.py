"""Reads a bearer token (JWS compact form, RFC 7515) strictly, before any key is looked at.

Nothing read here is trusted: it only says whose key would have to vouch for it.
"""

import base64
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NoReturn

from core.errors import Unauthenticated

MAX_TOKEN_CHARACTERS = 16_384
MAX_HEADER_CHARACTERS = 512
MAX_KEY_ID_CHARACTERS = 128

_BASE64URL = re.compile(r"[A-Za-z0-9_-]+")
# Each of them lets a token name its own key or change how it is read (RFC 7515, 7797).
_FORBIDDEN_HEADERS = ("jku", "jwk", "x5u", "x5c", "crit", "b64")
_TYPES = frozenset({"jwt", "application/jwt", "at+jwt", "application/at+jwt"})


@dataclass(frozen=True, slots=True)
class UnverifiedToken:
    """What a token claims of itself. `key_id` is None if its header has no `kid`."""

    algorithm: str
    key_id: str | None
    claims: Mapping[str, Any]


def refused(
    reason: str,
    *,
    next_step: str = "Sign in again, or ask the issuer for a new access token.",
) -> Unauthenticated:
    """The error for a token that is not good; `reason` must not repeat any of it."""
    return Unauthenticated(f"The bearer token was refused: {reason}.", next_step=next_step)


def read(token: str) -> UnverifiedToken:
    """Take the token apart. Raises `Unauthenticated` unless it is a well-formed signed JWT whose
    header brings no key along and whose type is not that of another kind of token."""
    if len(token) > MAX_TOKEN_CHARACTERS:
        raise refused(f"it is longer than {MAX_TOKEN_CHARACTERS} characters")
    parts = token.split(".")
    if len(parts) != 3:
        raise refused("it is no signed JWT, which has three parts")
    header_part, claims_part, signature_part = parts
    if len(header_part) > MAX_HEADER_CHARACTERS:
        raise refused(f"its header is longer than {MAX_HEADER_CHARACTERS} characters")
    if not _BASE64URL.fullmatch(signature_part):
        raise refused("its signature is missing or not base64url")
    header = _json_object("header", header_part)
    _check_header(header)
    return UnverifiedToken(
        algorithm=header["alg"],
        key_id=header.get("kid"),
        claims=_json_object("payload", claims_part),
    )


def _check_header(header: Mapping[str, Any]) -> None:
    for name in _FORBIDDEN_HEADERS:
        if name in header:
            raise refused(f"its header holds {name!r}, which is not accepted")
    if not isinstance(header.get("alg"), str):
        raise refused("its header names no algorithm")
    kid = header.get("kid", "")
    if not isinstance(kid, str) or len(kid) > MAX_KEY_ID_CHARACTERS:
        raise refused(f"its key id is no text of at most {MAX_KEY_ID_CHARACTERS} characters")
    kind = header.get("typ", "JWT")
    if not isinstance(kind, str) or kind.lower() not in _TYPES:
        raise refused("it is another type of token than an access token")


def _json_object(what: str, part: str) -> dict[str, Any]:
    if not _BASE64URL.fullmatch(part):
        raise refused(f"its {what} is not base64url")
    try:
        text = base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)).decode("utf-8")
        value = json.loads(text, object_pairs_hook=_unique, parse_constant=_refuse_constant)
    except (ValueError, RecursionError):
        raise refused(f"its {what} is no valid JSON") from None
    if not isinstance(value, dict):
        raise refused(f"its {what} is no JSON object")
    return value


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) != len(pairs):
        raise ValueError("a name occurs twice")
    return value


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")
