"""Promotion through gates, and the way back."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from core.domain.access import Role
from core.domain.lifecycles import Holder, Lifecycle, Stage, Transition, default_lifecycle
from core.domain.moments import shown
from core.domain.pages import PageRequest
from core.domain.records import record
from core.domain.rollbacks import former_holder
from core.domain.subjects import stage_subject
from core.domain.versions import parse_reference
from core.errors import Conflict, Forbidden, Invalid, NotFound, Stale
from core.services.crossings import Crossing
from tests.builders import ADMIN, World, caller

WRITER = caller(("default", Role.WRITER), subject="will")
READER = caller(("default", Role.READER), subject="rita")
OWNER = caller(("default", Role.OWNER), subject="olga")
PROMOTE = ("Staging", "Production")


def gated(
    *gates: dict[str, Any], way: tuple[str, str] = PROMOTE, rollback: Any = (), **fields: Any
) -> Lifecycle:
    """The default lifecycle with these gates on one way."""
    default = default_lifecycle("default")
    ways = tuple(
        replace(each, gates=gates, rollback_gates=tuple(rollback))
        if (each.from_stage, each.to_stage) == way
        else each
        for each in default.transitions
    )
    return replace(default, transitions=ways, **fields)


def set_lifecycle(world: World, wanted: Lifecycle, **fields: Any) -> Lifecycle:
    return world.registry.lifecycles.put(
        OWNER, "default", wanted.stages, wanted.transitions, wanted.protected_aliases, **fields
    )


def promote(world: World, version: int | str, stage: str, by: Any = WRITER) -> Crossing:
    reference = parse_reference(str(version))
    return world.registry.promotions.promote(by, "default", "iris", reference, stage)


def judge(world: World, version: int | str, stage: str, by: Any = READER) -> Crossing:
    reference = parse_reference(str(version))
    return world.registry.promotions.judge(by, "default", "iris", reference, stage)


def to_production(world: World, *numbers: int) -> None:
    for number in numbers:
        if stages(world, number) != "Staging":
            promote(world, number, "Staging")
        promote(world, number, "Production")


def stages(world: World, number: int) -> str | None:
    found = world.database.versions.get("default", "iris", number)
    assert found is not None
    return found.stage


def held(world: World) -> tuple[dict[str, int], dict[str, int]]:
    model = world.database.models.get("default", "iris")
    assert model is not None
    return dict(model.stages), dict(model.aliases)


def roll_back(world: World, **fields: Any) -> Crossing:
    return world.registry.rollbacks.stage(WRITER, "default", "iris", "Production", **fields)


@pytest.fixture
def world() -> World:
    made = World()
    for number in range(1, 5):
        made.pushed({"a": str(number).encode()}, parameters={"n": number}, metrics={"auc": 0.9})
    return made


def test_the_default_lifecycle_works_without_set_up(world: World) -> None:
    assert stages(world, 1) is None

    promote(world, 1, "Staging")
    done = promote(world, 1, "production")

    assert (done.from_stage, done.to_stage, done.has_moved) == ("Staging", "Production", True)
    assert done.version.stage == "Production"
    assert done.version.aliases == ("production",)
    assert held(world) == ({"Production": 1}, {"production": 1})


def test_the_next_one_displaces_it_and_the_alias_follows(world: World) -> None:
    to_production(world, 1)

    promote(world, 2, "Staging")
    done = promote(world, 2, "Production")

    assert done.displaced == 1
    assert (stages(world, 1), stages(world, 2)) == ("Staging", "Production")
    assert held(world) == ({"Production": 2}, {"production": 2})
    former = world.database.versions.get("default", "iris", 1)
    assert former is not None
    assert former.aliases == ()


def test_what_leaves_a_stage_leaves_it_empty(world: World) -> None:
    to_production(world, 1)

    promote(world, 1, "Archived")

    assert held(world) == ({}, {})
    assert stages(world, 1) == "Archived"
    promote(world, 1, "Development")
    assert stages(world, 1) is None


def test_many_may_be_in_a_stage_that_holds_many(world: World) -> None:
    promote(world, 1, "Staging")
    promote(world, 2, "Staging")

    found = world.registry.versions.get(READER, "default", "iris", parse_reference("stage:Staging"))

    assert (stages(world, 1), stages(world, 2)) == ("Staging", "Staging")
    assert found.number == 2


def test_to_promote_again_is_to_do_nothing(world: World) -> None:
    to_production(world, 1)
    events = world.database.events.page("default", before=None, limit=1_000)

    again = promote(world, 1, "Production")

    assert not again.has_moved
    assert again.version.stage == "Production"
    assert world.database.events.page("default", before=None, limit=1_000) == events


def test_there_is_no_way_past_a_stage(world: World) -> None:
    with pytest.raises(Conflict, match="no way from Development to Production"):
        promote(world, 1, "Production")
    with pytest.raises(NotFound, match="no stage"):
        promote(world, 1, "Nirvana")


def test_what_is_not_ready_or_not_active_stays_where_it_is(world: World) -> None:
    pending = world.registered({"b": b"5"})
    world.registry.deletions.archive_version(ADMIN, "default", "iris", 2)

    for number in (pending.number, 2):
        with pytest.raises(Conflict):
            promote(world, number, "Staging")
    with pytest.raises(NotFound):
        promote(world, 99, "Staging")


def test_readers_may_ask_whether_but_not_do_it(world: World) -> None:
    assert judge(world, 1, "Staging").is_open

    with pytest.raises(Forbidden):
        promote(world, 1, "Staging", READER)

    assert stages(world, 1) is None


def test_a_closed_gate_is_named_with_its_reason_and_nothing_moves(world: World) -> None:
    set_lifecycle(
        world,
        gated(
            {"rule": "metric", "require": "auc >= 0.5"},
            {"rule": "metric", "require": "recall >= 0.5"},
            {"rule": "artifact", "name": "model-card"},
        ),
    )
    promote(world, 1, "Staging")

    looked = judge(world, 1, "Production")
    with pytest.raises(Conflict) as caught:
        promote(world, 1, "Production")

    assert [verdict.passed for verdict in looked.verdicts] == [True, False, False]
    assert [place for place, _ in caught.value.problems] == ["gates.1", "gates.2"]
    assert "nobody recorded recall of version 1" in caught.value.problems[0][1]
    assert "2 of 3 gates closed" in caught.value.message
    assert stages(world, 1) == "Staging"


def test_a_metric_is_compared_with_what_holds_the_stage() -> None:
    world = World()
    for accuracy in (0.9, 0.88, 0.896):
        world.pushed({"a": b"x"}, parameters={"a": accuracy}, metrics={"accuracy": accuracy})
    set_lifecycle(world, gated({"rule": "metric", "require": "accuracy >= champion - 0.005"}))
    to_production(world, 1)
    promote(world, 2, "Staging")
    promote(world, 3, "Staging")

    with pytest.raises(Conflict, match=r"0\.88 is not >= 0.895; version 1 in Production has 0.9"):
        promote(world, 2, "Production")
    promote(world, 3, "Production")

    assert held(world)[0] == {"Production": 3}


def test_a_schema_is_a_gate(world: World) -> None:
    schema = {"required": ["description"], "properties": {"description": {"minLength": 5}}}
    set_lifecycle(
        world, gated({"rule": "metadata", "schema": schema}, way=("Development", "Staging"))
    )

    with pytest.raises(Conflict, match="'description' is a required property"):
        promote(world, 1, "Staging")
    world.registry.versions.update(
        WRITER, "default", "iris", parse_reference("1"), {"description": "Whole."},
        expected_revision=None,
    )  # fmt: skip

    assert promote(world, 1, "Staging").has_moved


def test_an_evaluation_is_asked_for_and_grows_old(world: World) -> None:
    set_lifecycle(
        world,
        gated(
            {"rule": "evaluation", "dataset": "holdout", "max_age_days": 30},
            {"rule": "metric", "require": "auc >= 0.8", "dataset": "holdout"},
        ),
    )
    promote(world, 1, "Staging")
    assert [each.passed for each in judge(world, 1, "Production").verdicts] == [False, False]

    world.registry.evaluations.register(
        WRITER,
        "default",
        "iris",
        parse_reference("1"),
        {
            "schema_version": 1,
            "dataset": {"name": "holdout"},
            "metrics": {"auc": 0.81},
            "evaluator": {"name": "test"},
            "evaluated_at": shown(world.clock.now()),
        },
    )
    assert judge(world, 1, "Production").is_open
    world.clock.advance(seconds=31 * 86_400)

    assert [each.passed for each in judge(world, 1, "Production").verdicts] == [False, True]


def test_a_freeze_holds_when_the_clock_jumps_back(world: World) -> None:
    promote(world, 1, "Staging")
    start = world.clock.now() + timedelta(hours=1)
    freeze = {"rule": "freeze", "from": shown(start), "until": shown(start + timedelta(days=1))}
    set_lifecycle(world, gated(freeze))
    world.clock.advance(seconds=2 * 3_600)
    world.registry.models.register(WRITER, "default", "other", {})  # anything at all

    with pytest.raises(Conflict, match="frozen until"):
        promote(world, 1, "Production")
    world.clock.advance(seconds=-100_000)
    with pytest.raises(Conflict, match="frozen until"):
        promote(world, 1, "Production")
    world.clock.advance(seconds=100_000 + 2 * 86_400)

    assert promote(world, 1, "Production").has_moved


def test_a_clock_that_jumps_back_does_not_disorder_the_history(world: World) -> None:
    to_production(world, 1)
    world.clock.advance(seconds=-86_400)
    to_production(world, 2)

    events = world.database.events.page("default", before=None, limit=1_000)
    for kind in {(event.kind, event.subject) for event in events}:
        own = [event for event in events if (event.kind, event.subject) == kind]
        assert [event.revision for event in own] == sorted(
            (event.revision for event in own), reverse=True
        )


def test_a_hook_can_object_and_an_unknown_or_broken_one_keeps_the_gate_closed() -> None:
    asked: list[Any] = []

    def ticket(settings: Any, facts: Any) -> str | None:
        asked.append((settings, facts.version.number, facts.to_stage, facts.requester))
        return None if len(asked) > 2 else "no ticket"

    def broken(settings: Any, facts: Any) -> str | None:
        raise RuntimeError("secret")

    world = World(hooks={"ticket": ticket, "broken": broken})
    world.pushed({"a": b"1"})

    def closed(name: str) -> str:
        hook = {"rule": "hook", "name": name, "settings": {"queue": "ml"}}
        set_lifecycle(world, gated(hook, way=("Development", "Staging")))
        with pytest.raises(Conflict) as caught:
            promote(world, 1, "Staging")
        return caught.value.problems[0][1]

    assert closed("nobody").endswith("no hook named nobody is registered here")
    assert closed("broken").endswith("the hook failed with RuntimeError")
    assert closed("ticket").endswith("no ticket")
    assert asked == [({"queue": "ml"}, 1, "Staging", "subject:dev:will")]
    assert not judge(world, 1, "Staging").is_open
    assert promote(world, 1, "Staging").has_moved


def test_an_alias_that_follows_a_stage_is_moved_by_nothing_else(world: World) -> None:
    to_production(world, 1)
    aliases = world.registry.aliases

    with pytest.raises(Conflict, match="follows the stage Production"):
        aliases.point(ADMIN, "default", "iris", "production", parse_reference("2"))
    with pytest.raises(Conflict, match="follows the stage Production"):
        aliases.remove(ADMIN, "default", "iris", "production")

    assert held(world) == ({"Production": 1}, {"production": 1})


def test_a_protected_alias_is_moved_by_approvers(world: World) -> None:
    set_lifecycle(world, gated(protected_aliases=("champion",)))
    approver = caller(("default", Role.APPROVER), subject="anna")
    champion = ("default", "iris", "champion", parse_reference("1"))

    with pytest.raises(Forbidden):
        world.registry.aliases.point(WRITER, *champion)
    world.registry.aliases.point(approver, *champion)
    with pytest.raises(Forbidden):
        world.registry.aliases.remove(WRITER, "default", "iris", "champion")
    with pytest.raises(Forbidden):
        world.registry.rollbacks.alias(WRITER, "default", "iris", "champion")


def test_rollback_puts_back_what_was_there_and_is_told_as_that(world: World) -> None:
    to_production(world, 1, 2, 3)
    world.clock.advance(seconds=1)

    done = roll_back(world, reason="it drifts")

    assert (done.version.number, done.displaced) == (2, 3)
    assert held(world) == ({"Production": 2}, {"production": 2})
    assert (stages(world, 2), stages(world, 3)) == ("Production", "Staging")
    latest = world.database.events.page("default", before=None, limit=5)
    assert {event.action for event in latest} == {
        "model.version-rolled-back", "stage.rolled-back", "alias.rolled-back",
        "version.rolled-back", "version.displaced",
    }  # fmt: skip
    assert {event.reason for event in latest} == {"it drifts"}


def test_two_rollbacks_go_back_two_steps_and_then_there_is_nothing(world: World) -> None:
    to_production(world, 1, 2, 3)

    assert roll_back(world).version.number == 2
    assert roll_back(world).version.number == 1
    with pytest.raises(Conflict, match="Nothing was in 'default/iris:Production' before"):
        roll_back(world)


def test_a_promotion_after_a_rollback_lies_upon_it(world: World) -> None:
    to_production(world, 1, 2)
    roll_back(world)
    to_production(world, 3)

    assert roll_back(world).version.number == 1


def test_an_empty_stage_gets_back_what_was_there_last(world: World) -> None:
    to_production(world, 1, 2)
    promote(world, 2, "Staging")

    assert roll_back(world).version.number == 2


def test_a_rollback_of_what_never_held_anything_is_an_error(world: World) -> None:
    with pytest.raises(Conflict, match="Nothing was in"):
        roll_back(world)
    with pytest.raises(Invalid, match="any number of versions"):
        world.registry.rollbacks.stage(WRITER, "default", "iris", "Staging")
    with pytest.raises(Forbidden):
        world.registry.rollbacks.stage(READER, "default", "iris", "Production")


def test_a_rollback_goes_to_what_was_there_at_a_time(world: World) -> None:
    to_production(world, 1)
    then = world.clock.now()
    world.clock.advance(seconds=60)
    to_production(world, 2, 3)

    done = roll_back(world, to_time=then)
    again = roll_back(world, to_time=then)

    assert done.version.number == 1
    assert not again.has_moved
    with pytest.raises(Conflict, match=r"Nothing was in .* at "):
        roll_back(world, to_time=then - timedelta(days=1))
    with pytest.raises(Invalid, match="yet to come"):
        roll_back(world, to_time=world.clock.now() + timedelta(days=1))


def test_a_rollback_away_from_a_version_can_be_repeated(world: World) -> None:
    to_production(world, 1, 2, 3)

    first = roll_back(world, away_from=3)
    again = roll_back(world, away_from=3)

    assert (first.version.number, first.has_moved) == (2, True)
    assert (again.version.number, again.has_moved) == (2, False)
    with pytest.raises(Stale, match=r"version 2 .* not version 1"):
        roll_back(world, away_from=1)


def test_a_rollback_passes_its_own_gates(world: World) -> None:
    closed = {"rule": "metric", "require": "auc >= 2"}
    ticket = {"rule": "hook", "name": "ticket"}
    to_production(world, 1, 2)

    set_lifecycle(world, gated(closed, rollback=[ticket]))
    looked = roll_back(world, dry_run=True)
    with pytest.raises(Conflict) as caught:
        roll_back(world)

    assert [verdict.rule for verdict in looked.verdicts] == ["hook"]
    assert [place for place, _ in caught.value.problems] == ["gates.0"]
    set_lifecycle(world, gated(closed))
    assert roll_back(world).version.number == 1


def test_what_was_archived_by_hand_since_does_not_come_back_past_the_stages(world: World) -> None:
    to_production(world, 1, 2)
    promote(world, 1, "Archived")

    with pytest.raises(Conflict, match="no way from Archived to Production"):
        roll_back(world)


def test_an_alias_is_rolled_back_too(world: World) -> None:
    aliases, rollbacks = world.registry.aliases, world.registry.rollbacks
    for number in (1, 2, 3):
        aliases.point(WRITER, "default", "iris", "champion", parse_reference(str(number)))
    looked = rollbacks.alias(WRITER, "default", "iris", "champion", dry_run=True)
    world.clock.advance(seconds=1)

    done = rollbacks.alias(WRITER, "default", "iris", "champion", away_from=3)
    again = rollbacks.alias(WRITER, "default", "iris", "champion", away_from=3)

    assert (looked.version.number, looked.has_moved) == (2, False)
    assert (done.version.number, done.displaced, done.has_moved) == (2, 3, True)
    assert (again.version.number, again.has_moved) == (2, False)
    assert held(world)[1] == {"champion": 2}
    newest = world.database.events.page("default", before=None, limit=4)
    assert "alias.rolled-back" in {event.action for event in newest}


def test_an_alias_that_follows_a_stage_goes_back_with_it(world: World) -> None:
    to_production(world, 1, 2)

    done = world.registry.rollbacks.alias(WRITER, "default", "iris", "production")

    assert done.version.number == 1
    assert held(world) == ({"Production": 1}, {"production": 1})


def test_what_was_in_production_on_any_day_can_be_read(world: World) -> None:
    start = world.clock.now()
    moments = {}
    for number in (1, 2):
        world.clock.advance(seconds=60)
        to_production(world, number)
        moments[number] = world.clock.now()
        world.clock.advance(seconds=60)

    for number, at in moments.items():
        standing = world.registry.stages.of_model(READER, "default", "iris", as_of=at)
        assert {each.stage.name: each.version for each in standing}["Production"] == number
        named = parse_reference("stage:Production")
        found = world.registry.versions.get(READER, "default", "iris", named, as_of=at)
        assert found.number == number
    before = world.registry.stages.of_model(READER, "default", "iris", as_of=start)
    assert [each.version for each in before] == [None] * 4
    now = world.registry.stages.of_model(READER, "default", "iris")
    assert [each.version for each in now] == [None, None, 2, None]


def test_a_stage_names_a_version_whatever_its_case_and_an_unknown_one_is_said(
    world: World,
) -> None:
    versions = world.registry.versions
    to_production(world, 1)

    def named(text: str) -> int:
        return versions.get(READER, "default", "iris", parse_reference(text)).number

    assert named("stage:production") == 1
    assert named("stage:Development") == 4
    with pytest.raises(NotFound, match="no stage"):
        named("stage:Nirvana")
    with pytest.raises(NotFound, match="in the stage Archived"):
        named("stage:Archived")


def test_a_lifecycle_is_changed_with_an_event_and_read_as_of_a_moment(world: World) -> None:
    before = world.clock.now()
    world.clock.advance(seconds=60)

    first = set_lifecycle(world, gated({"rule": "approval"}), reason="four eyes")
    again = set_lifecycle(world, gated({"rule": "approval"}))

    assert (first.revision, again.revision) == (1, 1)
    newest = world.database.events.page("default", before=None, limit=2)
    assert {event.action for event in newest} == {
        "lifecycle.changed",
        "namespace.lifecycle-changed",
    }
    assert {event.reason for event in newest} == {"four eyes"}
    lifecycles = world.registry.lifecycles
    assert lifecycles.get(READER, "default").transitions == first.transitions
    assert lifecycles.get(READER, "default", as_of=before) == default_lifecycle("default")
    with pytest.raises(Stale):
        set_lifecycle(world, gated(), expected_revision=0)


def test_only_owners_change_it(world: World) -> None:
    default = default_lifecycle("default")

    with pytest.raises(Forbidden):
        world.registry.lifecycles.put(WRITER, "default", default.stages, default.transitions)


@pytest.mark.parametrize("change", ["goes", "holds many", "has another alias", "is renamed"])
def test_a_lifecycle_never_strands_a_version(world: World, change: str) -> None:
    to_production(world, 1)
    default = default_lifecycle("default")
    name, fields = {
        "goes": ("Live", {}),
        "is renamed": ("production", {}),
        "holds many": ("Production", {"holds": "many", "alias": None, "displaced_to": None}),
        "has another alias": ("Production", {"alias": "live"}),
    }[change]
    from core.domain.lifecycles import Holds

    if "holds" in fields:
        fields = {**fields, "holds": Holds.MANY}
    stages = tuple(
        replace(stage, name=name, **fields) if stage.name == "Production" else stage
        for stage in default.stages
    )
    ways = tuple(
        replace(
            way,
            from_stage=name if way.from_stage == "Production" else way.from_stage,
            to_stage=name if way.to_stage == "Production" else way.to_stage,
        )
        for way in default.transitions
    )

    with pytest.raises(Conflict, match="holds iris:1") as caught:
        world.registry.lifecycles.put(OWNER, "default", stages, ways)
    promote(world, 1, "Staging")
    world.registry.lifecycles.put(OWNER, "default", stages, ways)

    assert caught.value.problems[0][0] == "stages.Production"


def test_the_initial_stage_can_be_renamed_but_not_changed_with_another(world: World) -> None:
    renamed = (Stage(name="Draft"), Stage(name="Live"))
    way = (Transition(from_stage="Draft", to_stage="Live"),)
    lifecycles = world.registry.lifecycles
    lifecycles.put(OWNER, "default", renamed, way)
    promote(world, 1, "Live")

    swapped = (Transition(from_stage="Live", to_stage="Draft"),)
    with pytest.raises(Conflict, match="versions begin in Draft"):
        lifecycles.put(OWNER, "default", tuple(reversed(renamed)), swapped)

    assert judge(world, 2, "Live").from_stage == "Draft"


def test_the_events_of_a_stage_tell_who_held_it(world: World) -> None:
    to_production(world, 1, 2)

    subject = stage_subject("default", "iris", "Production")
    events = world.database.events.page(
        "default", kind=subject.kind, subject=subject.name, before=None, limit=9
    )

    model = world.database.models.get("default", "iris")
    assert model is not None
    assert events[0].after == record(Holder.of(model, "Production"))
    assert former_holder(events) == 1


def test_history_of_a_version_says_how_it_moved(world: World) -> None:
    to_production(world, 1)
    from core.domain.subjects import version_subject

    page = world.registry.history.page(
        READER, version_subject("default", "iris", 1), PageRequest(10)
    )

    assert [change.event.action for change in page.items[:2]] == ["version.promoted"] * 2
    assert ("/stage", "Staging", "Production") in [
        (each.field, each.before, each.after) for each in page.items[0].fields
    ]


def test_a_version_is_brought_over_several_stages_at_once() -> None:
    world = World()
    world.pushed({"a.bin": b"1"})

    crossing = world.registry.promotions.bring(
        WRITER, "default", "iris", parse_reference("1"), "Production"
    )

    assert (crossing.from_stage, crossing.to_stage) == ("Development", "Production")
    assert stages(world, 1) == "Production"
    assert world.registry.aliases.get(READER, "default", "iris", "production").version == 1


def test_every_gate_on_the_way_has_to_be_open() -> None:
    world = World()
    world.pushed({"a.bin": b"1"})
    closed = {"rule": "metric", "require": "accuracy >= 0.9"}
    set_lifecycle(world, gated(closed, way=("Development", "Staging")))

    with pytest.raises(Conflict) as refused:
        world.registry.promotions.bring(
            WRITER, "default", "iris", parse_reference("1"), "Production"
        )

    assert "accuracy" in refused.value.problems[0][1]
    assert stages(world, 1) is None


def test_nothing_is_brought_where_no_way_leads() -> None:
    world = World()
    world.pushed({"a.bin": b"1"})
    default = default_lifecycle("default")
    ways = tuple(way for way in default.transitions if way.from_stage != "Archived")
    set_lifecycle(world, replace(default, transitions=ways))
    promote(world, 1, "Archived")

    with pytest.raises(Conflict):
        world.registry.promotions.bring(
            WRITER, "default", "iris", parse_reference("1"), "Development"
        )
