"""Registered models in the database."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

from core.domain.retention import Shown
from core.ports.searches import Searched

if TYPE_CHECKING:
    from core.domain.models import RegisteredModel


class ModelStore(Searched["RegisteredModel"], Protocol):
    """Registered models by namespace and name."""

    def get(self, namespace: str, name: str) -> RegisteredModel | None:
        """However it is kept: of what was deleted, name and numbering stay."""
        ...

    def with_id(self, namespace: str, id: int) -> RegisteredModel | None:
        """By its decimal id, in this namespace. None if it is deleted."""
        ...

    def page(
        self,
        namespace: str,
        *,
        after: str | None,
        limit: int,
        shown: Shown = Shown.LISTED,
        among: Collection[str] | None = None,
        without: Collection[str] = (),
    ) -> Sequence[RegisteredModel]:
        """By name, ascending (by code point of `name_key`, the order every adapter shares);
        `after` is a name. Of `among` only, unless that is None, and none of `without`."""
        ...

    def due(self, at: datetime, limit: int) -> Sequence[RegisteredModel]:
        """Deleted ones whose `purge_at` is before `at`, oldest first; none on legal hold."""
        ...

    def has_key_root(self, namespace: str, key_root: str) -> bool:
        """Whether a renamed model, or one of a name that was used before, has this one."""
        ...

    def rename(self, model: RegisteredModel, former: str) -> None:
        """Store the next revision, which has another name than the `former`. Raise as `insert`
        and `replace` do."""
        ...

    def insert(self, model: RegisteredModel) -> None:
        """Raise `Taken` if the name, or one that looks like it (`name_key`), or the external id
        is in use."""
        ...

    def replace(self, model: RegisteredModel) -> None:
        """Store the next revision. Raise `Stale` unless the stored one is the one before it, and
        `Taken` if the external id is in use."""
        ...
