"""Used idempotency keys in memory."""

from core.adapters.memory.tables import MemoryStore
from core.domain.claims import Claim


class MemoryClaims(MemoryStore):
    """See `core.ports.ClaimStore`."""

    def get(self, claim_id: str) -> Claim | None:
        with self.use(False) as tables:
            return tables.claims.get(claim_id)

    def put(self, claim: Claim) -> None:
        with self.use(True) as tables:
            tables.claims[claim.id] = claim
