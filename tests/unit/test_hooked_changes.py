"""What plug-ins can do to a change, and what they cannot."""

import threading
from collections.abc import Callable
from typing import Any

import pytest

from core.adapters.plugins.calls import MAX_HANGING
from core.adapters.plugins.loading import Plugins
from core.bootstrap import bundle
from core.domain.access import Role
from core.domain.approvals import Verdict
from core.domain.events import Event
from core.domain.pages import PageRequest
from core.domain.versions import ByNumber
from core.errors import Conflict, Forbidden, Invalid, Unavailable
from tests.builders import ADMIN, World, caller, gated
from tests.hooking import hooked, plugin

SECONDS = 30.0  # longer than any test: nothing waits for it unless something hangs
SHORT = 0.02


def world_with(seconds: float = SECONDS, /, **plugins: object) -> World:
    """A world whose changes these plug-ins are asked about."""
    world = hooked(World(), Plugins(plugins, seconds))
    world.registry.models.register(ADMIN, "default", "iris", {})
    return world


def history(world: World) -> list[str]:
    """What happened, oldest first."""
    page = world.registry.events.page(ADMIN, "default", PageRequest(1000))
    return [event.action for event in reversed(page.items)]


def test_each_point_is_asked_before_and_told_after_its_change() -> None:
    heard: list[str] = []

    def hear(point: str) -> Callable[..., None]:
        def heard_of(event: Event) -> None:
            heard.append(f"{point} {event.action}")

        return heard_of

    points = ("version_registered", "upload_declared", "alias_moved", "stage_promoted", "deleted")
    names = [f"{when}_{point}" for point in points for when in ("before", "after")]
    names.append("after_version_ready")
    world = world_with(listener=plugin(**{name: hear(name) for name in names}))
    aliases, place = world.registry.aliases, (ADMIN, "default", "iris")

    number = world.pushed({"a.onnx": b"x"}).number
    aliases.point(*place, "best", ByNumber(number))
    aliases.remove(*place, "best")
    world.registry.promotions.promote(*place, ByNumber(number), "Staging")
    world.registry.models.register(ADMIN, "default", "rose", {})
    world.registry.deletions.delete_model(ADMIN, "default", "rose", reason="old")

    assert heard == [
        "before_version_registered version.registered",
        "before_upload_declared version.registered",
        "after_version_registered version.registered",
        "after_upload_declared version.registered",
        "after_version_ready version.ready",
        "before_alias_moved alias.set",
        "after_alias_moved alias.set",
        "before_alias_moved alias.removed",
        "after_alias_moved alias.removed",
        "before_stage_promoted version.promoted",
        "after_stage_promoted version.promoted",
        "before_deleted model.deleted",
        "after_deleted model.deleted",
    ]


def test_a_decision_on_an_approval_is_asked_about_and_told() -> None:
    heard: list[str] = []
    world = world_with(
        listener=plugin(
            before_approval_decided=lambda event: heard.append(f"before {event.action}"),
            after_approval_decided=lambda event: heard.append(f"after {event.action}"),
        )
    )
    number = world.pushed({"a.onnx": b"x"}).number
    gated(world, "Development", "Staging", {"rule": "approval", "count": 2})
    review = world.registry.approvals.request(ADMIN, "default", "iris", number, to_stage="Staging")

    bob = caller(("default", Role.APPROVER), subject="bob")
    world.registry.decisions.decide(
        bob, "default", "iris", review.approval.id, Verdict.APPROVE, digest=review.approval.digest
    )

    assert heard == ["before approval.approved", "after approval.approved"]


def test_an_objection_stops_the_change_and_those_after_it_are_not_asked() -> None:
    asked: list[str] = []
    first = plugin(before_deleted=lambda event: "not\non a Friday" + "!" * 1000)
    second = plugin(before_deleted=lambda event: asked.append("second"))
    world = world_with(first=first, second=second)
    before = history(world)

    with pytest.raises(Forbidden, match=r"'first' objects to model\.deleted") as told:
        world.registry.deletions.delete_model(ADMIN, "default", "iris", reason="old")

    assert "not on a Friday" in told.value.message
    assert len(told.value.message) < 600
    assert asked == []
    assert history(world) == before


@pytest.mark.parametrize(
    ("answer", "seconds", "why"),
    [
        (lambda event: 1 / 0, SECONDS, "failed with ZeroDivisionError"),
        (lambda event: exit(3), SECONDS, "failed with SystemExit"),
        (lambda event: False, SECONDS, "answered with bool"),
        (lambda event: threading.Event().wait(), SHORT, r"did not answer within 0\.02 seconds"),
    ],
    ids=["raises", "exits", "answers something else", "hangs"],
)
def test_nothing_changes_without_the_word_of_a_plug_in(
    answer: Callable[[Event], Any], seconds: float, why: str
) -> None:
    world = world_with(seconds, broken=plugin(before_deleted=answer))

    with pytest.raises(Unavailable, match=f"'broken' {why}; without its word nothing changes"):
        world.registry.deletions.delete_model(ADMIN, "default", "iris", reason="old")

    assert "model.deleted" not in history(world)


def test_who_is_told_cannot_break_what_is_done() -> None:
    told: list[str] = []
    world = world_with(
        broken=plugin(after_change=lambda event: 1 / 0),
        sound=plugin(after_change=lambda event: told.append(event.action)),
    )

    world.registry.models.register(ADMIN, "default", "rose", {})

    assert history(world).count("model.registered") == 2
    assert told == ["model.registered", "model.registered"]


def test_who_hangs_is_told_nothing_more_until_it_comes_back() -> None:
    begun: list[str] = []

    def hang(event: Event) -> None:
        begun.append(event.subject)
        threading.Event().wait()

    world = world_with(SHORT, hanging=plugin(after_change=hang))

    world.registry.models.register(ADMIN, "default", "rose", {})

    assert begun == ["default/iris"]
    assert history(world).count("model.registered") == 2


def test_calls_that_never_come_back_are_few() -> None:
    begun: list[int] = []

    def hang(event: Event) -> None:
        begun.append(1)
        threading.Event().wait()

    world = world_with(SHORT, hanging=plugin(before_deleted=hang))

    for _ in range(MAX_HANGING + 3):
        with pytest.raises(Unavailable, match="'hanging'"):
            world.registry.deletions.delete_model(ADMIN, "default", "iris", reason="old")

    assert len(begun) == MAX_HANGING


def test_what_became_another_change_while_a_plug_in_was_asked_is_asked_about() -> None:
    asked: list[Any] = []

    def rename_meanwhile(event: Event) -> None:
        asked.append(event.after and event.after["version"])
        if len(asked) == 1:
            with_other = bundle(
                world.settings, world.database, world.blobs, world.tokens, world.clock
            )
            with_other.aliases.point(ADMIN, "default", "iris", "other", ByNumber(1))

    world = world_with(curious=plugin(before_alias_moved=rename_meanwhile))
    world.pushed({"a.onnx": b"x"})

    world.registry.aliases.point(ADMIN, "default", "iris", "best", ByNumber(1))

    assert asked == [1, 1]
    model = world.database.models.get("default", "iris")
    assert model is not None
    assert model.aliases == {"best": 1, "other": 1}


def test_what_a_plug_in_does_to_the_event_is_seen_by_nobody() -> None:
    def spoil(event: Event) -> None:
        assert event.after is not None
        event.after.clear()  # type: ignore[attr-defined]  # it is a dict, and that is the point

    seen: list[Any] = []
    world = world_with(
        spoiling=plugin(before_version_registered=spoil, after_version_registered=spoil),
        looking=plugin(
            before_version_registered=lambda event: seen.append(event.after["number"]),
            after_version_registered=lambda event: seen.append(event.after["number"]),
        ),
    )

    version = world.registered({"a.onnx": b"x"})

    assert seen == [1, 1]
    assert world.database.versions.get("default", "iris", version.number) == version


def test_a_rule_of_the_registry_goes_before_any_plug_in() -> None:
    asked: list[str] = []
    world = world_with(curious=plugin(before_alias_moved=lambda event: asked.append("")))
    world.registered({"a.onnx": b"x"})

    with pytest.raises(Conflict, match="pending"):
        world.registry.aliases.point(ADMIN, "default", "iris", "best", ByNumber(1))

    assert asked == []


def test_a_plug_in_that_does_not_fit_is_refused_at_the_start() -> None:
    for functions in (
        {"before_tea": lambda event: None},
        {"before_deleted": lambda event, files: None},
        {"gate_hooks": lambda: {"ticket": print, "four": 4}},
        {"gate_hooks": lambda: 1 / 0},
    ):
        with pytest.raises(Invalid, match="The plug-in 'odd'"):
            Plugins({"odd": plugin(**functions)}, SECONDS)


@pytest.mark.parametrize(
    ("gate", "why"),
    [
        (lambda settings, facts: threading.Event().wait(), r"did not answer within 0\.02 seconds"),
        (lambda settings, facts: settings["ticket"], r"give a ticket"),
    ],
)
def test_a_gate_is_closed_by_an_objection_and_by_none_that_comes(
    gate: Callable[..., Any], why: str
) -> None:
    seconds = SHORT if "answer" in why else SECONDS
    world = world_with(seconds, gates=plugin(gate_hooks=lambda: {"ticket": gate}))
    number = world.pushed({"a.onnx": b"x"}).number
    rule = {"rule": "hook", "name": "ticket", "settings": {"ticket": "give a ticket"}}
    gated(world, "Development", "Staging", rule)

    with pytest.raises(Conflict, match=why):
        world.registry.promotions.promote(ADMIN, "default", "iris", ByNumber(number), "Staging")


def test_two_plug_ins_cannot_have_the_same_gate() -> None:
    gates = plugin(gate_hooks=lambda: {"ticket": lambda settings, facts: None})
    others = plugin(gate_hooks=lambda: {"ticket": lambda settings, facts: None})

    with pytest.raises(Invalid, match="'a' and 'b' both have the gate 'ticket'"):
        Plugins({"a": gates, "b": others}, SECONDS)
