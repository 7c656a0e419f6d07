"""Models under other names: what goes along, what stays readable, and what stands in the way."""

from typing import Any

import pytest

from core.domain.access import Role
from core.domain.pages import PageRequest
from core.domain.subjects import model_subject
from core.domain.versions import ByAlias, ByNumber, OnRepeat
from core.errors import Conflict, NotFound, Stale, Taken
from tests.builders import ADMIN, World, caller, evaluation_report

WRITER = caller(("default", Role.WRITER), subject="will")


def rename(world: World, name: str = "iris", new: str = "rose", **how: Any) -> Any:
    return world.registry.renames.rename(WRITER, "default", name, new, **how)


def version(world: World, model: str, number: int = 1) -> Any:
    return world.registry.versions.get(WRITER, "default", model, ByNumber(number))


@pytest.fixture
def world() -> World:
    made = World()
    made.pushed({"a.bin": b"1"}, description="first")
    made.registry.aliases.point(ADMIN, "default", "iris", "champion", ByNumber(1))
    return made


def test_versions_aliases_and_what_else_is_its_own_go_along(world: World) -> None:
    registry = world.registry
    registry.evaluations.register(ADMIN, "default", "iris", ByNumber(1), evaluation_report())
    before = registry.models.get(WRITER, "default", "iris")

    after = rename(world)

    assert (after.id, after.name, after.revision) == (before.id, "rose", before.revision + 1)
    found = registry.versions.get(WRITER, "default", "rose", ByAlias("champion"))
    assert (found.model, found.description) == ("rose", "first")
    with pytest.raises(NotFound):
        registry.models.get(WRITER, "default", "iris")
    with pytest.raises(NotFound):
        version(world, "iris")
    page = registry.evaluations.page(WRITER, "default", "rose", PageRequest())
    assert len(page.items) == 1


def test_files_stay_where_they_are_and_new_ones_lie_beside_them(world: World) -> None:
    rename(world)

    old = version(world, "rose")
    new = world.pushed({"a.bin": b"2"}, model="rose", on_repeat=OnRepeat.NEW)

    assert old.key_prefix == "default/iris/1/"
    assert new.key_prefix == "default/iris/2/"
    page = world.registry.downloads.page(WRITER, "default", "rose", ByNumber(1), PageRequest())
    assert "default/iris/1/a.bin" in page.items[0].request.url


def test_the_old_name_is_free_and_numbers_begin_at_one(world: World) -> None:
    rename(world)

    again = world.pushed({"a.bin": b"3"}, model="iris")

    assert (again.number, again.key_prefix) == (1, f"default/iris~~{again.model_id}/1/")
    assert version(world, "rose").digest != again.digest
    assert rename(world, "iris", "tulip").name == "tulip"
    third = world.pushed({"a.bin": b"4"}, model="iris")
    assert third.key_prefix == f"default/iris~~{third.model_id}/1/"


def test_the_past_is_readable_under_either_name(world: World) -> None:
    registry = world.registry
    before = world.clock.now()
    world.clock.advance(seconds=60)
    rename(world, reason="a better one")
    between = world.clock.now()
    world.clock.advance(seconds=60)
    world.pushed({"a.bin": b"3"}, model="iris", description="another")
    world.clock.advance(seconds=60)

    for at, name in ((before, "rose"), (between, "rose"), (before, "iris")):
        model = registry.models.get(WRITER, "default", name, as_of=at)
        assert (model.name, model.aliases) == (name, {"champion": 1})
        seen = registry.versions.get(WRITER, "default", name, ByNumber(1), as_of=at)
        assert (seen.model, seen.description) == (name, "first")
        page = registry.versions.page(WRITER, "default", name, PageRequest(), as_of=at)
        assert [each.description for each in page.items] == ["first"]
    with pytest.raises(NotFound):
        registry.models.get(WRITER, "default", "iris", as_of=between)
    told = registry.history.page(WRITER, model_subject("default", "rose"), PageRequest()).items
    assert [each.event.action for each in told] == ["model.renamed"]
    assert (told[0].event.before or {})["name"] == "iris"
    assert told[0].event.reason == "a better one"
    old = registry.history.page(WRITER, model_subject("default", "iris"), PageRequest()).items
    assert old[-1].event.action == "model.registered"
    assert "model.renamed-away" in [each.event.action for each in old]


def test_a_name_that_is_taken_is_refused(world: World) -> None:
    registry = world.registry
    registry.models.register(ADMIN, "default", "rose", {})
    registry.models.register(ADMIN, "default", "gone", {})
    registry.deletions.delete_model(ADMIN, "default", "gone", reason="test")

    for name in ("rose", "ROSE", "gone"):
        with pytest.raises(Taken):
            rename(world, new=name)

    assert version(world, "iris").model == "iris"


def test_a_name_may_change_in_its_letters_case_alone(world: World) -> None:
    assert rename(world, new="Iris").name == "Iris"
    assert version(world, "Iris").model == "Iris"


def test_nothing_happens_if_it_has_the_name(world: World) -> None:
    before = world.registry.models.get(WRITER, "default", "iris")

    assert rename(world, new="iris") == before
    with pytest.raises(Stale):
        rename(world, expected_revision=before.revision + 1)


def test_what_names_the_model_elsewhere_stands_in_the_way(world: World) -> None:
    world.registry.grants.put(ADMIN, "default/iris", "subject:dev:bob", Role.READER)

    with pytest.raises(Conflict) as refused:
        rename(world)

    assert refused.value.problems == (("grant subject:dev:bob", "is on this model alone"),)
    world.registry.grants.remove(ADMIN, "default/iris", "subject:dev:bob")
    assert rename(world).name == "rose"


def test_a_deleted_model_is_set_aside_for_one_of_its_name(world: World) -> None:
    registry = world.registry
    registry.aliases.remove(ADMIN, "default", "iris", "champion")
    old = registry.deletions.delete_model(ADMIN, "default", "iris", reason="test")

    new = registry.models.register(ADMIN, "default", "iris", {}, sets_aside=True)

    assert (new.id != old.id, new.last_version, new.aliases) == (True, 1, {})
    with pytest.raises(NotFound):
        version(world, "iris")
    assert world.pushed({"a.bin": b"9"}, model="iris").number == 2
    aside = f"iris (deleted {old.id})"
    back = registry.deletions.undelete_model(ADMIN, "default", aside)
    assert back.name == aside
    assert version(world, aside).number == 1


def test_without_being_asked_a_deleted_model_keeps_its_name(world: World) -> None:
    world.registry.deletions.delete_model(ADMIN, "default", "iris", reason="test")

    with pytest.raises(Taken):
        world.registry.models.register(ADMIN, "default", "iris", {})
