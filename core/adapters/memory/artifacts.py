"""Artifacts in memory."""

from collections.abc import Collection, Sequence

from core.adapters.memory.searches import MemorySearched
from core.adapters.memory.tables import (
    Tables,
    check_external_id,
    insert,
    replace_entity,
)
from core.domain.artifacts import Artifact
from core.domain.fields import ARTIFACT_FIELDS
from core.domain.retention import Shown
from core.errors import Taken


class MemoryArtifacts(MemorySearched[Artifact]):
    """See `core.ports.ArtifactStore`."""

    fields = ARTIFACT_FIELDS

    def with_id(self, namespace: str, id: int) -> Artifact | None:
        with self.use(False) as tables:
            found = tables.artifacts.get(id)
            is_there = found is not None and found.namespace == namespace
            return found if is_there and found in self.shown_in(tables, Shown.READABLE) else None

    def named(self, namespace: str, parent: str, kind: str, name: str) -> Artifact | None:
        wanted = (namespace, parent, kind, name)
        with self.use(False) as tables:
            return next((a for a in tables.artifacts.values() if _slot(a) == wanted), None)

    def stored_at(
        self, places: Collection[str], *, within_reach: bool = True
    ) -> Sequence[Artifact]:
        with self.use(False) as tables:
            here = (a for a in tables.artifacts.values() if a.stored_at in places)
            found = (a for a in here if _is_out(tables, a) is not within_reach)
            return sorted(found, key=lambda each: each.id)

    def shown_in(self, tables: Tables, shown: Shown) -> list[Artifact]:
        return [
            each
            for each in tables.artifacts.values()
            if shown is Shown.EVERYTHING or not _is_out(tables, each)
        ]

    def insert(self, artifact: Artifact) -> None:
        with self.use(True) as tables:
            check_external_id(tables.artifacts, artifact)
            slot = _slot(artifact)
            if slot is not None and any(_slot(each) == slot for each in tables.artifacts.values()):
                raise Taken(
                    "The name is taken.", next_step="Choose another one, or use what exists."
                )
            insert(tables.artifacts, artifact.id, artifact, f"artifact id {artifact.id}")
            tables.ledger.changed(artifact)

    def replace(self, artifact: Artifact) -> None:
        with self.use(True) as tables:
            check_external_id(tables.artifacts, artifact)
            replace_entity(tables.artifacts, artifact.id, artifact, f"artifact {artifact.id}")
            tables.ledger.changed(artifact)

    def rename_model(self, namespace: str, model: str, name: str) -> None:
        with self.use(True) as tables:
            for each in list(tables.artifacts.values()):
                if (each.namespace, each.model) == (namespace, model):
                    tables.artifacts[each.id] = each.of_renamed(name)
            for place in [p for p in tables.withdrawn_artifacts if p[:2] == (namespace, model)]:
                tables.withdrawn_artifacts.discard(place)
                tables.withdrawn_artifacts.add((namespace, name, place[2]))

    def withdraw(self, namespace: str, model: str, number: int | None = None) -> None:
        with self.use(True) as tables:
            tables.withdrawn_artifacts.add((namespace, model, number))

    def readmit(self, namespace: str, model: str, number: int | None = None) -> None:
        with self.use(True) as tables:
            tables.withdrawn_artifacts.discard((namespace, model, number))

    def withdraw_runs(self, experiment_id: int, run_id: int | None = None) -> None:
        with self.use(True) as tables:
            tables.withdrawn_runs.add((experiment_id, run_id))

    def readmit_runs(self, experiment_id: int, run_id: int | None = None) -> None:
        with self.use(True) as tables:
            tables.withdrawn_runs.discard((experiment_id, run_id))

    def forget_run(self, experiment_id: int, run_id: int) -> None:
        with self.use(False) as tables:
            for each in [a for a in tables.artifacts.values() if a.run_id == run_id]:
                del tables.artifacts[each.id]

    def forget(self, version_id: int) -> None:
        with self.use(False) as tables:
            for each in [a for a in tables.artifacts.values() if a.version_id == version_id]:
                del tables.artifacts[each.id]


def _is_out(tables: Tables, artifact: Artifact) -> bool:
    model, experiment = (artifact.namespace, artifact.model), artifact.experiment_id
    versions = {(*model, None), (*model, artifact.number)}
    runs = {(experiment, None), (experiment, artifact.run_id)}
    return bool(versions & tables.withdrawn_artifacts or runs & tables.withdrawn_runs)


def _slot(artifact: Artifact) -> tuple[str, str, str, str] | None:
    """What no other artifact may have; None if others may."""
    if not artifact.has_unique_name:
        return None
    return (artifact.namespace, artifact.parent, artifact.kind, artifact.name)
