"""Sealing: nothing is lost, nothing is sealed twice, whatever ends a run or runs beside it."""

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest

from core.adapters.ed25519.keys import Ed25519Signer
from core.domain.access import system_caller
from core.domain.checkpoints import (
    BATCH,
    LATENESS,
    NO_CHECKPOINT,
    Batch,
    Checkpoint,
    digests,
    leaf_content,
)
from core.domain.events import Event, event_id
from core.domain.merkle import leaf_digest, root_of
from core.domain.names import NAMESPACE
from core.errors import Conflict, Invalid, RegistryError, Unavailable
from tests.builders import ADMIN, World
from tests.contract.entities import event
from tests.failing import FailingWorld

KEY = "11" * 32
SWEEP = system_caller("sweep")


def world_with_events(count: int, **changes: Any) -> World:
    """A world that tells of so many events, a second apart."""
    world = World(**changes)
    add(world, count - len(every(world)))
    return world


def add(world: World, count: int, *, seconds: float = 1) -> None:
    def work(stores: Any) -> None:
        for number in range(count):
            world.clock.advance(seconds=seconds)
            stores.events.add(event(f"fraud/{number}", at=world.clock.now()))

    world.database.transaction(work)


def every(world: World) -> dict[str, Event]:
    tables = world.database._tables
    return {**tables.events, **tables.accesses}


def assert_sealed(world: World, *, but: int = 0) -> None:
    """Every event is under exactly one checkpoint, all of them chained, signed and published."""
    tables, events = world.database._tables, every(world)
    assert list(tables.checkpoints) == list(range(1, len(tables.checkpoints) + 1))
    sealed = [each for batch in tables.batches.values() for each in batch.events]
    assert len(sealed) == len(set(sealed)) == len(events) - but
    assert set(sealed) <= set(events)
    previous, total = NO_CHECKPOINT, 0
    for number, checkpoint in tables.checkpoints.items():
        batch = tables.batches[number]
        total += checkpoint.size
        assert (checkpoint.previous, checkpoint.total) == (previous, total)
        assert checkpoint.root == root_of(digests(batch)).hex()
        assert list(batch.events) == sorted(batch.events)
        for each, leaf in zip(batch.events, batch.leaves, strict=True):
            assert leaf_digest(leaf_content(events[each])).hex() == leaf
        assert is_signed(checkpoint)
        assert checkpoint.published_at is not None
        assert world.blobs.get(checkpoint.key) == batch.document(checkpoint)
        previous = checkpoint.digest


def is_signed(checkpoint: Checkpoint) -> bool:
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    public = bytes.fromhex(Ed25519Signer(KEY).public_keys()[checkpoint.key_id])
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(
            bytes.fromhex(checkpoint.signature), checkpoint.signed_bytes
        )
    except InvalidSignature:
        return False
    return True


def test_everything_that_happened_is_sealed_once() -> None:
    world = world_with_events(7)

    assert world.registry.sealing.seal(SWEEP) == 7
    assert world.registry.sealing.seal(SWEEP) == 0

    assert_sealed(world)
    (checkpoint,) = world.database._tables.checkpoints.values()
    assert (checkpoint.number, checkpoint.size) == (1, 7)


def test_more_than_a_batch_is_sealed_under_several_checkpoints() -> None:
    world = world_with_events(2 * BATCH + 5)

    assert world.registry.sealing.seal(SWEEP) == 2 * BATCH + 5

    sizes = [each.size for each in world.database._tables.checkpoints.values()]
    assert sizes == [BATCH, BATCH, 5]
    assert_sealed(world)


def test_a_run_is_bounded_and_the_next_one_goes_on() -> None:
    world = world_with_events(25)

    counts = [world.registry.sealing.seal(SWEEP, limit=10) for _ in range(4)]

    assert counts == [10, 10, 5, 0]
    assert_sealed(world)


def test_a_run_that_takes_too_long_stops_at_a_checkpoint(monkeypatch: pytest.MonkeyPatch) -> None:
    world = world_with_events(2 * BATCH)
    put = type(world.blobs).put

    def slowly(*arguments: Any, **named: Any) -> None:
        world.clock.advance(seconds=31)
        put(*arguments, **named)

    monkeypatch.setattr(type(world.blobs), "put", slowly)

    assert world.registry.sealing.seal(SWEEP) == BATCH
    assert world.registry.sealing.seal(SWEEP) == BATCH
    assert_sealed(world)


def test_refusals_and_downloads_are_sealed_with_the_changes() -> None:
    world = world_with_events(3)
    world.pushed({"model.bin": b"weights"})
    from core.domain.versions import ByNumber

    world.registry.downloads.get(ADMIN, "default", "iris", ByNumber(1), "model.bin")

    world.registry.sealing.seal(SWEEP)

    assert len(world.database._tables.accesses) == 1
    assert_sealed(world)


def test_an_event_that_becomes_visible_late_is_sealed_all_the_same() -> None:
    world = world_with_events(3)
    early = world.clock.now()
    world.clock.advance(seconds=30)
    add(world, 3)
    world.registry.sealing.seal(SWEEP)

    late = event("fraud/late", at=early + timedelta(milliseconds=1))
    world.database.transaction(lambda stores: stores.events.add(late))
    assert late.id < max(every(world))

    assert world.registry.sealing.seal(SWEEP) == 1
    assert_sealed(world)
    last = world.database.checkpoints.last()
    assert last is not None
    assert last.floor < late.id


@pytest.mark.parametrize("days", [0.05, 0.5, 20, 400])
def test_even_one_dated_far_below_the_floor_is_found_by_the_count(days: float) -> None:
    world = world_with_events(3)
    world.clock.advance(seconds=2 * LATENESS.total_seconds())
    add(world, 2)
    world.registry.sealing.seal(SWEEP)
    world.clock.advance(seconds=3600 - world.clock.now().timestamp() % 3600)  # a full hour
    add(world, 1, seconds=0.001)
    old = event("fraud/old", at=world.clock.now() - timedelta(days=days))
    world.database.transaction(lambda stores: stores.events.add(old))

    assert world.registry.sealing.seal(SWEEP) == 2

    last = world.database.checkpoints.last()
    assert last is not None
    assert old.id < last.floor
    assert_sealed(world)


def test_a_count_that_is_wrong_for_good_costs_no_look_at_the_whole_log_but_once_an_hour(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    world = world_with_events(3)
    world.registry.sealing.seal(SWEEP)
    audit = type(world.database.audit)
    asked: list[str] = []
    between = audit.between

    def watched(self: Any, after: str, until: str, limit: int) -> Any:
        asked.append(after)
        return between(self, after, until, limit)

    monkeypatch.setattr(audit, "size", lambda self: 10**9)
    monkeypatch.setattr(audit, "between", watched)
    world.clock.advance(seconds=3600 - world.clock.now().timestamp() % 3600)
    world.registry.sealing.seal(SWEEP)
    world.clock.advance(seconds=600)
    at_full_hour = len(asked)
    world.registry.sealing.seal(SWEEP)

    assert asked.count("") == 1
    assert (at_full_hour, len(asked)) == (6, 9)


def test_the_floor_never_claims_what_may_still_come() -> None:
    world = world_with_events(5)
    world.registry.sealing.seal(SWEEP)
    first = world.database.checkpoints.last()
    assert first is not None
    assert first.floor < event_id(first.at - LATENESS + timedelta(milliseconds=1))

    add(world, 20)
    world.registry.sealing.seal(SWEEP, limit=10)
    second = world.database.checkpoints.last()

    assert second is not None
    assert first.floor <= second.floor <= second.last


@pytest.mark.parametrize("step", range(1, 40))
def test_whatever_step_fails_the_next_run_goes_on(
    step: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core.services.sealing.BATCH", 10)
    world = FailingWorld()
    add(world, 15)
    for fuse in (world.database.fuse, world.blobs.fuse):
        fuse.steps_left = step
        try:
            world.registry.sealing.seal(SWEEP)
        except RegistryError:
            assert fuse.has_blown
        fuse.steps_left = None
        add(world, 1)

    world.registry.sealing.seal(SWEEP)

    assert_sealed(world)


def test_the_steps_that_failed_were_all_of_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("core.services.sealing.BATCH", 10)
    world = FailingWorld()
    add(world, 15)
    world.database.fuse.steps_left = 39

    world.registry.sealing.seal(SWEEP)

    assert not world.database.fuse.has_blown


def test_runs_at_once_seal_everything_once() -> None:
    world = world_with_events(3 * BATCH)
    with ThreadPoolExecutor(4) as pool:
        runs = [pool.submit(world.registry.sealing.seal, SWEEP) for _ in range(8)]
        counts = [run.result() for run in runs]

    world.registry.sealing.seal(SWEEP)

    assert sum(counts) <= 3 * BATCH
    assert_sealed(world)


def test_while_the_store_is_away_one_checkpoint_waits_and_no_more_are_made() -> None:
    world = world_with_events(BATCH + 5)
    world.blobs.down = True
    for _ in range(3):
        with pytest.raises(Unavailable):
            world.registry.sealing.seal(SWEEP)

    assert len(world.database._tables.checkpoints) == 1
    world.blobs.down = False
    world.registry.sealing.seal(SWEEP)

    assert_sealed(world)


def test_without_a_key_nothing_is_sealed() -> None:
    world = World(audit_key="")

    assert world.registry.sealing.seal(SWEEP) == 0
    assert world.database._tables.checkpoints == {}


def test_only_the_registry_itself_seals() -> None:
    world = world_with_events(3)

    with pytest.raises(RegistryError):
        world.registry.sealing.seal(ADMIN)


def test_documents_are_locked_for_the_time_that_is_set() -> None:
    world = world_with_events(3, audit_retention_days=7)
    world.blobs.locks_objects = True

    world.registry.sealing.seal(SWEEP)

    last = world.database.checkpoints.last()
    assert last is not None
    blob = world.blobs.stat(last.key)
    assert blob is not None
    assert blob.retained_until == last.at + timedelta(days=7)


def test_the_document_says_all_that_is_needed_to_verify_it() -> None:
    world = world_with_events(3)
    world.registry.sealing.seal(SWEEP)
    last = world.database.checkpoints.last()
    assert last is not None

    document = json.loads(world.blobs.get(last.key) or b"")

    assert document["events"] == sorted(every(world))
    assert document["checkpoint"]["signature"] == last.signature
    assert document["checkpoint"]["form"] == "modelry-checkpoint/1"
    assert "published_at" not in document["checkpoint"]


def test_no_namespace_can_be_where_checkpoints_lie() -> None:
    assert not NAMESPACE.fullmatch(".audit")


def test_a_field_that_a_later_release_adds_does_not_change_what_was_sealed() -> None:
    sealed = leaf_content(event(reason="why"))

    assert b'"details"' not in sealed
    assert b'"actor_roles"' not in sealed
    assert b'"reason":"why"' in sealed


@pytest.mark.parametrize("key", ["1234", "x" * 64, "11" * 31])
def test_a_key_that_is_none_is_named(key: str) -> None:
    with pytest.raises(Invalid, match="MODELRY_AUDIT_KEY"):
        _ = Ed25519Signer(key).key_id
    with pytest.raises(Invalid, match="MODELRY_AUDIT_FORMER_KEYS"):
        Ed25519Signer(KEY, [key]).public_keys()


def test_after_a_rotation_both_keys_are_published_and_the_new_one_signs() -> None:
    old, new = Ed25519Signer(KEY), Ed25519Signer("22" * 32)
    (public,) = old.public_keys().values()
    world = world_with_events(3)
    world.registry.sealing.seal(SWEEP)

    rotated = Ed25519Signer("22" * 32, [public])

    assert rotated.key_id == new.key_id != old.key_id
    assert rotated.public_keys() == {**old.public_keys(), **new.public_keys()}


def test_a_batch_that_is_gone_stops_sealing() -> None:
    world = world_with_events(3)
    world.blobs.down = True
    with pytest.raises(Unavailable):
        world.registry.sealing.seal(SWEEP)
    world.blobs.down = False
    batches: dict[int, Batch] = world.database._tables.batches
    batches.clear()

    with pytest.raises(Conflict, match="batch of checkpoint 1 is gone"):
        world.registry.sealing.seal(SWEEP)
