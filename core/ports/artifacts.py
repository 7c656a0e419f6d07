"""Artifacts in the database."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING, Protocol

from core.ports.searches import Searched

if TYPE_CHECKING:
    from core.domain.artifacts import Artifact


class ArtifactStore(Searched["Artifact"], Protocol):
    """Artifacts by id, by name in what they belong to, and by search.

    An artifact is within reach as long as its version is, and as the model is; or its run and the
    experiment.
    """

    def with_id(self, namespace: str, id: int) -> Artifact | None:
        """By its decimal id, in this namespace. None if it is out of reach."""
        ...

    def named(self, namespace: str, parent: str, kind: str, name: str) -> Artifact | None:
        """The artifact of this kind with a name of its own in the parent (`Artifact.parent`)."""
        ...

    def stored_at(
        self, places: Collection[str], *, within_reach: bool = True
    ) -> Sequence[Artifact]:
        """Those within reach, or those out of it, whose bytes are at one of these places of the
        registry's store (`Artifact.stored_at`), by id."""
        ...

    def rename_model(self, namespace: str, model: str, name: str) -> None:
        """Let all that are of the model be of it under its new name, without events of their
        own. They are as they were."""
        ...

    def insert(self, artifact: Artifact) -> None:
        """Raise `Taken` if its name is to be unique and in use, or the external id is."""
        ...

    def replace(self, artifact: Artifact) -> None:
        """Store the next revision. Raise `Stale` unless the stored one is the one before it, and
        `Taken` if the external id is in use."""
        ...

    def withdraw(self, namespace: str, model: str, number: int | None = None) -> None:
        """Put the artifacts of a version, or of all versions of the model, out of reach, with it
        and without events of their own."""
        ...

    def readmit(self, namespace: str, model: str, number: int | None = None) -> None:
        """Undo `withdraw` of just this version, or of just this model."""
        ...

    def withdraw_runs(self, experiment_id: int, run_id: int | None = None) -> None:
        """Put the artifacts of a run, or of all runs of the experiment, out of reach, with it and
        without events of their own."""
        ...

    def readmit_runs(self, experiment_id: int, run_id: int | None = None) -> None:
        """Undo `withdraw_runs` of just this run, or of just this experiment."""
        ...

    def forget_run(self, experiment_id: int, run_id: int) -> None:
        """Forget the artifacts of a run that is being purged."""
        ...

    def forget(self, version_id: int) -> None:
        """Forget the artifacts of a version that is being purged."""
        ...
