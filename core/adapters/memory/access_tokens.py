"""Access tokens in memory."""

from collections.abc import Sequence

from core.adapters.memory.tables import MemoryStore, insert, is_after, replace_entity
from core.domain.access_tokens import AccessToken, Keyed
from core.errors import Taken


class MemoryAccessTokens(MemoryStore):
    """See `core.ports.AccessTokenStore`."""

    def find(self, token_id: str) -> tuple[AccessToken, Keyed] | None:
        with self.use(False) as tables:
            token = tables.access_tokens.get(token_id)
            return None if token is None else (token, tables.kept_of_tokens[token_id])

    def page(self, owner: str, *, after: str | None, limit: int) -> Sequence[AccessToken]:
        with self.use(False) as tables:
            tokens = [tables.access_tokens[key] for key in sorted(tables.access_tokens)]
            return [
                token for token in tokens if token.owner == owner and is_after(token.id, after)
            ][:limit]

    def insert(self, token: AccessToken, kept: Keyed) -> None:
        with self.use(True) as tables:
            slot = (token.owner, token.slot)
            taken = {(each.owner, each.slot) for each in tables.access_tokens.values()}
            if token.slot is not None and slot in taken:
                raise Taken(
                    "The place of the access token is taken.",
                    next_step="Choose another one, or use what exists.",
                )
            insert(tables.access_tokens, token.id, token, f"access token {token.id!r}")
            tables.kept_of_tokens[token.id] = kept
            tables.ledger.changed(token)

    def replace(self, token: AccessToken, kept: Keyed) -> None:
        with self.use(True) as tables:
            replace_entity(tables.access_tokens, token.id, token, f"access token {token.id!r}")
            tables.kept_of_tokens[token.id] = kept
            tables.ledger.changed(token)
