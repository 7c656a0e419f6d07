"""Files of runs: listed, fetched, sent in every way there is, and gone with their run."""

import pytest

from core.domain.access import Role, system_caller
from core.domain.logged_files import FileOwner, OwnerKind
from core.domain.pages import PageRequest
from core.errors import Conflict, Forbidden, Invalid, NotFound, TooLarge
from core.services import arrivals
from core.services.uploads import SignedPart
from tests.builders import ADMIN, World, caller

LIMIT = 64


@pytest.fixture
def world() -> World:
    return World(max_proxied_bytes=LIMIT)


@pytest.fixture
def run(world: World) -> FileOwner:
    world.registry.experiments.create(ADMIN, "default", "trial", {})
    made = world.registry.runs.create(ADMIN, "default", "trial", {})
    return FileOwner("default", OwnerKind.RUN, str(made.id))


@pytest.fixture
def small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(arrivals, "_PART_BYTES", 8)


def send(world: World, run: FileOwner, path: str, content: bytes, chunk: int = 5) -> None:
    """Let it pass through the registry."""
    arrival = world.registry.logged_files.receive(ADMIN, run, path, len(content))
    for start in range(0, len(content), chunk):
        arrival.take(content[start : start + chunk])
    arrival.close()


def read(world: World, run: FileOwner, path: str) -> bytes:
    return world.blobs.fetch(world.registry.logged_files.get(ADMIN, run, path).request)


def names(world: World, run: FileOwner, folder: str = "") -> list[str]:
    files = world.registry.logged_files
    return [each.name for each in files.page(ADMIN, run, folder, PageRequest()).items]


def deliver(world: World, parts: tuple[SignedPart, ...], contents: list[bytes]) -> None:
    for part, content in zip(parts, contents, strict=True):
        world.blobs.send(part.request, content)


def tags(world: World, key: str, upload: str) -> list[tuple[int, str]]:
    return [(part.number, f'"{part.etag}"') for part in world.blobs.parts(key, upload) or ()]


def test_folders_are_listed_one_at_a_time(world: World, run: FileOwner) -> None:
    for path in ("model/MLmodel", "model/data/x.bin", "plot.png"):
        send(world, run, path, path.encode())

    assert names(world, run) == ["model/", "plot.png"]
    assert names(world, run, "model") == ["MLmodel", "data/"]
    assert names(world, run, "none") == names(world, run, "plot.png") == []


def test_a_long_folder_has_pages(world: World, run: FileOwner) -> None:
    for number in range(5):
        send(world, run, f"{number}/x", b"")
    files = world.registry.logged_files

    first = files.page(ADMIN, run, "", PageRequest(3))
    rest = files.page(ADMIN, run, "", PageRequest(3, first.next_token))

    assert [each.name for each in (*first.items, *rest.items)] == ["0/", "1/", "2/", "3/", "4/"]
    assert rest.next_token is None
    with pytest.raises(Invalid):
        files.page(ADMIN, run, "0", PageRequest(3, first.next_token))


def test_a_file_is_fetched_from_the_store(world: World, run: FileOwner) -> None:
    send(world, run, "a/b", b"hello")

    found = world.registry.logged_files.get(ADMIN, run, "a/b")

    assert (found.size_bytes, world.blobs.fetch(found.request)) == (5, b"hello")
    with pytest.raises(Invalid, match="is a folder"):
        world.registry.logged_files.get(ADMIN, run, "a")
    with pytest.raises(NotFound):
        world.registry.logged_files.get(ADMIN, run, "b")


@pytest.mark.parametrize("size", [0, 1, 8, 9, 16, 17, LIMIT])
@pytest.mark.usefixtures("small_parts")
def test_what_passes_through_arrives_whole_whatever_its_size(
    world: World, run: FileOwner, size: int
) -> None:
    content = bytes(range(size))

    send(world, run, "x", content)

    assert read(world, run, "x") == content


@pytest.mark.usefixtures("small_parts")
def test_too_much_is_refused_and_names_the_setting(world: World, run: FileOwner) -> None:
    files = world.registry.logged_files
    send(world, run, "x", b"before")

    with pytest.raises(TooLarge) as announced:
        files.receive(ADMIN, run, "x", LIMIT + 1)
    arrival = files.receive(ADMIN, run, "x", 0)
    arrival.take(b"0" * LIMIT)
    with pytest.raises(TooLarge):
        arrival.take(b"1")
    arrival.give_up()

    assert "MODELRY_MAX_PROXIED_BYTES" in announced.value.next_step
    assert read(world, run, "x") == b"before"
    assert not world.blobs._uploads


def test_a_client_sends_parts_straight_to_the_store(world: World, run: FileOwner) -> None:
    files = world.registry.logged_files
    upload, parts = files.start(ADMIN, run, "x", 2)
    deliver(world, parts, [b"one", b"two"])
    named = tags(world, run.key("x"), upload)

    files.complete(ADMIN, run, "x", upload, list(reversed(named)))
    files.complete(ADMIN, run, "x", upload, named)

    assert read(world, run, "x") == b"onetwo"


def test_parts_that_never_came_make_no_file(world: World, run: FileOwner) -> None:
    files = world.registry.logged_files
    upload, parts = files.start(ADMIN, run, "x", 1)

    for wrong in ([], [(1, "")], [(1, '"/>')]):
        with pytest.raises(Invalid):
            files.complete(ADMIN, run, "x", upload, wrong)
    with pytest.raises(Conflict):
        files.complete(ADMIN, run, "x", upload, [(1, "0" * 32)])
    files.abort(ADMIN, run, "x", upload)
    files.abort(ADMIN, run, "x", upload)

    with pytest.raises(Conflict):
        files.complete(ADMIN, run, "x", upload, [(1, "0" * 32)])
    assert names(world, run) == []
    for count in (0, 10_001):
        with pytest.raises(Invalid):
            files.start(ADMIN, run, "x", count)
    assert len(parts) == 1


def test_an_upload_of_one_file_makes_no_other(world: World, run: FileOwner) -> None:
    files = world.registry.logged_files
    upload, parts = files.start(ADMIN, run, "x", 1)
    deliver(world, parts, [b"one"])

    with pytest.raises(Conflict):
        files.complete(ADMIN, run, "y", upload, tags(world, run.key("x"), upload))

    assert names(world, run) == []


def test_one_request_sends_a_whole_file(world: World, run: FileOwner) -> None:
    signed = world.registry.logged_files.sign_put(ADMIN, run, "x")

    world.blobs.send(signed, b"any")

    assert read(world, run, "x") == b"any"


def test_a_folder_goes_with_all_that_is_in_it(world: World, run: FileOwner) -> None:
    for path in ("a", "a/b", "a/c/d", "ab"):
        send(world, run, path, b"x")

    world.registry.logged_files.remove(ADMIN, run, "a/")
    world.registry.logged_files.remove(ADMIN, run, "none")

    assert names(world, run) == ["ab"]
    world.registry.logged_files.remove(ADMIN, run, "")
    assert names(world, run) == []


def test_who_reads_does_not_write_and_who_writes_needs_a_run(world: World, run: FileOwner) -> None:
    files = world.registry.logged_files
    reader, writer = (caller(("default", role)) for role in (Role.READER, Role.WRITER))
    nobody = FileOwner("default", OwnerKind.RUN, "999")

    assert files.page(reader, run, "", PageRequest()).items == ()
    for write in (files.sign_put, files.remove):
        with pytest.raises(Forbidden):
            write(reader, run, "x")
        with pytest.raises(NotFound):
            write(writer, nobody, "x")
    with pytest.raises(NotFound):
        files.page(reader, nobody, "", PageRequest())


def test_a_logged_model_keeps_files_of_its_own(world: World, run: FileOwner) -> None:
    model = world.registry.logged_models.create(ADMIN, "default", "trial", {}, run=run.id)
    owner = FileOwner("default", OwnerKind.LOGGED_MODEL, model.model_id)

    send(world, FileOwner("default", OwnerKind.LOGGED_MODEL, str(model.id)), "MLmodel", b"m")

    assert read(world, owner, "MLmodel") == b"m"
    assert names(world, run) == []
    with pytest.raises(NotFound):
        names(world, FileOwner("default", OwnerKind.LOGGED_MODEL, f"m-{9:032x}"))


def test_purged_runs_leave_no_files(world: World, run: FileOwner) -> None:
    send(world, run, "a/b", b"x")
    other = world.registry.runs.create(ADMIN, "default", "trial", {})
    kept = FileOwner("default", OwnerKind.RUN, str(other.id))
    send(world, kept, "a", b"x")
    world.registry.runs.delete(ADMIN, "default", run.id, reason="old")
    world.clock.advance(seconds=31 * 24 * 3600)

    world.registry.run_purges.purge(system_caller("sweep"))

    assert not world.blobs.entries(run.prefix, after=None, limit=1)
    assert names(world, kept) == ["a"]


def test_a_file_that_is_handed_out_is_told_of(world: World, run: FileOwner) -> None:
    send(world, run, "plots/roc.png", b"picture")

    world.registry.logged_files.get(ADMIN, run, "plots/roc.png")

    (event,) = world.database._tables.accesses.values()
    assert (event.action, event.subject) == ("download.granted", "default/~runs/1")
    assert event.details["first"] == "plots/roc.png"
