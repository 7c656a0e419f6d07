"""Approvals in memory."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime

from core.adapters.memory.tables import MemoryStore, Tables, insert, is_after, replace_entity
from core.domain.approvals import Approval
from core.errors import Taken


class MemoryApprovals(MemoryStore):
    """See `core.ports.ApprovalStore`."""

    def get(self, namespace: str, approval_id: str) -> Approval | None:
        with self.use(False) as tables:
            found = tables.approvals.get(approval_id)
            return found if found is not None and found.namespace == namespace else None

    def standing(
        self, namespace: str, model: str, number: int, to_stage: str
    ) -> Sequence[Approval]:
        with self.use(False) as tables:
            of_version = _of(tables, namespace, model, number)
            return [each for each in of_version if each.is_standing and each.to_stage == to_stage]

    def page(
        self, namespace: str, model: str, number: int, *, before: str | None, limit: int
    ) -> Sequence[Approval]:
        with self.use(False) as tables:
            of_version = _of(tables, namespace, model, number)
            return [each for each in of_version if before is None or each.id < before][:limit]

    def waiting(self, namespace: str, *, after: str | None, limit: int) -> Sequence[Approval]:
        with self.use(False) as tables:
            return [
                each
                for _, each in sorted(tables.approvals.items())
                if each.namespace == namespace and each.is_standing and is_after(each.id, after)
            ][:limit]

    def due(self, at: datetime, limit: int) -> Sequence[Approval]:
        with self.use(False) as tables:
            late = (each for each in tables.approvals.values() if each.is_standing)
            late = (each for each in late if each.expires_at <= at)
            return sorted(late, key=lambda each: (each.expires_at, each.id))[:limit]

    def rename_model(self, namespace: str, model: str, name: str) -> None:
        with self.use(True) as tables:
            for key, each in tables.approvals.items():
                if (each.namespace, each.model) == (namespace, model):
                    tables.approvals[key] = replace(each, model=name)

    def insert(self, approval: Approval) -> None:
        with self.use(True) as tables:
            if approval.is_standing and any(_in_the_way_of(approval, tables)):
                raise Taken(f"The {approval.what} is taken.", next_step="Use what exists.")
            insert(tables.approvals, approval.id, approval, approval.what)
            tables.ledger.changed(approval)

    def replace(self, approval: Approval) -> None:
        with self.use(True) as tables:
            replace_entity(tables.approvals, approval.id, approval, approval.what)
            tables.ledger.changed(approval)


def _of(tables: Tables, namespace: str, model: str, number: int) -> list[Approval]:
    """Newest first."""
    return [
        each
        for _, each in sorted(tables.approvals.items(), reverse=True)
        if (each.namespace, each.model, each.number) == (namespace, model, number)
    ]


def _in_the_way_of(approval: Approval, tables: Tables) -> Iterator[Approval]:
    for each in tables.approvals.values():
        if each.is_standing and each.slot == approval.slot:
            yield each
