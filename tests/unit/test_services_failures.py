"""The database or the store goes down at every single step; what is repeated comes right."""

from collections.abc import Callable

import pytest

from core.domain import files as files_module
from core.domain.access import system_caller
from core.domain.pages import PageRequest
from core.domain.versions import ByAlias, ByNumber, VersionState
from core.errors import Conflict, NotFound, Unavailable
from tests.builders import ADMIN
from tests.failing import FailingWorld, Fuse

FILES = {"a": b"one", "b": b"two", "large": b"0123456789abcdefghij!"}


@pytest.fixture(autouse=True)
def small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Parts of eight bytes, so that a file of several parts is a small one."""
    monkeypatch.setattr(files_module, "PART_BYTES", 8)


def fuse_of(world: FailingWorld, part: str) -> Fuse:
    return world.database.fuse if part == "database" else world.blobs.fuse


def at_every_step(part: str, work: Callable[[FailingWorld], None]) -> int:
    """Run `work` in a fresh world for every step at which the part may fail; return how many.

    Each time `work` is repeated once, as a client would, after the part is back.
    """
    for step in range(1, 500):
        world = FailingWorld()
        world.registry.models.register(ADMIN, "default", "iris", {})
        fuse = fuse_of(world, part)
        fuse.steps_left = step
        try:
            work(world)
        except Unavailable:
            work(world)
        if not fuse.has_blown:
            return step - 1
        check(world)
    raise AssertionError("the work never ends")


def is_ready(world: FailingWorld) -> bool:
    """Whether a version is ready, as a client asks before it pushes again."""
    page = world.registry.versions.page(ADMIN, "default", "iris", PageRequest())
    return any(version.state is VersionState.READY for version in page.items)


def push(world: FailingWorld) -> None:
    """What a client does: register, send, complete, set an alias."""
    if not is_ready(world):
        version = world.registered(FILES)
        world.send(version, FILES)
        world.registry.receipts.complete(ADMIN, "default", "iris", version.number)
    world.registry.aliases.point(ADMIN, "default", "iris", "champion", ByNumber(1))


def push_by_events(world: FailingWorld) -> None:
    """The same, but that storage events bring it to an end; each comes until it is handled."""
    if not is_ready(world):
        version = world.registered(FILES)
        world.send(version, FILES)
        for path in FILES:
            world.registry.receipts.receive(system_caller("uploads"), version.key_prefix + path)
    world.registry.aliases.point(ADMIN, "default", "iris", "champion", ByNumber(1))


def check(world: FailingWorld) -> None:
    """One ready version under the alias with all its bytes, and an event for every change."""
    found = world.registry.versions.get(ADMIN, "default", "iris", ByAlias("champion"))
    assert found.state is VersionState.READY
    assert found.number == 1
    for path, content in FILES.items():
        download = world.registry.downloads.get(ADMIN, "default", "iris", ByAlias("champion"), path)
        assert world.blobs.fetch(download.request) == content
    actions = [
        event.action
        for event in world.registry.events.page(ADMIN, "default", PageRequest(1000)).items
    ]
    for action in ("version.registered", "version.ready", "alias.set"):
        assert actions.count(action) == 1


@pytest.mark.parametrize("part", ["database", "store"])
def test_a_push_that_fails_at_any_step_and_is_repeated_comes_right(part: str) -> None:
    assert at_every_step(part, push) > 10


@pytest.mark.parametrize("part", ["database", "store"])
def test_a_push_ended_by_events_that_fail_at_any_step_comes_right(part: str) -> None:
    assert at_every_step(part, push_by_events) > 10


@pytest.mark.parametrize("part", ["database", "store"])
def test_giving_up_that_fails_at_any_step_and_is_repeated_leaves_nothing(part: str) -> None:
    for step in range(1, 100):
        world = FailingWorld()
        world.registry.models.register(ADMIN, "default", "iris", {})
        world.send(world.registered(FILES), FILES)
        fuse = fuse_of(world, part)
        fuse.steps_left = step
        try:
            world.registry.uploads.abandon(ADMIN, "default", "iris", 1)
        except Unavailable:
            world.registry.uploads.abandon(ADMIN, "default", "iris", 1)
        fuse.steps_left = None

        for path in FILES:
            assert world.blobs.stat(f"default/iris/1/{path}") is None
        with pytest.raises(Conflict):
            world.registry.receipts.complete(ADMIN, "default", "iris", 1)
        if not fuse.has_blown:
            return
    raise AssertionError("the work never ends")


def test_an_expiry_that_fails_at_any_step_is_finished_by_the_next_one() -> None:
    sweep = system_caller("sweep")
    for step in range(1, 100):
        world = FailingWorld()
        world.registry.models.register(ADMIN, "default", "iris", {})
        world.send(world.registered(FILES), FILES)
        world.clock.advance(seconds=world.settings.upload_ttl_seconds + 1)
        world.blobs.fuse.steps_left = step
        try:
            world.registry.uploads.expire(sweep)
        except Unavailable:
            world.clock.advance(seconds=1)
            world.registry.uploads.expire(sweep)
        world.blobs.fuse.steps_left = None

        for path in FILES:
            assert world.blobs.stat(f"default/iris/1/{path}") is None
        if not world.blobs.fuse.has_blown:
            return
    raise AssertionError("the work never ends")


def test_a_registration_that_failed_leaves_nothing_half_made() -> None:
    for step in range(1, 50):
        world = FailingWorld()
        world.database.fuse.steps_left = step
        try:
            world.registry.models.register(ADMIN, "default", "lilies", {})
        except Unavailable:
            with pytest.raises(NotFound):
                world.registry.models.get(ADMIN, "default", "lilies")
            world.registry.models.register(ADMIN, "default", "lilies", {})
            continue
        return
    raise AssertionError("the work never ends")
