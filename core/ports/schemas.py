"""Schemas in the database."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from core.domain.schemas import Schema


class SchemaStore(Protocol):
    """Schemas by namespace and model type."""

    def get(self, namespace: str, model_type: str) -> Schema | None: ...

    def among(self, namespace: str, model_types: Collection[str]) -> Sequence[Schema]:
        """Those of these model types that have one, by model type."""
        ...

    def page(self, namespace: str, *, after: str | None, limit: int) -> Sequence[Schema]:
        """By model type, ascending."""
        ...

    def put(self, schema: Schema) -> None:
        """Set it, in place of the one that this model type had in this namespace."""
        ...

    def remove(self, namespace: str, model_type: str) -> None: ...
