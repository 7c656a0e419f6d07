"""The end of a version's life: what is deprecated says so, and what to use instead."""

from datetime import UTC, datetime
from typing import Any

import pytest

from core.domain.access import Role, system_caller
from core.domain.deprecations import Deprecation, Successor
from core.domain.subjects import subject_of
from core.domain.versions import ByAlias, ByNumber, ModelVersion
from core.errors import Conflict, Forbidden, Invalid, NotFound, Stale
from tests.builders import ADMIN, World, caller

WRITER = caller(("default", Role.WRITER), subject="bob")
PLACE = ("default", "iris", 1)


@pytest.fixture
def world() -> World:
    """Versions 1 and 2 of `iris`, of which 2 is the champion, and version 1 of `tree`."""
    made = World()
    made.pushed({"a": b"1"})
    made.pushed({"a": b"2"})
    made.pushed({"a": b"3"}, model="tree")
    made.registry.aliases.point(ADMIN, "default", "iris", "champion", ByNumber(2))
    return made


def deprecate(world: World, **said: Any) -> ModelVersion:
    return world.registry.retirements.deprecate(WRITER, *PLACE, **said)


def test_a_deprecation_begins_now_and_is_an_event_with_its_reason(world: World) -> None:
    done = deprecate(world, note="drifts", reason="monthly review")

    assert done.deprecation == Deprecation(since=world.clock.now(), note="drifts")
    event = world.database.events.last(subject_of(done))
    assert event is not None
    assert (event.action, event.reason, event.revision) == (
        "version.deprecated",
        "monthly review",
        done.revision,
    )


@pytest.mark.parametrize(
    ("text", "successor"),
    [
        ("2", Successor(model="iris", version="2")),
        ("@champion", Successor(model="iris", version="@champion")),
        ("latest", Successor(model="iris", version="latest")),
        ("tree", Successor(model="tree", version="latest")),
        ("tree:1", Successor(model="tree", version="1")),
        ("iris@champion", Successor(model="iris", version="@champion")),
    ],
)
def test_a_successor_is_a_version_of_the_same_or_another_model(
    world: World, text: str, successor: Successor
) -> None:
    done = deprecate(world, successor=text)

    assert done.deprecation is not None
    assert done.deprecation.successor == successor


def test_a_successor_by_digest_is_written_as_it_is_read(world: World) -> None:
    digest = world.registry.versions.get(ADMIN, "default", "tree", ByNumber(1)).digest

    done = deprecate(world, successor=f"tree@{digest}")

    assert done.deprecation is not None
    assert done.deprecation.successor == Successor(model="tree", version=str(digest))
    assert str(done.deprecation.successor) == f"tree@{digest}"


@pytest.mark.parametrize(
    ("text", "error", "message"),
    [
        ("7", NotFound, "has no version 7"),
        ("forest", NotFound, "no model 'forest'"),
        ("1", Conflict, "cannot succeed itself"),
        ("@champion:3", Invalid, "is no alias"),
        (":3", Invalid, "names no version"),
        ("a/b:3", Invalid, "names no version"),
        ("tree:", Invalid, "names no version"),
    ],
)
def test_a_successor_that_is_none_is_refused(
    world: World, text: str, error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        deprecate(world, successor=text)


def test_a_successor_that_is_not_ready_is_refused(world: World) -> None:
    world.registered({"b": b"new"})

    with pytest.raises(Conflict, match="is pending"):
        deprecate(world, successor="3")
    with pytest.raises(Conflict, match="nobody uses it yet"):
        world.registry.retirements.deprecate(WRITER, "default", "iris", 3)


@pytest.mark.parametrize(
    ("since", "sunset"),
    [
        (datetime(2026, 2, 1, tzinfo=UTC), datetime(2026, 1, 1, tzinfo=UTC)),
        (datetime(1969, 12, 31, tzinfo=UTC), None),
    ],
)
def test_times_that_make_no_sense_are_refused(
    world: World, since: datetime, sunset: datetime | None
) -> None:
    with pytest.raises(Invalid, match="The deprecation begins at"):
        deprecate(world, since=since, sunset=sunset)


def test_a_note_that_is_too_long_is_refused(world: World) -> None:
    with pytest.raises(Invalid, match="The note has 2001 characters"):
        deprecate(world, note="x" * 2_001)


def test_the_same_said_again_changes_nothing_though_time_goes_on(world: World) -> None:
    first = deprecate(world, note="drifts")
    world.clock.advance(seconds=60)

    again = deprecate(world, note="drifts")
    other = deprecate(world, note="drifts a lot")

    assert again == first
    assert other.deprecation is not None
    assert other.deprecation.since == first.updated_at


def test_a_deprecation_is_taken_back_and_the_history_knows(world: World) -> None:
    then = deprecate(world).updated_at
    world.clock.advance(seconds=60)

    back = world.registry.retirements.undeprecate(WRITER, *PLACE, reason="a mistake")

    assert back.deprecation is None
    assert world.registry.retirements.undeprecate(WRITER, *PLACE) == back
    old = world.registry.versions.get(ADMIN, "default", "iris", ByNumber(1), as_of=then)
    assert old.deprecation is not None


def test_it_may_depend_on_the_revision(world: World) -> None:
    deprecate(world)

    with pytest.raises(Stale):
        deprecate(world, note="late", expected_revision=1)
    with pytest.raises(Stale):
        world.registry.retirements.undeprecate(WRITER, *PLACE, expected_revision=1)


@pytest.mark.parametrize("role", [Role.READER, Role.APPROVER])
def test_readers_and_approvers_do_not_deprecate(world: World, role: Role) -> None:
    with pytest.raises(Forbidden):
        world.registry.retirements.deprecate(caller(("default", role)), *PLACE)


def test_nothing_of_it_stays_after_the_purge(world: World) -> None:
    deprecate(world, note="secret reasons")
    world.registry.deletions.delete_version(ADMIN, *PLACE, reason="gone")
    world.clock.advance(seconds=31 * 86_400)
    world.registry.purges.purge(system_caller("sweep"))

    assert world.database.versions.get("default", "iris", 1).deprecation is None


def test_names_lead_where_they_led(world: World) -> None:
    world.registry.retirements.deprecate(WRITER, "default", "iris", 2)

    found = world.registry.versions.get(ADMIN, "default", "iris", ByAlias("champion"))

    assert found.number == 2
