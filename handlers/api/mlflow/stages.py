"""MLflow's four stages, and the stages of a namespace's lifecycle.

`None` is the initial stage, whatever that is called; every other name is the lifecycle's own,
whatever its case.
"""

from core.domain.lifecycles import Lifecycle
from core.errors import Invalid, NotFound

NONE = "None"


def stage_within(lifecycle: Lifecycle, name: str) -> str:
    """The name in the lifecycle of what MLflow calls so. Raises `Invalid` if it has none."""
    if name.casefold() == NONE.casefold():
        return lifecycle.initial.name
    try:
        return lifecycle.stage(name).name
    except NotFound:
        names = ", ".join([NONE, *(stage.name for stage in lifecycle.stages[1:])])
        raise Invalid(
            f"Invalid model version stage: {name[:80]!a}.",
            next_step=f"The stages of the namespace: {names}.",
        ) from None


def stage_outside(stage: str | None) -> str:
    """What MLflow calls the stage that a version says it is in."""
    return stage or NONE
