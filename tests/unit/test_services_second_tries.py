"""Tries after ones that went wrong: what is left of the first must not be in the way."""

from dataclasses import replace

import pytest

from core.domain.pages import PageRequest
from core.domain.versions import ByNumber, OnRepeat
from core.errors import Invalid
from tests.builders import ADMIN, World, declare

CONTENT = b"0123456789abcdef!"


@pytest.fixture
def world() -> World:
    made = World()
    made.registry.models.register(ADMIN, "default", "iris", {})
    return made


def test_parts_that_were_declared_wrong_can_be_declared_right(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core.domain.files.PART_BYTES", 8)
    right = declare("w", CONTENT)
    wrong = replace(right, parts_sha256="0" * 64)
    register = world.registry.versions.register

    first = register(ADMIN, "default", "iris", {}, [wrong])
    second = register(ADMIN, "default", "iris", {}, [right])
    again = register(ADMIN, "default", "iris", {}, [right])

    assert (first.version.number, second.version.number) == (1, 2)
    assert again.version == second.version
    assert not again.is_new


def test_what_was_given_up_is_no_source_of_copies_and_hides_none(world: World) -> None:
    files = {"w": CONTENT}
    world.pushed(files)
    uploads = world.registry.uploads
    given_up = world.registered(files, on_repeat=OnRepeat.NEW)
    uploads.open(ADMIN, "default", "iris", given_up.number, PageRequest())
    uploads.abandon(ADMIN, "default", "iris", given_up.number)

    third = world.registered(files, on_repeat=OnRepeat.NEW)
    _, page = uploads.open(ADMIN, "default", "iris", third.number, PageRequest())

    assert page.items == (), "the first version still has these bytes"
    assert not world.database.files.page(given_up.id, after=None, limit=1)


@pytest.mark.parametrize("reason", ["a\0b", "x" * 2_001, "up\u202edown"])
def test_a_reason_can_be_printed(world: World, reason: str) -> None:
    world.pushed({"w": CONTENT})

    with pytest.raises(Invalid, match="reason"):
        world.registry.aliases.point(
            ADMIN, "default", "iris", "champion", ByNumber(1), reason=reason
        )

    assert world.database.models.get("default", "iris").aliases == {}
