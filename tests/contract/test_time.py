"""The events of a registry on MongoDB rebuild it exactly, at every moment."""

from collections.abc import Iterator
from typing import Any

import pytest

from core.adapters.memory.blobs import MemoryBlobStore
from core.adapters.memory.clock import MemoryClock
from core.adapters.memory.tokens import MemoryTokenVerifier
from core.adapters.mongo.database import MongoDatabase
from core.bootstrap import bundle
from core.domain.access import Role, system_caller
from core.domain.pages import PageRequest
from core.domain.retention import Shown
from core.domain.versions import ByAlias, ByNumber
from core.errors import RegistryError
from core.registry import Registry
from tests.builders import ADMIN, settings

ALL = PageRequest(1_000)
PLACE = (ADMIN, "default", "iris")


@pytest.fixture
def clock() -> MemoryClock:
    return MemoryClock()


@pytest.fixture
def registry(mongodb_uri: str, database_name: str, clock: MemoryClock) -> Iterator[Registry]:
    database = MongoDatabase.connect(mongodb_uri, database_name)
    database.prepare()
    verifier = MemoryTokenVerifier(clock)
    yield bundle(
        settings(delete_grace_seconds=60), database, MemoryBlobStore(clock=clock), verifier, clock
    )
    database.close()


def reads(registry: Registry, as_of: Any = None) -> list[Any]:
    """What is there, now or at a moment; errors by their kind."""
    use: list[Any] = [
        lambda: registry.namespaces.get(ADMIN, "default", as_of=as_of),
        lambda: registry.namespaces.page(ADMIN, ALL, as_of=as_of),
        lambda: registry.models.get(*PLACE, as_of=as_of),
        lambda: registry.models.page(ADMIN, "default", ALL, as_of=as_of),
        lambda: registry.models.page(ADMIN, "default", ALL, shown=Shown.READABLE, as_of=as_of),
        lambda: registry.versions.get(*PLACE, ByNumber(1), as_of=as_of),
        lambda: registry.versions.get(*PLACE, ByAlias("champion"), as_of=as_of),
        lambda: registry.versions.page(*PLACE, ALL, as_of=as_of),
        lambda: registry.aliases.of_model(*PLACE, as_of=as_of),
        lambda: registry.grants.page(ADMIN, "default", ALL, as_of=as_of),
        lambda: registry.events.page(ADMIN, "default", ALL, as_of=as_of),
    ]
    answers = []
    for each in use:
        try:
            answers.append(each())
        except RegistryError as error:
            answers.append(error.kind)
    return answers


def test_everything_is_read_back_as_it_was(registry: Registry, clock: MemoryClock) -> None:
    free = {"metadata": {"a.b": {"$c": [1, 2.5, None]}}, "tags": {"x.y": "$z"}}
    steps: list[Any] = [
        lambda: registry.namespaces.create(ADMIN, "default", free),
        lambda: registry.models.register(ADMIN, "default", "iris", free),
        lambda: registry.versions.register(*PLACE, {"parameters": {"a.b": 1}}),
        lambda: registry.versions.register(*PLACE, {}),
        lambda: registry.aliases.point(*PLACE, "champion", ByNumber(1)),
        lambda: registry.aliases.point(*PLACE, "champion", ByNumber(2)),
        lambda: registry.models.update(*PLACE, {"owner": "us"}, expected_revision=None),
        lambda: registry.history.undo_model(*PLACE, expected_revision=None),
        lambda: registry.grants.put(ADMIN, "default", "group:dev:team", Role.READER),
        lambda: registry.grants.put(ADMIN, "default", "group:dev:team", Role.WRITER),
        lambda: registry.grants.remove(ADMIN, "default", "group:dev:team"),
        lambda: registry.deletions.archive_version(*PLACE, 1),
        lambda: registry.deletions.delete_version(*PLACE, 1, reason="why"),
        lambda: registry.deletions.undelete_version(*PLACE, 1),
        lambda: registry.deletions.archive_model(*PLACE),
        lambda: registry.deletions.delete_model(*PLACE, reason="why"),
        lambda: registry.deletions.undelete_model(*PLACE),
        lambda: registry.aliases.remove(*PLACE, "champion"),
        lambda: registry.deletions.delete_model(*PLACE, reason="why"),
        lambda: clock.advance(seconds=61),
        lambda: registry.purges.purge(system_caller("sweep")),
        lambda: registry.models.register(ADMIN, "default", "iris", {}, reuse_deleted=True),
        lambda: registry.versions.register(*PLACE, {}),
    ]
    moments = []
    for number, step in enumerate(steps):
        clock.advance(seconds=10.0 ** (number % 4))
        step()
        moments.append((clock.now(), reads(registry)))

    for at, answers in moments:
        assert reads(registry, at) == answers, at
