"""Lifecycles as JSON."""

from typing import Any, Literal

from pydantic import Field

from core.domain.lifecycles import Holds, Lifecycle, Stage, Transition
from handlers.api.v1.wire.common import Body


class NewStage(Body):
    """A stage; the first one of a lifecycle is where every version begins."""

    name: str
    description: str = ""
    holds: Literal["one", "many"] = "many"
    alias: str | None = None
    displaced_to: str | None = None
    protected: bool = False
    retired: bool = False

    def stage(self) -> Stage:
        """The domain's own."""
        return Stage(**{**self.model_dump(), "holds": Holds(self.holds)})


class NewTransition(Body):
    """A way from one stage to another, and the gates on it."""

    from_stage: str = Field(alias="from")
    to_stage: str = Field(alias="to")
    back: bool = False
    gates: list[dict[str, Any]] = Field(default_factory=list)
    rollback_gates: list[dict[str, Any]] = Field(default_factory=list)

    def transition(self) -> Transition:
        """The domain's own."""
        return Transition(
            from_stage=self.from_stage,
            to_stage=self.to_stage,
            back=self.back,
            gates=tuple(self.gates),
            rollback_gates=tuple(self.rollback_gates),
        )


class NewLifecycle(Body):
    """The whole lifecycle of a namespace, in place of the one that it has."""

    stages: list[NewStage]
    transitions: list[NewTransition]
    protected_aliases: list[str] = Field(default_factory=list)


def lifecycle(entity: Lifecycle) -> dict[str, Any]:
    """A lifecycle, and who set it when; revision 0 is the default one."""
    return {
        "namespace": entity.namespace,
        "stages": [stage(each) for each in entity.stages],
        "transitions": [
            {
                "from": each.from_stage,
                "to": each.to_stage,
                "back": each.back,
                "gates": list(each.gates),
                "rollback_gates": list(each.rollback_gates),
            }
            for each in entity.transitions
        ],
        "protected_aliases": list(entity.protected_aliases),
        "created_at": entity.created_at,
        "created_by": entity.created_by,
        "updated_at": entity.updated_at,
        "updated_by": entity.updated_by,
        "revision": entity.revision,
    }


def stage(entity: Stage) -> dict[str, Any]:
    """A stage."""
    return {
        "name": entity.name,
        "description": entity.description,
        "holds": entity.holds.value,
        "alias": entity.alias,
        "displaced_to": entity.displaced_to,
        "protected": entity.protected,
        "retired": entity.retired,
    }
