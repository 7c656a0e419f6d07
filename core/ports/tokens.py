"""Who a bearer token stands for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from core.domain.access import Principal


class TokenVerifier(Protocol):
    """Turns a bearer token into the principal that a trusted issuer vouches for."""

    def verify(self, token: str) -> Principal:
        """Raise `Unauthenticated` for any token that is not good; `Unavailable` if the issuer's
        keys cannot be had and none are cached."""
        ...

    def checks(self) -> Mapping[str, Callable[[], None]]:
        """For each issuer, by `issuer NAME`, what returns if it answers and else raises
        `Unavailable`. What was asked lately is not asked again."""
        ...

    def knows(self, token: str) -> bool:
        """Whether `verify` would answer at once: the token was good before, and nobody has to be
        asked whether it still is."""
        ...
