"""Idempotency keys: what is asked for twice happens once, whoever is faster."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest

from core.domain.access import Caller, Role
from core.domain.claims import Once
from core.domain.versions import OnRepeat
from core.errors import Invalid, NotFound, Taken
from tests.builders import ADMIN, World, caller

Create = Callable[[World, Caller], Any]

CREATIONS: dict[str, Create] = {
    "namespace": lambda world, by: world.registry.namespaces.create(by, "team", {}),
    "model": lambda world, by: world.registry.models.register(by, "default", "iris", {}),
    "version": lambda world, by: world.registry.versions.register(
        by, "default", "lily", {}, on_repeat=OnRepeat.NEW
    ),
}


@pytest.fixture
def world() -> World:
    made = World()
    made.registry.models.register(ADMIN, "default", "lily", {})
    return made


def bearing(
    key: str, body: bytes = b"{}", by: Caller = ADMIN, operation: str = "POST /x"
) -> Caller:
    return replace(by, once=Once.of(by.principal.name, key, operation, body))


@pytest.mark.parametrize("create", CREATIONS.values(), ids=CREATIONS)
def test_the_same_request_creates_once_and_is_answered_twice(world: World, create: Create) -> None:
    first = create(world, bearing("key"))
    events = len(world.database.events.page("default", before=None, limit=100))

    again = create(world, bearing("key"))

    assert again == first
    assert len(world.database.events.page("default", before=None, limit=100)) == events


@pytest.mark.parametrize("create", CREATIONS.values(), ids=CREATIONS)
def test_two_at_once_get_the_same(world: World, create: Create) -> None:
    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(lambda _: create(world, bearing("key")), range(16)))

    assert all(each == made[0] for each in made)


@pytest.mark.parametrize("create", CREATIONS.values(), ids=CREATIONS)
@pytest.mark.parametrize("other", [{"body": b"{ }"}, {"operation": "POST /y"}])
def test_another_request_with_the_same_key_is_refused(
    world: World, create: Create, other: dict[str, Any]
) -> None:
    create(world, bearing("key"))

    with pytest.raises(Invalid, match="another request"):
        create(world, bearing("key", **other))


def test_the_key_of_somebody_else_is_another_key(world: World) -> None:
    bob = caller(("*", Role.ADMIN), subject="bob")
    CREATIONS["model"](world, bearing("key"))

    with pytest.raises(Taken):
        CREATIONS["model"](world, bearing("key", by=bob))


def test_what_was_refused_claims_nothing(world: World) -> None:
    with pytest.raises(NotFound):
        world.registry.models.register(bearing("key"), "nowhere", "iris", {})

    made = world.registry.models.register(bearing("key", b"other"), "default", "iris", {})

    assert made.name == "iris"


def test_a_key_counts_for_a_day(world: World) -> None:
    CREATIONS["version"](world, bearing("key"))

    world.clock.advance(seconds=24 * 3600 - 1)
    within = CREATIONS["version"](world, bearing("key"))
    world.clock.advance(seconds=1)
    after = CREATIONS["version"](world, bearing("key"))

    assert (within.version.number, after.version.number) == (1, 2)


@pytest.mark.parametrize("key", ["", " ", "a b", "x" * 256, "é", "a\nb", "\0"])
def test_what_is_no_key_is_refused(key: str) -> None:
    with pytest.raises(Invalid, match="Idempotency-Key"):
        Once.of("subject:dev:alice", key, "POST /x", b"")


def test_parts_of_a_claim_do_not_run_into_each_other() -> None:
    assert Once.of("ab", "c", "de", b"f").id != Once.of("a", "bc", "de", b"f").id
    assert Once.of("a", "b", "de", b"f").request != Once.of("a", "b", "d", b"ef").request
