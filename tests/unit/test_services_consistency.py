"""Database and store compared: what lacks, what is of another size, what nothing refers to."""

from datetime import timedelta

import pytest

from core.domain.access import Role, system_caller
from core.domain.consistency import Fault
from core.domain.versions import ByNumber
from core.errors import Forbidden, NotFound
from tests.builders import ADMIN, World, caller

OPERATOR = system_caller("operator")
OWNER = caller(("default", Role.OWNER))
WEEK = timedelta(days=7)


@pytest.fixture
def world() -> World:
    made = World()
    made.pushed({"a.bin": b"one", "deep/b.bin": b"two!"}, model="iris")
    return made


def found(world: World) -> list[tuple[Fault, str, int]]:
    checked = world.registry.consistency.check(OPERATOR, "default")
    return [(each.fault, each.key, each.size_bytes) for each in checked]


def cleaned(world: World, *, dry_run: bool = False) -> list[str]:
    clean = world.registry.consistency.clean
    return [e.key for e in clean(OPERATOR, "default", older_than=WEEK, dry_run=dry_run)]


def test_what_belongs_together_is_in_order(world: World) -> None:
    assert found(world) == []
    assert cleaned(world) == []


def test_bytes_that_lack_or_are_others_are_found(world: World) -> None:
    world.blobs.remove("default/iris/1/a.bin")
    world.blobs.put("default/iris/1/deep/b.bin", b"longer than it was")

    assert found(world) == [
        (Fault.MISSING, "default/iris/1/a.bin", 0),
        (Fault.OTHER_SIZE, "default/iris/1/deep/b.bin", 18),
    ]


STRAYS = [
    "default/iris/1/deep/c.bin",
    "default/iris/7/x.bin",
    "default/nobody/1/x.bin",
    "default/~runs/99/log.txt",
]


def test_what_nothing_refers_to_is_found_and_goes_after_a_while(world: World) -> None:
    for key in STRAYS:
        world.blobs.put(key, b"stray")

    assert found(world) == [(Fault.UNREFERENCED, key, 5) for key in STRAYS]
    assert cleaned(world) == []  # an upload might still be going on
    world.clock.advance(seconds=8 * 86_400)
    assert cleaned(world, dry_run=True) == STRAYS
    assert cleaned(world) == STRAYS
    assert found(world) == []


def test_what_an_artifact_refers_to_is_left_alone_while_it_can_be_undeleted(world: World) -> None:
    world.blobs.put("default/sent/by-hand/model.bin", b"bytes")
    what = {"name": "sent", "kind": "model", "uri": "s3://memory/default/sent/by-hand"}
    world.registry.attachments.attach(ADMIN, "default", "iris", ByNumber(1), what)
    world.clock.advance(seconds=8 * 86_400)

    assert found(world) == cleaned(world) == []
    world.registry.deletions.delete_model(ADMIN, "default", "iris", reason="r")
    assert "default/sent/by-hand/model.bin" not in cleaned(world, dry_run=True)


def test_the_bytes_of_a_pending_version_are_left_alone(world: World) -> None:
    version = world.registered({"m.bin": b"bytes"}, model="iris")
    world.blobs.put(f"{version.key_prefix}m.bin", b"bytes")
    world.clock.advance(seconds=8 * 86_400)

    assert found(world) == []
    assert cleaned(world) == []


def test_a_deleted_version_keeps_its_bytes_until_its_grace_is_over(world: World) -> None:
    world.registry.deletions.delete_version(OWNER, "default", "iris", 1, reason="wrong")
    world.clock.advance(seconds=8 * 86_400)

    assert found(world) == []
    assert cleaned(world) == []


@pytest.mark.parametrize("who", [ADMIN, OWNER])
def test_only_operators_compare_and_clean(world: World, who: object) -> None:
    with pytest.raises((Forbidden, NotFound)):
        world.registry.consistency.check(who, "default")
    with pytest.raises((Forbidden, NotFound)):
        world.registry.consistency.clean(who, "default", older_than=WEEK, dry_run=True)


def test_a_namespace_that_is_not_there_is_said(world: World) -> None:
    with pytest.raises(NotFound):
        world.registry.consistency.check(OPERATOR, "nowhere")
