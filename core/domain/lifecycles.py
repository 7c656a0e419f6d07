"""The lifecycle of a namespace: the stages of its versions, and the ways from one to another."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from core.domain.models import RegisteredModel
from core.domain.versions import ModelVersion
from core.errors import Conflict, NotFound


class Holds(StrEnum):
    """How many versions of a model may be in a stage at once."""

    ONE = "one"
    MANY = "many"


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """Where a version stands. What is in a stage that holds `one` version is moved to the stage
    `displaced_to` (the initial one if it is not said) when another enters.

    `alias` follows the version in it, and nothing else moves that alias. What is in a `protected`
    stage cannot be deleted; what is in a `retired` one is not for use any more.
    """

    name: str
    description: str = ""
    holds: Holds = Holds.MANY
    alias: str | None = None
    displaced_to: str | None = None
    protected: bool = False
    retired: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Transition:
    """A way from one stage to another, open for a version that passes all gates.

    `rollback_gates` are those on the way back to a stage that the version was in before. `back`
    marks a way that leads to where the version came from: the others form no circle.
    """

    from_stage: str
    to_stage: str
    back: bool = False
    gates: tuple[Mapping[str, Any], ...] = ()
    rollback_gates: tuple[Mapping[str, Any], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Lifecycle:
    """The first stage is the initial one: every version begins there, and says so with no stage.

    `protected_aliases` are moved by those alone who may (`Action.PROTECTED_ALIAS_CHANGE`).
    """

    namespace: str
    stages: tuple[Stage, ...]
    transitions: tuple[Transition, ...]
    protected_aliases: tuple[str, ...] = ()
    created_at: datetime
    created_by: str
    updated_at: datetime
    updated_by: str
    revision: int = 1

    @property
    def initial(self) -> Stage:
        """Where every version begins."""
        return self.stages[0]

    def stage(self, name: str) -> Stage:
        """The stage of this name, whatever its case. Raises `NotFound` saying which there are."""
        for stage in self.stages:
            if stage.name == name:
                return stage
        for stage in self.stages:
            if stage.name.casefold() == name.casefold():
                return stage
        raise NotFound(
            f"The namespace {self.namespace!r} has no stage {name[:80]!a}.",
            next_step=f"Its stages: {', '.join(stage.name for stage in self.stages)}.",
        )

    def stage_of(self, version: ModelVersion) -> Stage:
        """The stage that the version is in; the initial one if it names none that there is."""
        found = (stage for stage in self.stages if stage.name == version.stage)
        return next(found, self.initial)

    def stored(self, stage: Stage) -> str | None:
        """What a version in the stage says: nothing in the initial one, whatever its name is."""
        return None if stage is self.initial else stage.name

    def following(self, alias: str) -> Stage | None:
        """The stage that the alias follows."""
        return next((stage for stage in self.stages if stage.alias == alias), None)

    def displaced_to(self, stage: Stage) -> Stage:
        """Where the version goes that another one displaces from the stage."""
        return self.initial if stage.displaced_to is None else self.stage(stage.displaced_to)

    def way(self, source: Stage, target: Stage) -> Transition:
        """The transition. Raises `Conflict` saying where a version can go from there."""
        for transition in self.transitions:
            if (transition.from_stage, transition.to_stage) == (source.name, target.name):
                return transition
        ways = [each.to_stage for each in self.transitions if each.from_stage == source.name]
        raise Conflict(
            f"There is no way from {source.name} to {target.name}.",
            next_step=f"From {source.name} a version can go to: {', '.join(ways) or 'nowhere'}.",
        )

    def route(self, source: Stage, target: Stage) -> tuple[Transition, ...]:
        """The transitions one after the other, as few as there can be; of equal routes the one
        that comes first in the lifecycle. Raises `Conflict` as `way` does if none leads there."""
        reached: dict[str, tuple[Transition, ...]] = {source.name: ()}
        waiting = [source.name]
        for name in waiting:
            for each in self.transitions:
                if each.from_stage == name and each.to_stage not in reached:
                    reached[each.to_stage] = (*reached[name], each)
                    waiting.append(each.to_stage)
        if target.name not in reached:
            return (self.way(source, target),)
        return reached[target.name]


@dataclass(frozen=True, slots=True, kw_only=True)
class Holder:
    """`version` is the one that the stage holds; `revision` is the model's that says so."""

    namespace: str
    model: str
    stage: str
    version: int
    revision: int

    @classmethod
    def of(cls, model: RegisteredModel, stage: str) -> "Holder | None":
        """What holds the stage, if anything does."""
        number = model.stages.get(stage)
        if number is None:
            return None
        return cls(
            namespace=model.namespace,
            model=model.name,
            stage=stage,
            version=number,
            revision=model.revision,
        )


def default_lifecycle(namespace: str) -> Lifecycle:
    """What a namespace has that set none: revision 0, without gates."""
    epoch = datetime(1970, 1, 1, tzinfo=UTC)
    ways = (
        ("Development", "Staging", False),
        ("Staging", "Production", False),
        ("Development", "Archived", False),
        ("Staging", "Archived", False),
        ("Production", "Archived", False),
        ("Staging", "Development", True),
        ("Production", "Staging", True),
        ("Archived", "Development", True),
    )
    return Lifecycle(
        namespace=namespace,
        stages=(
            Stage(name="Development", description="Where every version begins."),
            Stage(name="Staging", description="Being tried before it serves."),
            Stage(
                name="Production",
                description="What serves: one version of each model.",
                holds=Holds.ONE,
                alias="production",
                displaced_to="Staging",
                protected=True,
            ),
            Stage(name="Archived", description="Not for use any more.", retired=True),
        ),
        transitions=tuple(
            Transition(from_stage=source, to_stage=target, back=back)
            for source, target, back in ways
        ),
        created_at=epoch,
        created_by="modelry",
        updated_at=epoch,
        updated_by="modelry",
        revision=0,
    )
