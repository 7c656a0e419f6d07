"""Artifacts as documents: by id, unique by their names in what they belong to."""

from collections.abc import Collection, Sequence
from typing import Any

from core.adapters.mongo.documents import Documents
from core.adapters.mongo.external import external, joined
from core.adapters.mongo.searches import MongoSearched
from core.adapters.mongo.terms import derived
from core.domain.artifacts import Artifact
from core.domain.fields import ARTIFACT_FIELDS

_NAMED = ("terms", "words", "called_key")
"""The derived fields in which the name of the model is."""


class MongoArtifacts(MongoSearched[Artifact]):
    """See `core.ports.ArtifactStore`.

    `version_is_there` (the version or the run) and `model_is_there` (the model or the experiment)
    are kept apart, so that undeleting one does not bring back what went with the other; `readable`
    is both.
    """

    def __init__(self, documents: Documents[Artifact]) -> None:
        super().__init__(documents, ARTIFACT_FIELDS)

    def with_id(self, namespace: str, id: int) -> Artifact | None:
        return self._documents.with_key(id, {"namespace": namespace, "readable": True})

    def named(self, namespace: str, parent: str, kind: str, name: str) -> Artifact | None:
        return self._documents.one({"called_key": joined(namespace, parent, kind, name)})

    def stored_at(
        self, places: Collection[str], *, within_reach: bool = True
    ) -> Sequence[Artifact]:
        among = {"readable": within_reach, "stored_at": {"$in": sorted(places)}}
        found = self._documents.many(among, [("stored_at", 1)])
        return sorted(found, key=lambda each: each.id)

    def insert(self, artifact: Artifact) -> None:
        what = f"artifact name {artifact.name!r}"
        self._documents.insert(artifact.id, artifact, what, **_derived(artifact))

    def replace(self, artifact: Artifact) -> None:
        what = f"artifact {artifact.id}"
        self._documents.replace(artifact.id, artifact, what, **_derived(artifact))

    def rename_model(self, namespace: str, model: str, name: str) -> None:
        def renamed(artifact: Artifact) -> dict[str, Any]:
            fields = _derived(artifact.of_renamed(name))
            kept = {each: fields[each] for each in _NAMED if each in fields}
            return {"model": name, "key_prefix": artifact.files_at, **kept}

        self._documents.derive_each(_of(namespace, model, None), renamed)

    def document(self, artifact: Artifact) -> dict[str, Any]:
        """As it is stored."""
        return self._documents.document(artifact.id, artifact, _derived(artifact))

    def withdraw(self, namespace: str, model: str, number: int | None = None) -> None:
        self._withdraw(_of(namespace, model, number), number)

    def readmit(self, namespace: str, model: str, number: int | None = None) -> None:
        self._readmit(_of(namespace, model, number), number)

    def forget(self, version_id: int) -> None:
        self._documents.remove_where({"version_id": version_id})

    def withdraw_runs(self, experiment_id: int, run_id: int | None = None) -> None:
        self._withdraw(_of_runs(experiment_id, run_id), run_id)

    def readmit_runs(self, experiment_id: int, run_id: int | None = None) -> None:
        self._readmit(_of_runs(experiment_id, run_id), run_id)

    def forget_run(self, experiment_id: int, run_id: int) -> None:
        self._documents.remove_where(_of_runs(experiment_id, run_id))

    def _withdraw(self, which: dict[str, Any], part: int | None) -> None:
        gone = {_flag(part): False, "readable": False, "listed": False}
        self._documents.derive_all(which, gone)

    def _readmit(self, which: dict[str, Any], part: int | None) -> None:
        other = "$model_is_there" if part is not None else "$version_is_there"
        back = {_flag(part): True, "readable": other, "listed": other}
        self._documents.derive_all(which, back)


def _flag(part: int | None) -> str:
    return "model_is_there" if part is None else "version_is_there"


def _of(namespace: str, model: str, number: int | None) -> dict[str, Any]:
    whole = {"namespace": namespace, "model": model}
    return whole if number is None else {**whole, "number": number}


def _of_runs(experiment_id: int, run_id: int | None) -> dict[str, Any]:
    whole = {"experiment_id": experiment_id}
    return whole if run_id is None else {**whole, "run_id": run_id}


def _derived(artifact: Artifact) -> dict[str, Any]:
    """Only what is within reach is ever written."""
    there = ("model_is_there", "version_is_there", "readable", "listed")
    fields: dict[str, Any] = dict.fromkeys(there, True)
    if artifact.has_unique_name:
        parts = (artifact.namespace, artifact.parent, artifact.kind, artifact.name)
        fields["called_key"] = joined(*parts)
    fields |= external(artifact.namespace, artifact)
    return {**fields, **derived(artifact, ARTIFACT_FIELDS)}
