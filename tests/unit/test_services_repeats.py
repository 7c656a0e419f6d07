"""The same training is one version; every version's semantic version tells what changed."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from core.domain.access import Role
from core.domain.events import SubjectKind
from core.domain.pages import PageRequest
from core.domain.versions import OnRepeat, VersionState, parse_reference
from core.errors import Conflict, Invalid, NotFound, Taken
from core.services.versions import Outcome
from tests.builders import ADMIN, World, caller, declare

FILES = {"model.bin": b"weights"}
TRAINING: dict[str, Any] = {
    "parameters": {"depth": 3},
    "datasets": ({"name": "iris", "digest": "sha256:1"},),
    "code": {"commit": "c0ffee"},
    "environment": {"python": "3.12"},
    "signature": {"inputs": ["x"]},
}
ALICE = caller(("default", Role.WRITER))
BOB = caller(("default", Role.WRITER), subject="bob")


@pytest.fixture
def world() -> World:
    made = World()
    made.registry.models.register(ADMIN, "default", "iris", {})
    return made


def register(
    world: World, by: Any = ALICE, files: Any = None, model: str = "iris", **fields: Any
) -> Any:
    options = {name: fields.pop(name) for name in ("version", "on_repeat") if name in fields}
    declarations = [declare(*item) for item in (FILES if files is None else files).items()]
    described = {**TRAINING, **fields}
    return world.registry.versions.register(
        by, "default", model, described, declarations, **options
    )


def pushed(world: World, files: Any = None, **fields: Any) -> Any:
    return world.pushed(FILES if files is None else files, **{**TRAINING, **fields})


def get(world: World, text: str) -> Any:
    return world.registry.versions.get(ALICE, "default", "iris", parse_reference(text))


def history(world: World) -> list[tuple[str, str]]:
    page = world.registry.versions.page(ALICE, "default", "iris", PageRequest())
    return [(each.version, each.version_reason) for each in reversed(page.items)]


def test_the_same_training_pushed_twice_is_the_same_version(world: World) -> None:
    first = pushed(world)

    second = register(world, by=BOB, description="again", metrics={"accuracy": 1})

    assert second.outcome is Outcome.EXISTING
    assert not second.is_new
    assert second.version == first
    assert world.registry.models.get(ALICE, "default", "iris").last_version == 1
    events = world.registry.events.page(
        ADMIN, "default", PageRequest(), kind=SubjectKind.VERSION, subject="default/iris/1"
    )
    assert len(events.items) == 2  # registered and ready: finding it again is no change
    assert world.database.next_id("version") == 2


@pytest.mark.parametrize(
    "other",
    [
        {"files": {"model.bin": b"other weights"}},
        {"files": {"renamed.bin": b"weights"}},
        {"files": {}},
        {"signature": {"inputs": ["x", "y"]}},
        {"signature": {}},
        {"parameters": {"depth": 3.0}},
        {"parameters": {}},
        {"datasets": ()},
        {"code": {"commit": "decaf"}},
        {"code": {"commit": "c0ffee", "dirty": True}},
        {"code": {"commit": "c0ffee", "dirty": True, "diff_sha256": "1"}},
        {"environment": {"python": "3.13"}},
        {"on_repeat": OnRepeat.NEW},
        {"version": "1.5.0"},
    ],
)
def test_anything_else_is_another_version(world: World, other: dict[str, Any]) -> None:
    pushed(world)

    second = register(world, **other)

    assert second.outcome is Outcome.NEW
    assert second.version.number == 2


def test_a_training_in_another_model_is_another_version(world: World) -> None:
    pushed(world)
    world.registry.models.register(ADMIN, "default", "lilies", {})

    assert register(world, model="lilies").is_new


def test_a_training_that_says_nothing_is_registered_every_time(world: World) -> None:
    versions = [
        pushed(world, parameters={}, datasets=(), code={}, environment={}) for _ in range(2)
    ]

    assert [version.number for version in versions] == [1, 2]
    assert versions[0].fingerprint is None


@pytest.mark.parametrize("ending", ["pending", "abandoned"])
def test_only_a_ready_version_stands_for_its_training(world: World, ending: str) -> None:
    register(world, by=BOB)
    if ending == "abandoned":
        world.registry.uploads.abandon(BOB, "default", "iris", 1)

    assert register(world).version.number == 2


def test_of_several_versions_of_a_training_the_newest_is_found(world: World) -> None:
    pushed(world)
    second = pushed(world, on_repeat=OnRepeat.NEW)
    pushed(world, signature={"inputs": []})

    assert register(world).version == second
    assert get(world, second.fingerprint).number == 3


def test_a_repeat_that_was_broken_off_is_resumed_if_a_new_version_is_wanted(world: World) -> None:
    pushed(world)
    begun = register(world, on_repeat=OnRepeat.NEW)

    resumed = register(world, on_repeat=OnRepeat.NEW)
    found = register(world)

    assert (resumed.outcome, resumed.version) == (Outcome.RESUMED, begun.version)
    assert (found.outcome, found.version.number) == (Outcome.EXISTING, 1)


@pytest.mark.parametrize(("files", "outcome"), [({}, Outcome.EXISTING), (FILES, Outcome.RESUMED)])
def test_of_clients_that_register_a_training_at_once_one_creates_the_version(
    world: World, files: dict[str, bytes], outcome: Outcome
) -> None:
    with ThreadPoolExecutor(8) as pool:
        done = list(pool.map(lambda _: register(world, files=files), range(16)))

    assert {each.version.number for each in done} == {1}
    assert sorted(each.outcome for each in done) == sorted([Outcome.NEW, *[outcome] * 15])


def test_the_decision_is_taken_inside_the_transaction(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another client is faster, between the first look and the transaction."""
    real = world.database.next_id

    def overtaken(noun: str) -> int:
        monkeypatch.setattr(type(world.database), "next_id", lambda self, noun: real(noun))
        register(world, by=BOB, files={})
        return real(noun)

    monkeypatch.setattr(type(world.database), "next_id", lambda self, noun: overtaken(noun))

    slow = register(world, files={})

    assert slow.outcome is Outcome.EXISTING
    assert slow.version.created_by == "subject:dev:bob"


def test_versions_are_bumped_by_what_changed(world: World) -> None:
    changes: list[dict[str, Any]] = [
        {},
        {"files": {"a": b"1"}},
        {"parameters": {"depth": 4}},
        {"parameters": {"depth": 4}, "datasets": ()},
        {"parameters": {"depth": 4}, "datasets": (), "environment": {}},
        {"signature": {}},
        {"signature": {}, "on_repeat": OnRepeat.NEW},
    ]

    for change in changes:
        pushed(world, **change)

    assert history(world) == [
        ("1.0.0", "first version"),
        ("1.0.1", "files changed since 1.0.0"),
        ("1.1.0", "parameters changed since 1.0.1"),
        ("1.2.0", "data sets changed since 1.1.0"),
        ("1.2.1", "environment changed since 1.2.0"),
        ("2.0.0", "signature changed since 1.2.1"),
        ("2.0.1", "nothing changed since 2.0.0"),
    ]


def test_an_abandoned_version_keeps_its_semantic_version(world: World) -> None:
    register(world)
    world.registry.uploads.abandon(ALICE, "default", "iris", 1)

    assert register(world).version.version == "1.0.1"
    with pytest.raises(Taken, match=r"1\.0\.0.*version 1 is 1\.0\.0 and abandoned"):
        register(world, files={}, version="1.0.0")


def test_a_semantic_version_can_be_given(world: World) -> None:
    assert pushed(world, version="0.3.0-rc.1").version_reason == "given when it was registered"
    pushed(world, files={"a": b"1"}, version="0.3.0")
    pushed(world, files={"a": b"2"})

    assert history(world)[1:] == [
        ("0.3.0", "given when it was registered; files changed since 0.3.0-rc.1"),
        ("0.3.1", "files changed since 0.3.0"),
    ]
    resumed = register(world, files={"a": b"3"}, version="9.0.0")
    assert register(world, files={"a": b"3"}, version="9.0.0").version == resumed.version
    assert register(world, files={"a": b"3"}).version == resumed.version
    assert register(world, files={"a": b"3"}, version="9.0.1").is_new


@pytest.mark.parametrize("version", ["", "1", "v1.0.0", "1.0", "latest", "01.0.0", "1." * 5_000])
def test_a_semantic_version_that_is_none_is_refused(world: World, version: str) -> None:
    with pytest.raises(Invalid, match="no semantic version"):
        register(world, version=version)

    assert world.registry.models.get(ALICE, "default", "iris").last_version == 0


@pytest.mark.parametrize("version", ["1.0.0", "1.0.0+build"])
def test_a_semantic_version_is_given_once_in_a_model(world: World, version: str) -> None:
    pushed(world, version="1.0.0+first")

    with pytest.raises(Taken, match="is taken") as caught:
        register(world, files={}, version=version)

    assert "none" in caught.value.next_step


def test_the_same_training_under_the_same_given_version_is_found(world: World) -> None:
    first = pushed(world, version="2.0.0")

    assert register(world, version="2.0.0").version == first
    assert register(world).version == first
    assert register(world, version="2.0.1").is_new


@pytest.mark.parametrize(
    ("change", "refused", "least"),
    [
        ({"signature": {}}, ["1.2.4", "1.3.0", "1.9.9", "1.3.0-rc.1"], "2.0.0"),
        ({"parameters": {}}, ["1.2.4", "1.2.99", "1.2.4-rc.1"], "1.3.0"),
        ({"datasets": ()}, ["1.2.4"], "1.3.0"),
    ],
)
def test_a_given_version_that_would_hide_a_change_is_refused(
    world: World, change: dict[str, Any], refused: list[str], least: str
) -> None:
    pushed(world, version="1.2.3")

    for version in refused:
        with pytest.raises(Conflict, match=r"changed since 1\.2\.3.*" + least) as caught:
            register(world, version=version, **change)
        assert least in caught.value.next_step
    assert register(world, version=f"{least}-rc.1", **change).is_new


@pytest.mark.parametrize("version", ["1.2.4", "1.2.4-rc.1", "1.3.0", "2.0.0", "7.0.0-a"])
def test_a_given_version_may_say_more_than_it_must(world: World, version: str) -> None:
    pushed(world, version="1.2.3")

    assert register(world, files={}, version=version).version.version == version


def test_a_given_version_is_measured_by_the_highest_below_it(world: World) -> None:
    pushed(world, version="1.2.3")
    pushed(world, version="2.0.0", signature={})

    assert register(world, files={"a": b"1"}, version="1.2.4").is_new
    assert register(world, files={"a": b"2"}, version="0.1.0", signature={}).is_new
    with pytest.raises(Conflict, match=r"since 1\.2\.4.*2\.0\.0"):
        register(world, files={"a": b"3"}, version="1.9.0", signature={})


def test_versions_are_named_by_semantic_version_range_and_fingerprint(world: World) -> None:
    first = pushed(world, version="1.2.0")
    pushed(world, files={"a": b"1"}, version="1.3.0-rc.1")
    pushed(world, files={"a": b"2"}, version="1.2.7", signature=TRAINING["signature"])
    pushed(world, version="2.0.0", parameters={})
    pending = register(world, files={"a": b"3"}, version="1.4.0")

    assert pending.version.state is VersionState.PENDING
    assert get(world, "1.2.0") == get(world, "==1.2.0") == first
    assert get(world, "1.4.0") == pending.version
    assert get(world, "==1.3.0-rc.1").number == 2
    assert get(world, "~=1.2").version == "1.2.7"
    assert get(world, "~=1.2.0").version == "1.2.7"
    assert get(world, first.fingerprint).number == 3
    aliased = world.registry.aliases.point(
        ADMIN, "default", "iris", "champion", parse_reference("~=1.0")
    )
    assert aliased.version == 3


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("1.9.0", r"1\.9\.0"),
        ("~=1.9", r"from 1\.9\.0 on, below 2\.0\.0"),
        ("fingerprint:" + "0" * 64, "fingerprint:0"),
    ],
)
def test_what_is_not_there_is_named_in_the_answer(world: World, text: str, shown: str) -> None:
    pushed(world)

    with pytest.raises(NotFound, match=shown):
        get(world, text)
