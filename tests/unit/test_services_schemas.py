"""The schemas of a namespace as they were at a moment."""

from datetime import datetime, timedelta

import pytest

from core.domain.pages import PageRequest
from core.errors import Invalid, NotFound
from tests.builders import ADMIN, World

OLD, NEW = {"required": ["license"]}, {"required": ["metrics"]}


def set_at(world: World, *documents: dict[str, list[str]] | None) -> list[datetime]:
    """Set, change or (None) remove the schema of classifiers, a second apart; the times."""
    times = []
    for document in documents:
        world.clock.advance(seconds=1)
        if document is None:
            world.registry.schemas.remove(ADMIN, "default", "classifier")
        else:
            world.registry.schemas.put(ADMIN, "default", "classifier", document)
        times.append(world.clock.now())
    return times


def test_a_schema_is_read_as_it_was() -> None:
    world = World()
    schemas = world.registry.schemas
    first, second, third = set_at(world, OLD, NEW, None)
    between = first + timedelta(milliseconds=999)

    assert schemas.get(ADMIN, "default", "classifier", as_of=first).document == OLD
    assert schemas.get(ADMIN, "default", "classifier", as_of=between).document == OLD
    assert schemas.get(ADMIN, "default", "classifier", as_of=second).revision == 2
    for moment in (first - timedelta(milliseconds=1), third):
        with pytest.raises(NotFound, match="had no schema for the model type 'classifier' at 2"):
            schemas.get(ADMIN, "default", "classifier", as_of=moment)
    with pytest.raises(Invalid):
        schemas.get(ADMIN, "default", "classifier", as_of=third + timedelta(days=1))


def test_schemas_are_listed_as_they_were_page_by_page() -> None:
    world = World()
    schemas = world.registry.schemas
    schemas.put(ADMIN, "default", "*", OLD)
    schemas.put(ADMIN, "default", "ranker", OLD)
    first, second = set_at(world, NEW, None)

    page = schemas.page(ADMIN, "default", PageRequest(2), as_of=first)
    rest = schemas.page(ADMIN, "default", PageRequest(2, page.next_token), as_of=first)
    later = schemas.page(ADMIN, "default", PageRequest(), as_of=second)

    assert [each.model_type for each in page.items] == ["*", "classifier"]
    assert [each.model_type for each in rest.items] == ["ranker"]
    assert [each.model_type for each in later.items] == ["*", "ranker"]
