"""Deployments in the database."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

from core.ports.numbered import Numbered

if TYPE_CHECKING:
    from core.domain.deployments import Deployment


class DeploymentStore(Numbered["Deployment"], Protocol):
    """Deployments by environment and name, and by what they hold."""

    def named(self, namespace: str, environment_id: int, name: str) -> Deployment | None: ...

    def holding(
        self, namespace: str, model: str, number: int | None, *, limit: int
    ) -> Sequence[Deployment]:
        """Those that the version cannot be taken from (`Deployment.held`): it is pinned where
        something should be deployed, or it answers. By id; or those that any version of the
        model cannot be taken from."""
        ...
