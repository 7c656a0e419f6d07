"""Tokens that only this process knows, for tests of what lies above the verifier."""

import secrets
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

from core.domain.access import Principal
from core.errors import Unauthenticated
from core.ports import Clock


class MemoryTokenVerifier:
    """A `TokenVerifier` that is its own issuer."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._issued: dict[str, tuple[Principal, datetime]] = {}

    def issue(self, principal: Principal, *, ttl_seconds: float = 3600) -> str:
        """A token that stands for this principal until it expires."""
        token = secrets.token_urlsafe(24)
        expires_at = self._clock.now() + timedelta(seconds=ttl_seconds)
        self._issued[token] = (principal, expires_at)
        return token

    def knows(self, token: str) -> bool:
        """See `TokenVerifier.knows`."""
        return token in self._issued and self._clock.now() < self._issued[token][1]

    def verify(self, token: str) -> Principal:
        """See `TokenVerifier.verify`."""
        principal, expires_at = self._issued.get(token, (None, None))
        if principal is None or expires_at is None:
            raise Unauthenticated(
                "The bearer token was refused: it was not issued here.",
                next_step="Take one that issue() returned.",
            )
        if self._clock.now() >= expires_at:
            raise Unauthenticated(
                "The bearer token was refused: it has expired.",
                next_step="Sign in again, or ask the issuer for a new access token.",
            )
        return principal

    def checks(self) -> Mapping[str, Callable[[], None]]:
        """See `core.ports.TokenVerifier.checks`."""
        return {}
