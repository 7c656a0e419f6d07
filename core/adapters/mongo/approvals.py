"""Approvals as documents: by id; a version has one standing request for each transition."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from core.adapters.mongo.documents import Documents
from core.adapters.mongo.keyset import ASCENDING, DESCENDING, after_key, before_key
from core.domain.approvals import Approval


class MongoApprovals:
    """See `core.ports.ApprovalStore`."""

    def __init__(self, documents: Documents[Approval]) -> None:
        self._documents = documents

    def get(self, namespace: str, approval_id: str) -> Approval | None:
        found = self._documents.one({"_id": approval_id})
        return found if found is not None and found.namespace == namespace else None

    def standing(
        self, namespace: str, model: str, number: int, to_stage: str
    ) -> Sequence[Approval]:
        filter = {
            "namespace": namespace,
            "model": model,
            "number": number,
            "to_stage": to_stage,
            "standing": True,
        }
        return self._documents.many(filter, [("id", DESCENDING)])

    def page(
        self, namespace: str, model: str, number: int, *, before: str | None, limit: int
    ) -> Sequence[Approval]:
        filter = {"namespace": namespace, "model": model, "number": number}
        return self._documents.many(filter | before_key("id", before), [("id", DESCENDING)], limit)

    def waiting(self, namespace: str, *, after: str | None, limit: int) -> Sequence[Approval]:
        filter = {"namespace": namespace, "standing": True, **after_key("id", after)}
        return self._documents.many(filter, [("id", ASCENDING)], limit)

    def due(self, at: datetime, limit: int) -> Sequence[Approval]:
        filter = {"standing": True, "expires_at": {"$lte": at}}
        return self._documents.many(filter, [("expires_at", ASCENDING)], limit)

    def rename_model(self, namespace: str, model: str, name: str) -> None:
        self._documents.derive_all({"namespace": namespace, "model": model}, {"model": name})

    def insert(self, approval: Approval) -> None:
        self._documents.insert(approval.id, approval, approval.what, **_derived(approval))

    def replace(self, approval: Approval) -> None:
        self._documents.replace(approval.id, approval, approval.what, **_derived(approval))


def _derived(approval: Approval) -> dict[str, Any]:
    """`slot` is unique: the transition while the request stands, its own id from then on."""
    slot = "\n".join(map(str, approval.slot)) if approval.is_standing else approval.id
    return {"standing": approval.is_standing, "slot": slot}
