"""Used idempotency keys in the database."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from core.domain.claims import Claim


class ClaimStore(Protocol):
    """Used idempotency keys. An expired one may be there still, and may be gone."""

    def get(self, claim_id: str) -> Claim | None: ...

    def put(self, claim: Claim) -> None:
        """Note it, in place of an expired one of the same id. In transactions only, but it is no
        entity: it needs no event of its own."""
        ...
