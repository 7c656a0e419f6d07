"""Access tokens as documents: by id, beside the entity what is kept of the text."""

from collections.abc import Sequence
from typing import Any

from core.adapters.mongo.documents import Documents
from core.adapters.mongo.keyset import ASCENDING, after_key
from core.domain.access_tokens import AccessToken, Keyed


class MongoAccessTokens:
    """See `core.ports.AccessTokenStore`."""

    def __init__(self, documents: Documents[AccessToken]) -> None:
        self._documents = documents

    def find(self, token_id: str) -> tuple[AccessToken, Keyed] | None:
        found = self._documents.one_with({"_id": token_id}, "kept")
        return None if found is None else (found[0], Keyed(**found[1]))

    def page(self, owner: str, *, after: str | None, limit: int) -> Sequence[AccessToken]:
        filter = {"owner": owner, **after_key("id", after)}
        return self._documents.many(filter, [("id", ASCENDING)], limit)

    def insert(self, token: AccessToken, kept: Keyed) -> None:
        self._documents.insert(token.id, token, _what(token), **_derived(token, kept))

    def replace(self, token: AccessToken, kept: Keyed) -> None:
        self._documents.replace(token.id, token, _what(token), **_derived(token, kept))


def _what(token: AccessToken) -> str:
    return f"access token {token.id!r}" if token.slot is None else "place of the access token"


def _derived(token: AccessToken, kept: Keyed) -> dict[str, Any]:
    derived: dict[str, Any] = {"kept": {"pepper": kept.pepper, "digest": kept.digest}}
    if token.slot is not None:
        derived["slot_key"] = f"{token.owner} {token.slot}"
    return derived
