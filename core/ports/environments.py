"""Environments in the database."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from core.ports.numbered import Numbered

if TYPE_CHECKING:
    from core.domain.environments import Environment


class EnvironmentStore(Numbered["Environment"], Protocol):
    """Environments by namespace and name."""

    def named(self, namespace: str, name: str) -> Environment | None: ...
