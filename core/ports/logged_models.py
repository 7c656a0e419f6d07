"""Logged models in the database."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

from core.ports.numbered import Numbered

if TYPE_CHECKING:
    from core.domain.logged_models import LoggedModel


class LoggedModelStore(Numbered["LoggedModel"], Protocol):
    """Logged models by id, however they are kept."""

    def note(self, model: LoggedModel, places: Sequence[str]) -> bool:
        """Set `metrics` and `measured` at these keys, and `logged`, to what the model has, if the
        stored one's `logged` is the one before it; whether it was. Bookkeeping, without events."""
        ...

    def withdraw(self, experiment_id: int) -> None:
        """Put all of the experiment out of lists, with it and without events of their own."""
        ...

    def readmit(self, experiment_id: int) -> None:
        """Undo `withdraw`."""
        ...

    def due(self, at: datetime, limit: int) -> Sequence[LoggedModel]:
        """Deleted ones whose `purge_at` is before `at`, oldest first."""
        ...
