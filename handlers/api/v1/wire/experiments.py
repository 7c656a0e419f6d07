"""Experiments as JSON."""

from typing import Any

from core.domain.experiments import Experiment
from handlers.api.v1.wire.common import Describing, Patch, common


class NewExperiment(Describing):
    """An experiment to create."""

    name: str
    artifact_location: str | None = None


class ExperimentPatch(Patch):
    """A merge patch (RFC 7396) of what can be changed of an experiment; null clears."""

    name: str | None = None


def experiment(entity: Experiment) -> dict[str, Any]:
    """An experiment."""
    return {
        "id": str(entity.id),
        "namespace": entity.namespace,
        "name": entity.name,
        "artifact_location": entity.artifact_location,
        "state": entity.state,
        "purge_at": entity.purge_at,
        **common(entity),
    }
