"""Retired versions are not handed out, but to who may and says why; what is held is not deleted."""

from dataclasses import replace
from typing import Any

import pytest

from core.domain.access import Caller, Role
from core.domain.events import SubjectKind
from core.domain.lifecycles import Stage, Transition, default_lifecycle
from core.domain.pages import PageRequest
from core.domain.retirement import retiring
from core.domain.versions import ByAlias, ByDigest, ByNumber, ModelVersion
from core.errors import Conflict, Forbidden, Invalid, NotFound
from tests.builders import ADMIN, World, caller, gated

READER = caller(("default", Role.READER), subject="rita")
WRITER = caller(("default", Role.WRITER), subject="wendy")
OWNER = caller(("default", Role.OWNER), subject="olga")
PAGE = PageRequest()
PLACE = ("default", "iris", ByNumber(1))


@pytest.fixture
def world() -> World:
    """Versions 1 and 2 of `iris`."""
    made = World()
    made.pushed({"a": b"1"})
    made.pushed({"a": b"2"})
    return made


def bring(world: World, *stages: str, number: int = 1) -> ModelVersion:
    for stage in stages:
        done = world.registry.promotions.promote(ADMIN, "default", "iris", ByNumber(number), stage)
    return done.version


def pull(world: World, by: Caller = READER, reference: Any = PLACE[2], **said: Any) -> Any:
    return world.registry.downloads.page(by, "default", "iris", reference, PAGE, **said)


def downloads(world: World) -> list[Any]:
    return [
        event
        for event in world.database.audit.between("", "g", 99)
        if event.kind is SubjectKind.DOWNLOAD
    ]


@pytest.mark.parametrize("by", [READER, WRITER, OWNER, ADMIN])
def test_a_retired_version_is_handed_out_to_nobody_just_so(world: World, by: Caller) -> None:
    version = bring(world, "Archived")

    for reference in (ByNumber(1), ByDigest(str(version.digest))):
        with pytest.raises(Conflict, match="is retired") as refused:
            pull(world, by, reference)
        assert refused.value.next_step.startswith("Use another version; an owner can pull it")
    with pytest.raises(Conflict, match="is retired"):
        world.registry.downloads.get(by, *PLACE, "a")
    assert world.registry.versions.get(by, *PLACE).stage == "Archived"


def test_the_refusal_names_the_successor(world: World) -> None:
    world.registry.retirements.deprecate(WRITER, "default", "iris", 1, successor="2")
    bring(world, "Archived")

    with pytest.raises(Conflict) as refused:
        pull(world)

    assert refused.value.next_step.startswith("Use iris:2 instead; an owner can pull it")


@pytest.mark.parametrize("by", [OWNER, ADMIN])
def test_who_may_can_force_it_and_that_is_told_of_with_the_reason(world: World, by: Caller) -> None:
    bring(world, "Archived")

    found = pull(world, by, forced="case 4711")
    world.clock.advance(seconds=1)
    world.registry.downloads.get(by, *PLACE, "a", forced="case 4712")

    assert [each.file.path for each in found.items] == ["a"]
    assert [(each.reason, each.details["forced"]) for each in downloads(world)] == [
        ("case 4711", True),
        ("case 4712", True),
    ]


@pytest.mark.parametrize("by", [READER, WRITER, caller(("default", Role.APPROVER))])
def test_nobody_else_can_force_it(world: World, by: Caller) -> None:
    bring(world, "Archived")

    with pytest.raises(Forbidden, match=r"file\.read-retired"):
        pull(world, by, forced="I want it")
    assert downloads(world) == []


@pytest.mark.parametrize("reason", ["", " ", "a\x00b"])
def test_who_forces_it_has_to_say_why(world: World, reason: str) -> None:
    bring(world, "Archived")

    with pytest.raises(Invalid):
        pull(world, OWNER, forced=reason)


def test_force_means_nothing_where_nothing_is_retired(world: World) -> None:
    bring(world, "Staging")

    pull(world, READER, forced="")

    (event,) = downloads(world)
    assert (event.reason, "forced" in event.details) == ("", False)


def test_what_comes_back_from_retirement_is_handed_out_again(world: World) -> None:
    bring(world, "Archived", "Development")

    assert len(pull(world).items) == 1


def test_the_past_does_not_lead_past_retirement(world: World) -> None:
    then = bring(world, "Staging").updated_at
    world.clock.advance(seconds=60)
    bring(world, "Archived")

    with pytest.raises(Conflict, match="is retired"):
        pull(world, READER, as_of=then)


@pytest.mark.parametrize("stage", ["Staging", "Canary"])
def test_what_a_stage_holds_is_neither_deleted_nor_archived(world: World, stage: str) -> None:
    gated(world, "Development", "Canary")
    bring(world, stage)
    deletions, place = world.registry.deletions, ("default", "iris", 1)

    for change in (
        lambda: deletions.delete_version(ADMIN, *place, reason="why"),
        lambda: deletions.archive_version(ADMIN, *place),
    ):
        with pytest.raises(Conflict, match=f"is held by the stage {stage}, so it can") as refused:
            change()
        assert refused.value.problems == ((f"the stage {stage}", "holds it"),)


def test_what_serves_is_held_by_its_stage_which_its_alias_follows(world: World) -> None:
    bring(world, "Staging", "Production")

    with pytest.raises(Conflict, match="is held by the stage Production"):
        world.registry.deletions.delete_version(ADMIN, "default", "iris", 1, reason="why")


def test_what_is_deployed_is_neither_deleted_nor_is_its_model(world: World) -> None:
    registry = world.registry
    registry.environments.create(ADMIN, "default", "prod", {})
    registry.deployments.create(ADMIN, "default", "prod", "iris", {}, name="scorer", follows="1")
    what = "the deployment scorer in prod"

    with pytest.raises(Conflict, match=f"is held by {what}") as refused:
        registry.deletions.delete_version(ADMIN, "default", "iris", 1, reason="why")
    assert refused.value.next_step == "First undeploy it, or deploy another version."
    registry.deletions.delete_version(ADMIN, "default", "iris", 2, reason="why")
    with pytest.raises(Conflict, match=f"is held by {what}"):
        registry.deletions.delete_model(ADMIN, "default", "iris", reason="why")

    registry.deployments.update(
        ADMIN, "default", "1", {"desired_state": "undeployed"}, expected_revision=None
    )

    registry.deletions.delete_version(ADMIN, "default", "iris", 1, reason="why")
    registry.deletions.delete_model(ADMIN, "default", "iris", reason="why")


def test_what_is_retired_or_has_come_nowhere_can_be_deleted(world: World) -> None:
    bring(world, "Archived")

    for number in (1, 2):
        world.registry.deletions.delete_version(ADMIN, "default", "iris", number, reason="why")

    assert world.registry.deletions.undelete_version(ADMIN, "default", "iris", 1).stage == (
        "Archived"
    )


def test_a_model_is_not_deleted_while_a_stage_holds_a_version_of_it(world: World) -> None:
    bring(world, "Staging")
    bring(world, "Staging", "Production", number=2)

    with pytest.raises(Conflict, match="so it cannot be deleted") as refused:
        world.registry.deletions.delete_model(ADMIN, "default", "iris", reason="why")
    assert refused.value.problems == (
        ("the stage Staging (version 1)", "holds it"),
        ("the stage Production (version 2)", "holds it"),
    )
    bring(world, "Archived")
    bring(world, "Archived", number=2)
    world.registry.deletions.delete_model(ADMIN, "default", "iris", reason="why")
    with pytest.raises(NotFound):
        world.registry.models.get(ADMIN, "default", "iris")


def test_names_lead_to_a_retired_version_still(world: World) -> None:
    world.registry.aliases.point(ADMIN, "default", "iris", "old", ByNumber(1))
    bring(world, "Archived")

    with pytest.raises(Conflict, match="is retired"):
        pull(world, READER, ByAlias("old"))


def test_the_stage_to_retire_to_is_the_only_one_or_the_one_named(world: World) -> None:
    version = world.registry.versions.get(ADMIN, *PLACE)
    lifecycle = default_lifecycle("default")

    assert retiring(lifecycle, version).name == "Archived"
    assert retiring(lifecycle, version, "archived").name == "Archived"
    with pytest.raises(Conflict, match="What is in Staging is not retired"):
        retiring(lifecycle, version, "Staging")
    with pytest.raises(NotFound):
        retiring(lifecycle, version, "Heaven")


def test_where_no_way_or_several_lead_to_retirement_the_stage_has_to_be_named(
    world: World,
) -> None:
    version = world.registry.versions.get(ADMIN, *PLACE)
    lifecycle = default_lifecycle("default")
    none = replace(lifecycle, transitions=())
    two = replace(
        lifecycle,
        stages=(*lifecycle.stages, Stage(name="Gone", retired=True)),
        transitions=(
            *lifecycle.transitions,
            Transition(from_stage="Development", to_stage="Gone"),
        ),
    )

    with pytest.raises(Conflict, match="no way leads to a retired stage"):
        retiring(none, version)
    with pytest.raises(Conflict, match="2 retired stages: Archived, Gone"):
        retiring(two, version)
