"""Keyset pages: opaque, deterministic tokens that are bound to their query."""

import base64
import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from core.errors import Invalid

T = TypeVar("T")
K = TypeVar("K", str, int, list[Any])

PageKey = tuple[str | int | float | None, ...]
"""Where a page ends that goes by several values."""

DEFAULT_PAGE = 50
MAX_PAGE = 1_000


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """Some of the answer, and the token for the rest; None once there is no more."""

    items: tuple[T, ...]
    next_token: str | None


@dataclass(frozen=True, slots=True)
class PageRequest:
    """How many to return (1 to 1 000), after what a former page's token says."""

    size: int = DEFAULT_PAGE
    token: str | None = None

    def __post_init__(self) -> None:
        if not 1 <= self.size <= MAX_PAGE:
            raise Invalid(
                f"A page of {self.size} was asked for.",
                next_step=f"Ask for 1 to {MAX_PAGE} and follow the page token for more.",
            )

    def after(self, *query: str) -> str | None:
        """The text that the page begins after, or None at the start.

        Raises `Invalid` for a token that is damaged or belongs to another query.
        """
        return self._key(query, str)

    def after_number(self, *query: str) -> int | None:
        """The same where pages go by number."""
        return self._key(query, int)

    def after_values(self, *query: str) -> PageKey | None:
        """The same where pages go by several values; of which types, the caller has to check."""
        key = self._key(query, list)
        if key is None:
            return None
        if not all(value is None or type(value) in {str, int, float} for value in key):
            raise _foreign()
        if any(isinstance(value, int) and value.bit_length() > 63 for value in key):
            raise _foreign()
        return tuple(key)

    def token_after(self, key: Sequence[Any], *query: str) -> str:
        """The token of the page that begins after several values (`after_values`)."""
        return _token(query, list(key))

    def _key(self, query: tuple[str, ...], kind: type[K]) -> K | None:
        if self.token is None:
            return None
        try:
            raw = base64.urlsafe_b64decode(self.token + "=" * (-len(self.token) % 4))
            _, key = json.loads(raw)
            is_ours = type(key) is kind and _token(query, key) == self.token
        except (ValueError, TypeError, RecursionError):
            is_ours = False
        if not is_ours or (isinstance(key, int) and key.bit_length() > 63):
            raise _foreign()
        return key

    def page(self, rows: Sequence[T], key: Callable[[T], Any], *query: str) -> Page[T]:
        """Cut the page from up to `size + 1` rows: the extra one only shows that there is more."""
        items = tuple(rows[: self.size])
        if len(rows) <= self.size:
            return Page(items, None)
        return Page(items, _token(query, key(items[-1])))


def _foreign() -> Invalid:
    return Invalid(
        "The page token does not belong to this query.",
        next_step="Send the token only with the query that returned it, or start over.",
    )


def _token(query: tuple[str, ...], key: Any) -> str:
    raw = json.dumps([_binding(query), key], ensure_ascii=False)
    return base64.urlsafe_b64encode(raw.encode()).decode().rstrip("=")


def _binding(query: tuple[str, ...]) -> str:
    return hashlib.sha256("\0".join(query).encode()).hexdigest()[:16]
