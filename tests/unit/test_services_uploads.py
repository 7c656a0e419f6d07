"""The way of the bytes: only what lacks, only what was declared, in any order, again and again."""

from typing import Any

import pytest

from core.adapters.memory.blobs import MemoryBlobStore, Refused
from core.bootstrap import bundle
from core.domain import files as files_module
from core.domain.access import Role, system_caller
from core.domain.files import FileDeclaration, FileState
from core.domain.pages import PageRequest
from core.domain.versions import ByNumber, Latest, VersionState
from core.errors import Conflict, Invalid, NotFound, Unavailable
from core.ports import SignedRequest
from core.services.receipts import Completion
from core.services.uploads import Transfer
from tests.builders import ADMIN, World, caller, declare

SYSTEM = system_caller("uploads")
FILES = {"a.bin": b"one", "b/c.bin": b"two", "empty": b""}
LARGE = b"0123456789abcdefghij!"


@pytest.fixture
def world() -> World:
    made = World()
    made.registry.models.register(ADMIN, "default", "iris", {})
    return made


@pytest.fixture
def small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Parts of eight bytes, so that a file of several parts is a small one."""
    monkeypatch.setattr(files_module, "PART_BYTES", 8)


def unproving() -> World:
    """A world whose store does not verify checksums."""
    made = World()
    made.blobs = MemoryBlobStore(clock=made.clock, proves_sha256=False)
    made.registry = bundle(made.settings, made.database, made.blobs, made.tokens, made.clock)
    made.registry.models.register(ADMIN, "default", "iris", {})
    return made


def transfers(world: World, number: int = 1) -> tuple[Transfer, ...]:
    return world.registry.uploads.open(ADMIN, "default", "iris", number, PageRequest())[1].items


def put_of(transfer: Transfer) -> SignedRequest:
    """The one request that sends a small file."""
    assert transfer.put is not None
    return transfer.put


def complete(world: World, number: int = 1) -> Completion:
    return world.registry.receipts.complete(ADMIN, "default", "iris", number)


def receive(world: World, path: str, number: int = 1) -> str:
    return world.registry.receipts.receive(SYSTEM, f"default/iris/{number}/{path}")


def state(world: World, number: int = 1) -> VersionState:
    return world.registry.versions.get(ADMIN, "default", "iris", ByNumber(number)).state


def test_events_alone_make_a_version_ready_in_any_order_any_number_of_times(world: World) -> None:
    version = world.registered(FILES)
    world.send(version, FILES)

    outcomes = [
        receive(world, path)
        for path in ("empty", "empty", "b/c.bin", "empty", "a.bin", "a.bin", "b/c.bin")
    ]

    assert outcomes == ["received"] * 4 + ["ready", "ignored", "ignored"]
    assert state(world) is VersionState.READY


def test_an_event_that_comes_before_its_object_changes_nothing(world: World) -> None:
    version = world.registered(FILES)

    assert receive(world, "a.bin") == "missing"
    world.send(version, FILES)
    assert receive(world, "a.bin") == "received"


@pytest.mark.parametrize(
    "key",
    [
        "",
        "a.bin",
        "default/iris/1",
        "default/iris/1/",
        "default/iris/1/other",
        "default/iris/2/a.bin",
        "default/iris/01/a.bin",
        "other/iris/1/a.bin",
        "default/iris/1/../1/a.bin",
        "/default/iris/1/a.bin",
        "default/iris/1/%61.bin",
        "default//iris/1/a.bin",
        "\0",
        "x" * 10_000,
    ],
)
def test_an_event_of_a_key_nobody_waits_for_is_ignored(world: World, key: str) -> None:
    world.registered(FILES)

    assert world.registry.receipts.receive(SYSTEM, key) == "ignored"


def test_completion_says_what_has_not_arrived(world: World) -> None:
    version = world.registered(FILES)
    first = transfers(world)[0]
    world.blobs.send(put_of(first), FILES[first.file.path])

    done = complete(world)

    assert done.version.state is VersionState.PENDING
    assert [(lack.path, lack.problem) for lack in done.lacks] == [
        ("b/c.bin", "has not arrived"),
        ("empty", "has not arrived"),
    ]
    world.send(version, FILES)
    assert complete(world).version.state is VersionState.READY
    assert complete(world).lacks == ()


def test_only_what_lacks_is_asked_for_again(world: World) -> None:
    world.registered(FILES)
    first = transfers(world)[0]
    world.blobs.send(put_of(first), FILES[first.file.path])
    complete(world)

    assert [each.file.path for each in transfers(world)] == ["b/c.bin", "empty"]


def test_what_lacks_is_asked_for_in_pages(world: World) -> None:
    world.registered({f"{number}": str(number).encode() for number in range(5)})
    seen, token = [], None

    while True:
        _, page = world.registry.uploads.open(ADMIN, "default", "iris", 1, PageRequest(2, token))
        seen += [each.file.path for each in page.items]
        if (token := page.next_token) is None:
            break

    assert seen == ["0", "1", "2", "3", "4"]


def test_other_bytes_than_the_declared_are_refused_by_the_store(world: World) -> None:
    world.registered(FILES)
    first = transfers(world)[0]

    for content in (b"onf", b"one more", b""):
        with pytest.raises(Refused):
            world.blobs.send(put_of(first), content)
    assert complete(world).version.state is VersionState.PENDING


def test_a_digest_that_lies_about_the_size_is_refused_and_the_version_stays_pending(
    world: World,
) -> None:
    honest = declare("a.bin", b"one")
    lie = FileDeclaration(path="a.bin", size_bytes=4, sha256=honest.sha256)
    world.registry.versions.register(ADMIN, "default", "iris", {}, [lie])
    world.blobs.send(put_of(transfers(world)[0]), b"one")

    with pytest.raises(Conflict, match=r"a\.bin") as caught:
        complete(world)

    assert caught.value.problems == (("a.bin", "3 bytes arrived where 4 were declared"),)
    assert state(world) is VersionState.PENDING
    assert receive(world, "a.bin") == "refused"
    manifest = world.registry.manifests.page(
        ADMIN, "default", "iris", ByNumber(1), PageRequest()
    ).page
    assert manifest is not None
    assert manifest.items[0].problem == "3 bytes arrived where 4 were declared"
    assert manifest.items[0].state is FileState.MISSING


def test_wrong_bytes_on_a_store_that_checks_nothing_are_refused_then_replaced() -> None:
    world = unproving()
    version = world.registered({"a.bin": b"one"})
    world.send(version, {"a.bin": b"bad"})

    with pytest.raises(Conflict, match=r"a\.bin"):
        complete(world)
    world.send(version, {"a.bin": b"one"})

    assert complete(world).version.state is VersionState.READY
    manifest = world.registry.manifests.page(
        ADMIN, "default", "iris", ByNumber(1), PageRequest()
    ).page
    assert manifest is not None
    assert manifest.items[0].problem is None


def test_a_store_that_checks_nothing_gets_every_file_by_multipart() -> None:
    world = unproving()
    world.registered(FILES)

    assert [each.put for each in transfers(world)] == [None] * 3


def test_a_large_file_is_sent_in_parts_and_resumed(world: World, small_parts: None) -> None:
    world.registered({"large": LARGE})
    (transfer,) = transfers(world)
    assert (transfer.put, transfer.file.parts, list(transfer.received_parts)) == (None, 3, [])
    second = declare("p", LARGE[8:16]).sha256
    (part,) = world.registry.uploads.sign_parts(ADMIN, "default", "iris", 1, "large", [(2, second)])
    world.blobs.send(part.request, LARGE[8:16])

    done = complete(world)
    (resumed,) = transfers(world)

    assert [lack.problem for lack in done.lacks] == ["2 of its 3 parts lack"]
    assert list(resumed.received_parts) == [2]
    world.send(world.registered({"large": LARGE}), {"large": LARGE})
    assert complete(world).version.state is VersionState.READY
    download = world.registry.downloads.get(ADMIN, "default", "iris", Latest(), "large")
    assert world.blobs.fetch(download.request) == LARGE


def test_a_part_of_the_wrong_size_is_sent_again(world: World, small_parts: None) -> None:
    version = world.registered({"large": LARGE})
    transfers(world)
    short = declare("p", b"short").sha256
    (part,) = world.registry.uploads.sign_parts(ADMIN, "default", "iris", 1, "large", [(1, short)])
    world.blobs.send(part.request, b"short")

    assert list(transfers(world)[0].received_parts) == []
    world.send(version, {"large": LARGE})
    assert complete(world).version.state is VersionState.READY


def test_wrong_parts_of_the_right_size_are_refused_and_can_be_sent_again(
    world: World, small_parts: None
) -> None:
    version = world.registered({"large": LARGE})
    world.send(version, {"large": LARGE.upper()})

    with pytest.raises(Conflict, match="large"):
        complete(world)

    assert list(transfers(world)[0].received_parts) == []
    world.send(version, {"large": LARGE})
    assert complete(world).version.state is VersionState.READY


def test_a_multipart_upload_that_the_store_lost_is_begun_again(
    world: World, small_parts: None
) -> None:
    version = world.registered({"large": LARGE})
    (transfer,) = transfers(world)
    stored: Any = world.database.files.get(version.id, "large")
    world.blobs.abort(stored.key, stored.multipart_id)

    assert complete(world).lacks[0].problem == "has not arrived"
    (again,) = transfers(world)

    begun: Any = world.database.files.get(version.id, "large")
    assert begun.multipart_id not in {None, stored.multipart_id}
    assert transfer.file.path == again.file.path
    world.send(version, {"large": LARGE})
    assert complete(world).version.state is VersionState.READY


def test_parts_are_signed_only_for_a_file_that_is_sent_in_parts(
    world: World, small_parts: None
) -> None:
    world.registered({"small": b"x", "large": LARGE})
    digest = "0" * 64

    def sign(path: str, number: int, digest: str = digest) -> None:
        world.registry.uploads.sign_parts(ADMIN, "default", "iris", 1, path, [(number, digest)])

    with pytest.raises(Conflict):
        sign("large", 1)
    transfers(world)
    sign("large", 3)
    with pytest.raises(Conflict):
        sign("small", 1)
    with pytest.raises(NotFound):
        sign("other", 1)
    for number, bad in ((0, digest), (4, digest), (1, "x")):
        with pytest.raises(Invalid):
            sign("large", number, bad)


def test_the_address_of_a_part_is_good_for_no_other_object_and_dies_with_its_upload(
    world: World, small_parts: None
) -> None:
    version = world.registered({"large": LARGE})
    transfers(world)
    digest = declare("p", LARGE[:8]).sha256
    (part,) = world.registry.uploads.sign_parts(ADMIN, "default", "iris", 1, "large", [(1, digest)])
    moved = type(part.request)(
        part.request.method,
        part.request.url.replace("iris/1", "iris/2"),
        part.request.headers,
        part.request.expires_at,
    )

    with pytest.raises(Refused, match="403"):
        world.blobs.send(moved, LARGE[:8])
    world.send(version, {"large": LARGE})
    complete(world)
    with pytest.raises(Refused, match="404"):
        world.blobs.send(part.request, LARGE[:8])


def test_a_file_the_namespace_has_is_copied_and_not_asked_for(
    world: World, small_parts: None
) -> None:
    files = {"a": b"same", "large": LARGE}
    world.pushed(files)
    world.registered({"renamed": b"same", "large": LARGE, "new": b"new"})

    asked = [each.file.path for each in transfers(world, 2)]

    assert asked == ["new"]
    world.send(
        world.registered({"renamed": b"same", "large": LARGE, "new": b"new"}), {"new": b"new"}
    )
    assert complete(world, 2).version.state is VersionState.READY
    download = world.registry.downloads.get(ADMIN, "default", "iris", ByNumber(2), "large")
    assert world.blobs.fetch(download.request) == LARGE


def test_a_file_of_another_namespace_is_never_copied(world: World) -> None:
    world.pushed({"secret": b"theirs"})
    world.registry.namespaces.create(ADMIN, "other", {})
    world.registry.models.register(ADMIN, "other", "iris", {})
    mallory = caller(("other", Role.WRITER), subject="mallory")
    world.registry.versions.register(mallory, "other", "iris", {}, [declare("loot", b"theirs")])

    _, page = world.registry.uploads.open(mallory, "other", "iris", 1, PageRequest())

    assert [each.file.path for each in page.items] == ["loot"]


def test_a_poisoned_twin_is_not_copied(world: World, small_parts: None) -> None:
    """Of a file in parts the store proves the parts; the whole digest is only claimed."""
    good, evil = LARGE, LARGE[::-1]
    claimed = FileDeclaration(
        path="model.bin",
        size_bytes=len(evil),
        sha256=declare("x", good).sha256,
        parts_sha256=declare("x", evil).parts_sha256,
    )
    poisoned = world.registry.versions.register(ADMIN, "default", "iris", {}, [claimed]).version
    world.send(poisoned, {"model.bin": evil})
    assert complete(world).version.state is VersionState.READY

    world.registered({"model.bin": good})
    (asked,) = transfers(world, 2)

    assert asked.file.path == "model.bin"
    world.send(world.registered({"model.bin": good}), {"model.bin": good})
    complete(world, 2)
    download = world.registry.downloads.get(ADMIN, "default", "iris", ByNumber(2), "model.bin")
    assert world.blobs.fetch(download.request) == good


def test_a_twin_whose_bytes_are_gone_is_asked_for(world: World) -> None:
    world.pushed({"a": b"same"})
    world.blobs.remove("default/iris/1/a")
    world.registered({"a": b"same"})

    assert [each.file.path for each in transfers(world, 2)] == ["a"]


def test_an_abandoned_upload_is_emptied_and_its_version_never_ready(
    world: World, small_parts: None
) -> None:
    version = world.registered({"a": b"1", "large": LARGE})
    world.send(version, {"a": b"1", "large": LARGE})
    put = next(each.put for each in transfers(world) if each.put)

    world.registry.uploads.abandon(ADMIN, "default", "iris", 1)
    world.registry.uploads.abandon(ADMIN, "default", "iris", 1)

    assert state(world) is VersionState.ABANDONED
    assert world.blobs.stat("default/iris/1/a") is None
    for use in (transfers, complete):
        with pytest.raises(Conflict):
            use(world)
    world.blobs.send(put, b"1")
    assert receive(world, "a") == "removed"
    assert world.blobs.stat("default/iris/1/a") is None
    with pytest.raises(Refused):
        world.blobs.send(put, b"2")


def test_a_ready_version_cannot_be_given_up(world: World) -> None:
    world.pushed(FILES)

    with pytest.raises(Conflict):
        world.registry.uploads.abandon(ADMIN, "default", "iris", 1)
    assert state(world) is VersionState.READY


def test_an_upload_that_ran_out_of_time_expires(world: World) -> None:
    sweep = system_caller("sweep")
    world.registered({"a": b"1"})
    world.clock.advance(seconds=3600)
    world.registered({"a": b"2"})
    world.pushed({"a": b"3"})
    assert world.registry.uploads.expire(sweep) == 0

    world.clock.advance(seconds=world.settings.upload_ttl_seconds - 1800)

    assert world.registry.uploads.expire(sweep) == 1
    assert [state(world, number) for number in (1, 2, 3)] == ["abandoned", "pending", "ready"]
    assert world.registry.uploads.expire(sweep) == 0


def test_an_emptying_that_was_cut_short_is_finished_by_the_sweep(world: World) -> None:
    version = world.registered({"a": b"1"})
    world.send(version, {"a": b"1"})
    world.blobs.down = True

    with pytest.raises(Unavailable):
        world.registry.uploads.abandon(ADMIN, "default", "iris", 1)
    world.blobs.down = False
    world.clock.advance(seconds=1)

    assert state(world) is VersionState.ABANDONED
    assert world.registry.uploads.expire(system_caller("sweep")) == 1
    assert world.blobs.stat("default/iris/1/a") is None
    assert world.registry.uploads.expire(system_caller("sweep")) == 0


def test_addresses_expire(world: World) -> None:
    world.registered({"a": b"1"})
    (transfer,) = transfers(world)
    world.clock.advance(seconds=3600)

    with pytest.raises(Refused, match="403"):
        world.blobs.send(put_of(transfer), b"1")
