"""Access tokens in the database, with what is kept of their texts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from core.domain.access_tokens import AccessToken, Keyed


class AccessTokenStore(Protocol):
    """Access tokens by id. What is kept of a text is no part of the entity, so that no event,
    list or answer ever holds it."""

    def find(self, token_id: str) -> tuple[AccessToken, Keyed] | None:
        """One query, which every request with an access token costs."""
        ...

    def page(self, owner: str, *, after: str | None, limit: int) -> Sequence[AccessToken]:
        """Those of an owner by id, ascending, revoked and ended ones too."""
        ...

    def insert(self, token: AccessToken, kept: Keyed) -> None:
        """Raise `Taken` if the id, or the slot of the owner, is in use."""
        ...

    def replace(self, token: AccessToken, kept: Keyed) -> None:
        """Store the next revision. Raise `Stale` unless the stored one is the one before it."""
        ...
