"""Used idempotency keys as documents, which the database itself removes when they expire."""

from core.adapters.mongo.documents import Documents
from core.domain.claims import Claim


class MongoClaims:
    """See `core.ports.ClaimStore`."""

    def __init__(self, documents: Documents[Claim]) -> None:
        self._documents = documents

    def get(self, claim_id: str) -> Claim | None:
        return self._documents.one({"_id": claim_id})

    def put(self, claim: Claim) -> None:
        self._documents.put_untold(claim.id, claim)
