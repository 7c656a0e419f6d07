"""Putting artifacts beside the version they belong to, in the transaction that changes it."""

from collections.abc import Iterable

from core.domain.access import Caller
from core.domain.artifacts import Artifact
from core.domain.subjects import event_of
from core.ports import Stores


def attach(stores: Stores, caller: Caller, artifacts: Iterable[Artifact]) -> None:
    """Insert them, each with its event. Raises `Taken` for a name or external id in use."""
    for artifact in artifacts:
        stores.artifacts.insert(artifact)
        stores.events.add(
            event_of(caller, "artifact.registered", at=artifact.created_at, after=artifact)
        )
