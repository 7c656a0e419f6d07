"""A registry with many models in it, written past the use cases, as fast as the database takes
them."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from itertools import islice
from typing import Any

from bench.running import Registry
from core.adapters.mongo.database import MongoDatabase
from core.adapters.mongo.models import MongoModels
from core.adapters.mongo.versions import MongoVersions
from core.domain.models import RegisteredModel
from core.domain.versions import ModelVersion, VersionState

DATABASE = "modelry"
NAMESPACE = "default"
BATCH = 200
SAID: dict[str, Any] = {
    "created_at": datetime(2026, 1, 1, tzinfo=UTC),
    "created_by": "subject:dev:alice",
    "updated_at": datetime(2026, 1, 1, tzinfo=UTC),
    "updated_by": "subject:dev:alice",
}


def stock(running: Registry, models: Mapping[str, int]) -> None:
    """Write models with so many versions each: every version with a tag, the last one of each
    model with an alias."""
    database = MongoDatabase.connect(running.address("database"), DATABASE)
    versions, names = database.versions, database.models
    assert isinstance(versions, MongoVersions)
    assert isinstance(names, MongoModels)
    first = database.next_id("model", len(models))
    made = [_model(first + place, *each) for place, each in enumerate(models.items())]
    _insert(database, "models", (names.document(model) for model in made))
    first = database.next_id("version", sum(models.values()))
    _insert(database, "versions", (versions.document(each) for each in _versions(made, first)))
    database.close()


def _insert(database: MongoDatabase, collection: str, documents: Iterator[dict[str, Any]]) -> None:
    while batch := list(islice(documents, BATCH)):
        database._database[collection].insert_many(batch)


def _model(id: int, name: str, versions: int) -> RegisteredModel:
    return RegisteredModel(
        id=id,
        namespace=NAMESPACE,
        name=name,
        last_version=versions,
        aliases={"champion": versions},
        **SAID,
    )


def _versions(models: list[RegisteredModel], first: int) -> Iterator[ModelVersion]:
    id = first
    for model in models:
        for number in range(1, model.last_version + 1):
            is_last = number == model.last_version
            yield ModelVersion(
                id=id,
                model_id=model.id,
                namespace=NAMESPACE,
                model=model.name,
                number=number,
                version=f"{number}.0.0",
                tags={"team": "fraud"},
                state=VersionState.READY,
                key_prefix=f"{NAMESPACE}/{model.name}/{number}/",
                aliases=("champion",) if is_last else (),
                ready_at=SAID["created_at"],
                **SAID,
            )
            id += 1
