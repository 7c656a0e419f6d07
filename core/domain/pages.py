"""Keyset pages: opaque, deterministic tokens that are bound to their query."""

import base64
import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from core.errors import Invalid

T = TypeVar("T")

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

    def after(self, *query: str) -> Any:
        """The key that the page begins after, or None at the start.

        Raises `Invalid` for a token that is damaged or belongs to another query.
        """
        if self.token is None:
            return None
        try:
            raw = base64.urlsafe_b64decode(self.token + "=" * (-len(self.token) % 4))
            binding, key = json.loads(raw)
        except (ValueError, TypeError, RecursionError):
            binding, key = None, None
        if binding != _binding(query) or not isinstance(key, (str, int)):
            raise Invalid(
                "The page token does not belong to this query.",
                next_step="Send the token only with the query that returned it, or start over.",
            )
        return key

    def page(self, rows: Sequence[T], key: Callable[[T], Any], *query: str) -> Page[T]:
        """Cut the page from up to `size + 1` rows: the extra one only shows that there is more."""
        items = tuple(rows[: self.size])
        if len(rows) <= self.size:
            return Page(items, None)
        raw = json.dumps([_binding(query), key(items[-1])], ensure_ascii=False)
        token = base64.urlsafe_b64encode(raw.encode()).decode().rstrip("=")
        return Page(items, token)


def _binding(query: tuple[str, ...]) -> str:
    return hashlib.sha256("\0".join(query).encode()).hexdigest()[:16]
