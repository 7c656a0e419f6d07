"""Artifacts with their versions: those that were listed, the whole of the files, and later ones."""

from typing import Any

import pytest

from core.domain.pages import PageRequest
from core.domain.versions import ByNumber
from core.errors import Conflict, Invalid, NotFound, Stale
from core.services.search import Question
from handlers.api.v1.filters import parse_filter
from tests.builders import ADMIN, World

LAKE = {"name": "lake", "kind": "dataset", "uri": "s3://lake/iris"}
METRIC: dict[str, Any] = {"name": "auc", "kind": "metric", "details": {"value": 0.9, "step": 1}}
IRIS = ("default", "iris", ByNumber(1))


@pytest.fixture
def world() -> World:
    return World()


def names(world: World, number: int = 1, **options: Any) -> list[str]:
    place = ("default", "iris", ByNumber(number))
    found = world.registry.artifacts.of_version(ADMIN, *place, PageRequest(), **options)
    return [artifact.name for artifact in found.items]


def attached(world: World, what: dict[str, Any], **options: Any) -> Any:
    return world.registry.attachments.attach(ADMIN, *IRIS, what, **options)


def test_the_files_of_a_ready_version_are_its_model(world: World) -> None:
    version = (
        world.registered({"a": b"12"})
        if world.registry.models.register(ADMIN, "default", "iris", {})
        else None
    )
    assert names(world) == []

    world.send(version, {"a": b"12"})
    world.registry.receipts.complete(ADMIN, "default", "iris", 1)
    world.registry.receipts.complete(ADMIN, "default", "iris", 1)

    (whole,) = world.registry.artifacts.of_version(ADMIN, *IRIS, PageRequest()).items
    assert (whole.name, whole.kind, whole.path, whole.size_bytes) == ("iris", "model", ".", 2)
    assert whole.digest == world.registry.versions.get(ADMIN, *IRIS).digest


def test_a_version_that_lists_its_model_has_no_other(world: World) -> None:
    listed = {"name": "weights", "kind": "model", "path": "a"}

    world.pushed({"a": b"1"}, artifacts=(listed, LAKE))

    assert names(world) == ["weights", "lake"]


def test_an_artifact_is_attached_later_and_corrected(world: World) -> None:
    before = world.pushed({"a": b"1"})
    made = attached(world, {**LAKE, "uri": "pvc://claim/iris", "details": {"format": "csv"}})
    world.clock.advance(seconds=1)

    changed = world.registry.attachments.update(
        ADMIN, "default", made.id, {"uri": "s3://lake/iris", "details": {"format": None}},
        expected_revision=1, reason="moved",
    )  # fmt: skip

    assert names(world) == ["iris", "lake"]
    assert (changed.uri, changed.details, changed.revision) == ("s3://lake/iris", {}, 2)
    assert world.registry.artifacts.with_id(ADMIN, "default", made.id) == changed
    assert (
        world.registry.artifacts.with_id(ADMIN, "default", made.id, as_of=made.created_at) == made
    )
    assert world.registry.versions.get(ADMIN, *IRIS) == before
    with pytest.raises(Stale):
        world.registry.attachments.update(
            ADMIN, "default", made.id, {"uri": "x"}, expected_revision=1
        )


def test_what_was_listed_stays_what_it_is(world: World) -> None:
    world.pushed({"a": b"1"}, artifacts=(LAKE,))
    lake, _ = world.registry.artifacts.of_version(ADMIN, *IRIS, PageRequest()).items

    with pytest.raises(Invalid, match="uri"):
        world.registry.attachments.update(
            ADMIN, "default", lake.id, {"uri": "s3://other"}, expected_revision=None
        )
    described = world.registry.attachments.update(
        ADMIN, "default", lake.id, {"description": "raw", "state": "live"}, expected_revision=None
    )

    assert (described.description, described.state) == ("raw", "live")


def test_a_metric_of_the_same_name_is_changed_if_asked_for(world: World) -> None:
    world.pushed({"a": b"1"})
    first = attached(world, METRIC, replaces=True)
    second = attached(world, {**METRIC, "details": {"value": 0.95, "step": 2}}, replaces=True)

    assert (second.id, second.revision) == (first.id, 2)
    assert second.details == {"value": 0.95, "step": 2}
    with pytest.raises(Conflict):
        attached(world, METRIC)
    attached(world, {"name": "card", "kind": "document"}, replaces=True)
    with pytest.raises(Conflict):
        attached(world, {"name": "card", "kind": "document"}, replaces=True)


@pytest.mark.parametrize(
    "what", [{"name": "a", "kind": "weights"}, {**LAKE, "uri": "ftp://me:secret@host/x"}]
)
def test_what_is_no_artifact_is_refused(world: World, what: dict[str, Any]) -> None:
    world.pushed({"a": b"1"})

    with pytest.raises(Invalid):
        attached(world, what)


def test_artifacts_go_with_their_version_and_come_back_with_it(world: World) -> None:
    world.pushed({"a": b"1"})
    made = attached(world, LAKE)
    deletions = world.registry.deletions

    deletions.delete_version(ADMIN, "default", "iris", 1, reason="why")
    with pytest.raises(NotFound):
        world.registry.artifacts.with_id(ADMIN, "default", made.id)
    deletions.undelete_version(ADMIN, "default", "iris", 1)
    assert names(world) == ["iris", "lake"]

    deletions.delete_model(ADMIN, "default", "iris", reason="why")
    found = world.registry.search.artifacts(ADMIN, Question(), PageRequest())
    assert found.page.items == ()
    deletions.undelete_model(ADMIN, "default", "iris")
    assert names(world) == ["iris", "lake"]


def test_artifacts_are_found_wherever_the_caller_may_read(world: World) -> None:
    world.pushed({"a": b"1"})
    attached(world, METRIC)
    asked = Question(filter=parse_filter("kind = 'metric' AND details.value > 0.5"))

    found = world.registry.search.artifacts(ADMIN, asked, PageRequest())

    assert [artifact.name for artifact in found.page.items] == ["auc"]


def test_what_a_version_held_can_be_read_as_of_a_moment(world: World) -> None:
    world.pushed({"a": b"1"})
    moment = world.clock.now()
    world.clock.advance(seconds=1)
    attached(world, LAKE)

    assert names(world, as_of=moment) == ["iris"]
    assert names(world) == ["iris", "lake"]


def test_an_artifact_may_belong_to_nothing(world: World) -> None:
    made = world.registry.attachments.register(ADMIN, "default", LAKE)

    assert made.parent == "nothing"
    assert world.registry.artifacts.with_id(ADMIN, "default", made.id) == made
