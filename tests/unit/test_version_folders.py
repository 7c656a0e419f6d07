"""Folders of a version: the same as the store would list them, whatever the size of the page."""

import pytest

from core.domain.pages import PageRequest
from core.domain.versions import ByNumber
from core.errors import Invalid
from tests.builders import ADMIN, World

PATHS = ["MLmodel", "data/a", "data/b/c", "data/b/d", "data-1", "data0", "z/y/x", "ö/1", "😀"]


@pytest.fixture(scope="module")
def world() -> World:
    made = World()
    made.pushed({path: path.encode() for path in PATHS})
    return made


def names(world: World, folder: str, size: int) -> list[str]:
    found: list[str] = []
    token: str | None = None
    while True:
        request = PageRequest(size, token)
        page = world.registry.manifests.folder(
            ADMIN, "default", "iris", ByNumber(1), folder, request
        )
        found += [entry.name for entry in page.items]
        token = page.next_token
        if token is None:
            return found


@pytest.mark.parametrize("size", [1, 2, 3, 100])
@pytest.mark.parametrize("folder", ["", "data", "data/", "data/b", "z", "ö", "none", "MLmodel"])
def test_a_folder_is_listed_as_the_store_lists_it(world: World, folder: str, size: int) -> None:
    prefix = f"default/iris/1/{folder.rstrip('/')}/" if folder else "default/iris/1/"

    listed = world.blobs.entries(prefix, after=None, limit=100)

    assert names(world, folder, size) == [entry.name for entry in listed]


def test_a_page_of_one_folder_is_none_of_another(world: World) -> None:
    folder = world.registry.manifests.folder
    place = (ADMIN, "default", "iris", ByNumber(1))
    first = folder(*place, "", PageRequest(1))

    with pytest.raises(Invalid):
        folder(*place, "data", PageRequest(1, first.next_token))
