"""What is told of refusals and downloads, and how much of a flood."""

import logging
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.domain.access import Action, Role
from core.domain.audit import TALLIED, TOLD_EACH, is_told, tally_key
from core.domain.events import Event, Outcome, SubjectKind
from core.domain.pages import PageRequest
from core.domain.records import record, restore
from core.domain.versions import ByNumber
from core.errors import Forbidden, NotFound, RegistryError, Unavailable
from tests.builders import ADMIN, World, caller, principal
from tests.contract.entities import NOW, event

READER = caller(("default", Role.READER), ("*", Role.AUDITOR), ("other", Role.OWNER), subject="bob")


def accesses(world: World) -> list[Event]:
    """What was told of besides changes, oldest first."""
    return list(world.database._tables.accesses.values())


def refused(world: World, action: Action = Action.MODEL_UPDATE, namespace: str = "default") -> None:
    """Let bob be refused, and tell of it."""
    try:
        READER.require(action, namespace, model="iris")
    except RegistryError as error:
        world.registry.refusals.tell(READER, error, "PATCH /models/{model}")


def test_an_event_says_who_the_actor_was_and_with_which_roles() -> None:
    world = World()
    world.registry.models.register(ADMIN, "default", "iris", {})

    told = world.registry.events.page(ADMIN, "default", PageRequest(1)).items[0]

    assert (told.actor_issuer, told.actor_subject) == ("dev", "alice")
    assert told.actor_roles == ("*:admin",)
    assert told.outcome is Outcome.DONE


def test_an_event_from_before_it_had_these_fields_is_read_back() -> None:
    stored = record(event())
    for name in ("actor_issuer", "actor_subject", "actor_roles", "outcome", "details"):
        del stored[name]

    found = restore(Event, stored)

    assert (found.actor_issuer, found.actor_roles, found.outcome) == ("", (), Outcome.DONE)


def test_a_refusal_says_what_was_wanted_where_and_by_whom() -> None:
    world = World()

    refused(world)

    (told,) = accesses(world)
    assert (told.action, told.kind, told.outcome) == (
        "access.refused",
        SubjectKind.ACCESS,
        Outcome.REFUSED,
    )
    assert (told.namespace, told.subject) == ("default", "default/iris")
    assert told.actor == "subject:dev:bob"
    assert told.actor_roles == ("*:auditor", "default:reader")
    assert told.request_id == "request"
    assert told.details == {
        "wanted": "model.update",
        "model": "iris",
        "answer": "forbidden",
        "route": "PATCH /models/{model}",
        "count": 1,
    }


def test_a_flood_of_refusals_leaves_few_events_that_say_how_many_there_were() -> None:
    world = World()

    for _ in range(1_000):
        refused(world)

    counts = [told.details["count"] for told in accesses(world) if told.details]
    assert counts == [*range(1, TOLD_EACH + 1), 200, 400, 800]


def test_the_next_hour_is_counted_anew() -> None:
    world = World()
    for _ in range(TOLD_EACH + 1):
        refused(world)

    world.clock.advance(seconds=TALLIED.total_seconds())
    refused(world)

    told = accesses(world)
    assert len(told) == TOLD_EACH + 1
    assert told[-1].details
    assert told[-1].details["count"] == 1


@given(st.integers(1, 10**9))
def test_of_any_number_of_refusals_at_most_half_is_not_told_of(count: int) -> None:
    last = max(
        number
        for number in (min(count, TOLD_EACH), *(TOLD_EACH << step for step in range(40)))
        if number <= count
    )

    assert is_told(last)
    assert count < 2 * last or count <= TOLD_EACH


def test_counts_are_of_one_principal_and_hour() -> None:
    alice, bob = (caller(subject=name) for name in ("alice", "bob"))

    assert tally_key(alice, NOW) != tally_key(bob, NOW)
    assert tally_key(alice, NOW) == tally_key(alice, NOW + timedelta(seconds=1))
    assert tally_key(alice, NOW) != tally_key(alice, NOW + TALLIED)


def test_a_refusal_that_cannot_be_told_of_is_a_refusal_all_the_same(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Whatever configures logging (a server that another test started) may have turned it off.
    monkeypatch.setattr(logging.getLogger("modelry.audit"), "disabled", False)
    world = World()
    world.database.down = True

    refused(world)

    assert "actor=subject:dev:bob wanted=model.update" in caplog.text


def test_whatever_goes_wrong_in_telling_the_refusal_is_the_answer(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    world = World()
    monkeypatch.setattr(type(world.database.audit), "count", lambda *_: 1 // 0)

    refused(world)

    assert accesses(world) == []


def test_an_error_that_is_no_decision_is_not_told_of() -> None:
    world = World()

    for error in (NotFound("no such model"), Forbidden("by another rule"), Unavailable("down")):
        world.registry.refusals.tell(READER, error, "GET /")

    assert accesses(world) == []


def test_a_download_says_exactly_which_files_may_be_pulled() -> None:
    world = World()
    files = {f"{number}.bin": b"x" * number for number in range(5)}
    version = world.pushed(files)

    downloads = world.registry.downloads
    downloads.page(READER, "default", "iris", ByNumber(1), PageRequest(3))
    downloads.get(READER, "default", "iris", ByNumber(1), "4.bin")

    first, second = accesses(world)
    assert (first.action, first.kind, first.subject) == (
        "download.granted",
        SubjectKind.DOWNLOAD,
        "default/iris/1",
    )
    assert first.details == {
        "digest": version.digest,
        "first": "0.bin",
        "last": "2.bin",
        "file_count": 3,
        "size_bytes": 3,
    }
    assert second.details
    assert second.details["first"] == second.details["last"] == "4.bin"


def test_an_address_that_cannot_be_told_of_is_not_handed_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    world = World()
    world.pushed({"model.bin": b"weights"})

    def fail(event: Event) -> None:
        raise Unavailable("The database does not answer.")

    monkeypatch.setattr(type(world.database.audit), "note", lambda self, event: fail(event))

    with pytest.raises(Unavailable):
        world.registry.downloads.get(ADMIN, "default", "iris", ByNumber(1), "model.bin")


def test_an_artifact_that_is_a_file_is_handed_out_with_an_event_too() -> None:
    world = World()
    artifact = {"name": "card", "kind": "document", "path": "card.md"}
    world.pushed({"card.md": b"# Iris"}, artifacts=(artifact,))

    world.registry.artifacts.get(ADMIN, "default", "iris", ByNumber(1), "card")

    (told,) = accesses(world)
    assert told.action == "download.granted"
    assert told.details is not None
    assert told.details["first"] == told.details["last"] == "card.md"


def test_addresses_are_signed_in_the_one_place_that_tells_of_it() -> None:
    root = Path(__file__).parents[2]
    signing = {
        str(file.relative_to(root))
        for folder in ("core/services", "handlers")
        for file in (root / folder).rglob("*.py")
        if "sign_get" in file.read_text(encoding="utf-8")
    }

    assert signing == {"core/services/pulls.py"}


def test_neither_stands_in_the_history_of_things() -> None:
    world = World()
    world.pushed({"model.bin": b"weights"})
    before = world.registry.events.page(ADMIN, "default", PageRequest(1000)).items

    refused(world)
    world.registry.downloads.get(ADMIN, "default", "iris", ByNumber(1), "model.bin")

    assert world.registry.events.page(ADMIN, "default", PageRequest(1000)).items == before
    assert len(accesses(world)) == 2


def test_the_registry_itself_is_not_told_of() -> None:
    world = World()
    from core.domain.access import system_caller

    system = system_caller("sweep")
    with pytest.raises(RegistryError) as caught:
        system.require(Action.MODEL_READ, "default")
    world.registry.refusals.tell(system, caught.value, "")

    assert accesses(world) == []
    assert principal("bob").name == READER.principal.name
