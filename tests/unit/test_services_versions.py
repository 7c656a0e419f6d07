"""Versions: numbered in order, resumed while unfinished, found by every name, never changed."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from core.domain.access import Role
from core.domain.pages import PageRequest
from core.domain.versions import ByAlias, ByDigest, ByNumber, Latest, VersionState
from core.errors import Conflict, Invalid, NotFound, Stale, TooLarge
from tests.builders import ADMIN, World, caller, declare

FILES = {"model.bin": b"weights", "docs/card.md": b"# Iris"}
ALICE = caller(("default", Role.WRITER))
BOB = caller(("default", Role.WRITER), subject="bob")


@pytest.fixture
def world() -> World:
    made = World()
    made.registry.models.register(ADMIN, "default", "iris", {})
    return made


def register(world: World, by: Any = ALICE, files: Any = None, **described: Any) -> Any:
    declarations = [declare(*item) for item in (FILES if files is None else files).items()]
    return world.registry.versions.register(by, "default", "iris", described, declarations)


def test_a_version_is_pending_until_its_files_are_there(world: World) -> None:
    version = register(world).version

    assert (version.number, version.state) == (1, VersionState.PENDING)
    assert (version.file_count, version.size_bytes) == (2, 13)
    assert version.key_prefix == "default/iris/1/"
    with pytest.raises(Conflict):
        world.registry.downloads.page(ALICE, "default", "iris", ByNumber(1), PageRequest())
    with pytest.raises(NotFound):
        world.registry.versions.get(ALICE, "default", "iris", Latest())


def test_a_version_without_files_is_ready_at_once(world: World) -> None:
    version = register(world, files={}, metrics={"accuracy": 1}).version

    assert (version.state, version.digest) == (VersionState.READY, None)
    assert version.ready_at == world.clock.now()
    assert world.registry.versions.get(ALICE, "default", "iris", Latest()) == version


def test_numbers_are_given_in_order_and_never_again(world: World) -> None:
    first = register(world, files={"a": b"1"}).version
    world.registry.uploads.abandon(ALICE, "default", "iris", first.number)

    second = register(world, files={"a": b"1"}).version

    assert (first.number, second.number) == (1, 2)
    assert first.id != second.id
    assert world.registry.models.get(ALICE, "default", "iris").last_version == 2


def test_registering_the_same_again_finds_the_unfinished_version(world: World) -> None:
    first = register(world, parameters={"depth": 3})

    second = register(world, parameters={"depth": 3}, description="said otherwise")

    assert first.is_new
    assert not second.is_new
    assert second.version == first.version


@pytest.mark.parametrize(
    "other",
    [
        {"by": BOB},
        {"files": {"model.bin": b"other", "docs/card.md": b"# Iris"}},
        {"files": {"model.bin": b"weights"}},
        {"parameters": {"depth": 4}},
        {"parameters": {"depth": 3.0}},
        {"parameters": {}},
        {"metrics": {"accuracy": 1}},
        {"license": "MIT"},
        {"datasets": ({"name": "iris"},)},
    ],
)
def test_anything_else_is_another_version(world: World, other: dict[str, Any]) -> None:
    register(world, parameters={"depth": 3})

    second = register(world, **{"parameters": {"depth": 3}, **other})

    assert second.is_new
    assert second.version.number == 2


def test_a_finished_or_expired_version_is_not_resumed(world: World) -> None:
    ready = world.pushed(FILES)
    again = register(world, by=ADMIN)
    assert again.is_new

    world.clock.advance(seconds=world.settings.upload_ttl_seconds)
    late = register(world, by=ADMIN)

    assert late.is_new
    assert [ready.number, again.version.number, late.version.number] == [1, 2, 3]


def test_threads_that_register_at_once_get_different_numbers(world: World) -> None:
    def one(index: int) -> int:
        return register(world, files={"a": str(index).encode()}).version.number

    with ThreadPoolExecutor(8) as pool:
        numbers = list(pool.map(one, range(24)))

    assert sorted(numbers) == list(range(1, 25))


def test_a_version_is_found_by_every_name(world: World) -> None:
    world.pushed({"a": b"1"})
    second = world.pushed({"a": b"2"})
    third = world.pushed({"a": b"2"})
    register(world, files={"a": b"2"})
    aliased = world.registry.aliases.point(ADMIN, "default", "iris", "champion", ByNumber(2))
    get = world.registry.versions.get

    assert get(ALICE, "default", "iris", ByNumber(2)).id == second.id
    assert get(ALICE, "default", "iris", ByAlias("champion")).number == aliased.version == 2
    assert get(ALICE, "default", "iris", Latest()).id == third.id
    assert get(ALICE, "default", "iris", ByDigest(second.digest)).id == third.id


@pytest.mark.parametrize(
    "reference", [ByNumber(9), ByNumber(0), ByAlias("nobody"), ByDigest("sha256:" + "0" * 64)]
)
def test_a_version_that_is_not_there_is_not_found(world: World, reference: Any) -> None:
    with pytest.raises(NotFound, match="no version"):
        world.registry.versions.get(ALICE, "default", "iris", reference)
    with pytest.raises(NotFound, match="no model"):
        world.registry.versions.get(ALICE, "default", "lilies", reference)


def test_a_version_of_another_namespace_is_not_found_by_any_name(world: World) -> None:
    version = world.pushed(FILES)
    world.registry.namespaces.create(ADMIN, "other", {})
    world.registry.models.register(ADMIN, "other", "iris", {})

    for reference in (ByNumber(1), ByDigest(version.digest), Latest()):
        with pytest.raises(NotFound):
            world.registry.versions.get(ADMIN, "other", "iris", reference)


def test_versions_come_newest_first_in_pages(world: World) -> None:
    for number in range(5):
        register(world, files={"a": str(number).encode()})
    first = world.registry.versions.page(ALICE, "default", "iris", PageRequest(3))

    rest = world.registry.versions.page(ALICE, "default", "iris", PageRequest(3, first.next_token))

    assert [version.number for version in first.items] == [5, 4, 3]
    assert [version.number for version in rest.items] == [2, 1]
    assert rest.next_token is None


def test_what_describes_a_version_may_change_and_its_build_may_not(world: World) -> None:
    ready = world.pushed(FILES, parameters={"depth": 3})
    update = world.registry.versions.update

    changed = update(
        ALICE, "default", "iris", Latest(), {"tags": {"ok": "yes"}}, expected_revision=None
    )

    assert changed.tags == {"ok": "yes"}
    assert (changed.digest, changed.parameters) == (ready.digest, {"depth": 3})
    for field in ("parameters", "digest", "state", "number", "files", "aliases", "namespace"):
        with pytest.raises(Invalid):
            update(ALICE, "default", "iris", Latest(), {field: {}}, expected_revision=None)
    with pytest.raises(Stale):
        update(ALICE, "default", "iris", Latest(), {"owner": "x"}, expected_revision=1)


def test_the_manifest_comes_by_path_in_pages(world: World) -> None:
    files = {f"{name}.bin": name.encode() for name in ("b", "a", "é", "Z")}
    world.pushed(files)
    seen, token = [], None

    while True:
        page = world.registry.downloads.page(
            ALICE, "default", "iris", Latest(), PageRequest(1, token)
        )
        seen += [download.file.path for download in page.items]
        if (token := page.next_token) is None:
            break

    assert seen == ["Z.bin", "a.bin", "b.bin", "é.bin"]


def test_what_is_downloaded_is_what_was_pushed(world: World) -> None:
    world.pushed(FILES)

    for path, content in FILES.items():
        download = world.registry.downloads.get(ALICE, "default", "iris", Latest(), path)
        assert world.blobs.fetch(download.request) == content
    with pytest.raises(NotFound):
        world.registry.downloads.get(ALICE, "default", "iris", Latest(), "../1/model.bin")


def test_limits_on_files_are_the_settings() -> None:
    world = World(max_files=1, max_file_bytes=3)
    world.registry.models.register(ADMIN, "default", "iris", {})

    for files in (FILES, {"a": b"1234"}):
        with pytest.raises(TooLarge):
            register(world, files=files)
    assert world.registry.models.get(ADMIN, "default", "iris").last_version == 0


def test_a_refused_registration_spends_no_number(world: World) -> None:
    for described in ({"metrics": {"a": True}}, {"parameters": {"": 1}}, {"owner": ""}):
        with pytest.raises(Invalid):
            register(world, **described)

    assert register(world).version.number == 1


def numbered(world: World, number: int, files: Any = None) -> Any:
    declarations = [declare(*item) for item in (FILES if files is None else files).items()]
    register = world.registry.versions.register
    return register(ALICE, "default", "iris", {}, declarations, number=number).version


def test_a_version_that_is_moved_in_keeps_its_number_and_later_ones_come_after_it(
    world: World,
) -> None:
    first = numbered(world, 3, {"a": b"1"})
    resumed = numbered(world, 3, {"a": b"1"})
    later = register(world, files={"b": b"2"}).version

    assert (first.number, first.key_prefix) == (3, "default/iris/3/")
    assert resumed == first
    assert later.number == 4


@pytest.mark.parametrize("number", [1, 3, 10_004])
def test_a_number_is_no_lower_than_any_so_far_and_not_far_above(world: World, number: int) -> None:
    numbered(world, 3, {"a": b"1"})

    with pytest.raises(Conflict, match="highest so far is 3") as refused:
        numbered(world, number, {"b": b"2"})

    assert refused.value.next_step == "Give one from 4 to 10003, or none."
