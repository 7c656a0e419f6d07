"""Artifacts whose bytes somebody else brought into the store: their digests, in whatever order one
hears of the bytes and of the artifact."""

import hashlib
from collections.abc import Sequence
from itertools import permutations
from typing import Any

import pytest

from core.adapters.memory.stored_objects import MemoryStoredObjects
from core.domain.access import system_caller
from core.domain.artifacts import Artifact
from core.domain.stored_objects import MAX_OBJECTS, StoredObject
from core.domain.uris import key_within
from core.domain.versions import ByNumber
from core.errors import Unavailable
from tests.builders import ADMIN, World
from tests.failing import FailingWorld

FILES = {"model.onnx": b"weights", "config/labels.json": b"{}"}
UPLOADS = system_caller("uploads")


def put(world: World, place: str, files: dict[str, bytes] = FILES) -> list[str]:
    """What a client with rights of its own does; the keys."""
    for path, content in files.items():
        world.blobs.put(f"{place}/{path}", content)
    return [f"{place}/{path}" for path in files]


def arrive(world: World, *keys: str) -> list[str]:
    return [world.registry.receipts.receive(UPLOADS, key) for key in keys]


def attach(world: World, uri: str, **what: Any) -> Artifact:
    if world.database.models.get("default", "churn") is None:
        world.registry.models.register(ADMIN, "default", "churn", {})
        world.registry.versions.register(ADMIN, "default", "churn", {}, [])
    what = {"name": "weights", "kind": "model", "uri": uri, **what}
    return world.registry.attachments.attach(ADMIN, "default", "churn", ByNumber(1), what)


def now(world: World, artifact: Artifact) -> Artifact:
    return world.registry.artifacts.with_id(ADMIN, "default", artifact.id)


def version_digest(files: dict[str, bytes]) -> str:
    """The digest of a version that is pushed with these files."""
    return str(World().pushed(files).digest)


@pytest.mark.parametrize("order", [*permutations(("first", "second", "artifact"))])
def test_what_is_measured_is_the_same_in_any_order_and_however_often(order: tuple[str]) -> None:
    world = World()
    first, second = put(world, "team/churn")
    made = None

    for step in order:
        if step == "artifact":
            made = attach(world, "s3://memory/team/churn?endpoint=http://store")
        else:
            arrive(world, first if step == "first" else second)
    assert made is not None
    measured = now(world, made)
    arrive(world, first, second, first)

    assert measured.digest == version_digest(FILES)
    assert measured.size_bytes == sum(map(len, FILES.values()))
    assert now(world, made) == measured


def test_an_object_that_is_named_itself_is_known_by_its_own_digest() -> None:
    world = World()
    made = attach(world, "s3://memory/a/model.bin")

    assert arrive(world, *put(world, "a", {"model.bin": b"x", "other": b"y"})) == [
        "measured",
        "noted",
    ]

    assert now(world, made).digest == f"sha256:{hashlib.sha256(b'x').hexdigest()}"


def test_bytes_that_are_replaced_are_measured_again_and_each_time_is_an_event() -> None:
    world = World()
    arrive(world, *put(world, "a"))
    made = attach(world, "s3://memory/a/")

    arrive(world, *put(world, "a", {"model.onnx": b"better"}))

    assert made.digest == version_digest(FILES)
    assert now(world, made).digest == version_digest({**FILES, "model.onnx": b"better"})
    events = [each for each in world.database._tables.events.values() if each.kind == "artifact"]
    assert [each.action for each in events] == ["artifact.registered", "artifact.measured"]
    assert [each.actor for each in events][1] == UPLOADS.principal.name


def test_an_artifact_that_moves_is_measured_where_it_is_now() -> None:
    world = World()
    arrive(world, *put(world, "a"), *put(world, "b", {"model.onnx": b"other"}))
    made = attach(world, "s3://memory/a")

    def move(uri: str) -> Artifact:
        return world.registry.attachments.update(
            ADMIN, "default", made.id, {"uri": uri}, expected_revision=None
        )

    assert move("s3://memory/b").digest == version_digest({"model.onnx": b"other"})
    elsewhere = move("s3://elsewhere/b")
    assert (elsewhere.digest, elsewhere.size_bytes, elsewhere.stored_at) == (None, None, None)
    assert move("s3://memory/a").digest == version_digest(FILES)


def test_what_somebody_says_of_the_digest_stays() -> None:
    world = World()
    arrive(world, *put(world, "a"))
    said = attach(world, "s3://memory/a", digest="md5:mine", kind="dataset")
    other = attach(world, "s3://memory/a", name="other")

    corrected = world.registry.attachments.update(
        ADMIN, "default", other.id, {"digest": "md5:mine"}, expected_revision=None
    )
    arrive(world, *put(world, "a", {"model.onnx": b"better"}))

    assert other.is_measured
    assert not corrected.is_measured
    assert now(world, said).digest == now(world, other).digest == "md5:mine"


def test_what_lies_in_another_namespace_or_bucket_is_not_told() -> None:
    world = World()
    world.registry.namespaces.create(ADMIN, "secret", {})
    arrive(world, *put(world, "secret/churn"), *put(world, "a"))

    for number, uri in enumerate(
        ("s3://memory/secret/churn", "s3://other/a", "s3://memory", "https://memory/a")
    ):
        assert attach(world, uri, name=f"a{number}").digest is None


def test_what_is_gone_again_and_what_is_the_registrys_own_is_nothing() -> None:
    world = World()

    assert arrive(world, "a/gone", "a/", ".audit/1.json") == ["ignored"] * 3
    assert not world.database._tables.stored_objects


def test_a_place_with_too_many_objects_has_no_digest() -> None:
    world = World()
    for number in range(MAX_OBJECTS + 1):
        noted = StoredObject(f"a/{number}", 1, "ab" * 32, world.clock.now())
        world.database.stored_objects.note(noted)

    assert attach(world, "s3://memory/a").digest is None


def test_what_is_noted_while_the_artifact_is_being_stored_is_not_overlooked(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    world = World()
    arrive(world, *put(world, "a"))

    def early(self: MemoryStoredObjects, place: str, limit: int) -> Sequence[StoredObject]:
        """A look from before they were noted, by somebody who does not see the artifact yet."""
        monkeypatch.undo()
        return []

    monkeypatch.setattr(MemoryStoredObjects, "under", early)
    made = attach(world, "s3://memory/a")

    assert made.digest == version_digest(FILES)
    assert made == now(world, made)


@pytest.mark.parametrize("part", ["database", "blobs"])
def test_a_notice_that_fails_at_any_step_comes_right_when_it_is_repeated(part: str) -> None:
    for step in range(1, 100):
        world = FailingWorld()
        made = attach(world, "s3://memory/a")
        keys = put(world, "a")
        fuse = world.database.fuse if part == "database" else world.blobs.fuse
        fuse.steps_left = step
        try:
            arrive(world, *keys)
        except Unavailable:
            arrive(world, *keys)
        if not fuse.has_blown:
            assert step > 1
            return
        assert now(world, made).digest == version_digest(FILES)
    raise AssertionError("it never ends")


def test_an_endpoint_in_a_uri_is_held_to_the_stores_own() -> None:
    own = ("http://127.0.0.1:9000", "https://store.example.org")

    def key(endpoint: str) -> str | None:
        return key_within(f"s3://bucket/a?endpoint={endpoint}&defaultRegion=r", "bucket", own)

    assert key("http://127.0.0.1:9000") == key("https://STORE.example.org/") == key("") == "a"
    for other in ("http://127.0.0.1:9001", "http://[", "nothing"):
        assert key(other) is None
    assert key_within("s3://[/a", "bucket", own) is None
    assert key_within("s3://bucket/a?endpoint=a&endpoint=b", "bucket", own) is None
    assert key_within("s3://bucket/a b/ü", "bucket", own) == "a b/ü"
