"""Environments in the database."""

from typing import Protocol

from core.domain.environments import Environment
from core.ports.numbered import Numbered


class EnvironmentStore(Numbered[Environment], Protocol):
    """Environments by namespace and name."""

    def named(self, namespace: str, name: str) -> Environment | None: ...
