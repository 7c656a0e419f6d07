"""Aliases: pointers that move by compare-and-set, and leave a trail."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from core.domain.access import Role
from core.domain.events import Event, SubjectKind
from core.domain.pages import PageRequest
from core.domain.versions import ByAlias, ByDigest, ByNumber, Latest
from core.errors import Conflict, Forbidden, Invalid, NotFound, Stale
from tests.builders import ADMIN, World, caller


@pytest.fixture
def world() -> World:
    """A model with the ready versions 1 and 2 and the pending version 3."""
    made = World()
    made.pushed({"a": b"1"})
    made.pushed({"a": b"2"})
    made.registered({"a": b"3"})
    return made


def point(world: World, number: int, name: str = "champion", **options: object) -> object:
    return world.registry.aliases.point(
        ADMIN,
        "default",
        "iris",
        name,
        ByNumber(number),
        **options,
    )


def test_an_alias_moves_and_both_versions_know(world: World) -> None:
    point(world, 1)
    point(world, 2)

    names = [
        world.registry.versions.get(ADMIN, "default", "iris", ByNumber(number)).aliases
        for number in (1, 2)
    ]
    model = world.registry.models.get(ADMIN, "default", "iris")
    found = world.registry.versions.get(ADMIN, "default", "iris", ByAlias("champion"))
    assert names == [(), ("champion",)]
    assert model.aliases == {"champion": 2}
    assert found.number == 2


def test_an_alias_can_be_pointed_by_any_name_of_a_version(world: World) -> None:
    digest = world.registry.versions.get(ADMIN, "default", "iris", ByNumber(1)).digest or ""
    put = world.registry.aliases.point

    assert put(ADMIN, "default", "iris", "a", Latest()).version == 2
    assert put(ADMIN, "default", "iris", "b", ByDigest(digest)).version == 1
    assert put(ADMIN, "default", "iris", "a", ByAlias("b")).version == 1


def test_pointing_where_it_points_is_no_change(world: World) -> None:
    first = point(world, 1)

    assert point(world, 1) == first
    assert len(events(world)) == 1


def test_only_a_ready_version_has_aliases(world: World) -> None:
    with pytest.raises(Conflict, match="pending"):
        point(world, 3)
    world.registry.uploads.abandon(ADMIN, "default", "iris", 3)
    with pytest.raises(Conflict, match="abandoned"):
        point(world, 3)
    with pytest.raises(NotFound):
        point(world, 4)


@pytest.mark.parametrize("name", ["", "latest", "3", "v3", "a/b", "a b", "x" * 256, "a\0"])
def test_a_word_that_is_no_alias_is_refused(world: World, name: str) -> None:
    with pytest.raises(Invalid):
        point(world, 1, name)


def test_an_alias_that_was_removed_is_gone_and_the_version_stays(world: World) -> None:
    point(world, 1)

    world.registry.aliases.remove(ADMIN, "default", "iris", "champion")

    version = world.registry.versions.get(ADMIN, "default", "iris", ByNumber(1))
    assert (version.aliases, version.state) == ((), "ready")
    for use in (
        lambda: world.registry.aliases.get(ADMIN, "default", "iris", "champion"),
        lambda: world.registry.aliases.remove(ADMIN, "default", "iris", "champion"),
        lambda: world.registry.versions.get(ADMIN, "default", "iris", ByAlias("champion")),
    ):
        with pytest.raises(NotFound):
            use()


def test_of_two_moves_from_one_revision_one_wins(world: World) -> None:
    revision = world.registry.models.get(ADMIN, "default", "iris").revision

    def move(number: int) -> str:
        try:
            point(world, number, expected_revision=revision)
        except Stale:
            return "stale"
        return "moved"

    with ThreadPoolExecutor(2) as pool:
        outcomes = sorted(pool.map(move, (1, 2)))

    assert outcomes == ["moved", "stale"]


def test_any_number_of_moves_at_once_leave_one_champion(world: World) -> None:
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda number: point(world, 1 + number % 2), range(40)))

    holders = [
        version.number
        for version in world.registry.versions.page(ADMIN, "default", "iris", PageRequest()).items
        if "champion" in version.aliases
    ]
    assert holders == [world.registry.aliases.get(ADMIN, "default", "iris", "champion").version]


def test_an_approver_may_move_aliases_and_a_reader_may_not(world: World) -> None:
    put = world.registry.aliases.point

    put(caller(("default", Role.APPROVER)), "default", "iris", "champion", ByNumber(1))
    with pytest.raises(Forbidden):
        put(caller(("default", Role.READER)), "default", "iris", "champion", ByNumber(2))


def events(world: World) -> list[Event]:
    """Oldest first."""
    return list(
        reversed(
            world.registry.events.page(
                ADMIN,
                "default",
                PageRequest(),
                kind=SubjectKind.ALIAS,
                subject="default/iris@champion",
            ).items
        )
    )


def test_the_way_of_an_alias_can_be_read_back(world: World) -> None:
    point(world, 1, reason="first")
    world.clock.advance(seconds=1)
    point(world, 2, reason="better")
    world.clock.advance(seconds=1)
    world.registry.aliases.remove(ADMIN, "default", "iris", "champion")

    told = events(world)

    assert [event.action for event in told] == ["alias.set", "alias.moved", "alias.removed"]
    assert [event.reason for event in told] == ["first", "better", ""]
    assert [event.after and event.after["version"] for event in told] == [1, 2, None]
    assert [event.before and event.before["version"] for event in told] == [None, 1, 2]


def test_replaying_all_events_gives_the_aliases_of_the_model(world: World) -> None:
    for number, name in ((1, "a"), (2, "b"), (2, "a"), (1, "c")):
        world.clock.advance(seconds=1)
        point(world, number, name)
    world.clock.advance(seconds=1)
    world.registry.aliases.remove(ADMIN, "default", "iris", "b")
    state: dict[str, int] = {}

    for event in reversed(world.registry.events.page(ADMIN, "default", PageRequest(1000)).items):
        if event.kind is SubjectKind.ALIAS:
            name = event.subject.rpartition("@")[2]
            state.pop(name, None)
            if event.after is not None:
                state[name] = event.after["version"]

    assert state == world.registry.models.get(ADMIN, "default", "iris").aliases
    assert [
        (alias.alias, alias.version)
        for alias in world.registry.aliases.of_model(ADMIN, "default", "iris")
    ] == [("a", 2), ("c", 1)]
