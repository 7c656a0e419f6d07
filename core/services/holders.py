"""What holds a version or a model, so that it cannot be taken away from under its users."""

from collections.abc import Iterator

from core.domain.lifecycles import Holds
from core.domain.models import RegisteredModel
from core.domain.retirement import holds
from core.domain.versions import ByStage, ModelVersion
from core.ports import Stores
from core.services.lookups import lifecycle_of

_MOVE = "bring it to another stage, or retire it"
_UNDEPLOY = "undeploy it, or deploy another version"
_NAMED = 10
"""So many deployments are named at most."""


def holders_of(stores: Stores, version: ModelVersion) -> Iterator[tuple[str, str]]:
    """The stage and the deployments that hold the version, each with what to do about it."""
    lifecycle = lifecycle_of(stores, version.namespace)
    stage = lifecycle.stage_of(version)
    if holds(lifecycle, stage):
        yield f"the stage {stage.name}", _MOVE
    yield from _deployments(stores, version.namespace, version.model, version.number)


def holders_of_model(stores: Stores, model: RegisteredModel) -> Iterator[tuple[str, str]]:
    """The stages and the deployments that hold versions of the model."""
    lifecycle = lifecycle_of(stores, model.namespace)
    for stage in lifecycle.stages:
        if not holds(lifecycle, stage):
            continue
        number = model.stages.get(stage.name)
        if number is None and stage.holds is Holds.MANY:
            name = lifecycle.stored(stage)
            found = stores.versions.find(model.namespace, model.name, ByStage(name))
            number = None if found is None else found.number
        if number is not None:
            yield f"the stage {stage.name} (version {number})", _MOVE
    yield from _deployments(stores, model.namespace, model.name, None)


def _deployments(
    stores: Stores, namespace: str, model: str, number: int | None
) -> Iterator[tuple[str, str]]:
    for each in stores.deployments.holding(namespace, model, number, limit=_NAMED):
        yield f"the deployment {each.name} in {each.environment}", _UNDEPLOY
