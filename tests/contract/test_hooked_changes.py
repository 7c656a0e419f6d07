"""Hooks are asked outside of transactions, whatever the database."""

from collections.abc import Sequence

import pytest

from core.adapters.plugins.database import HookedDatabase
from core.domain.events import Event
from core.domain.files import File
from core.domain.subjects import event_of
from core.errors import Forbidden
from core.ports import Database, Stores
from tests.builders import ADMIN
from tests.contract.entities import NOW, model


class Doorkeeper:
    """Objects to models that are called so, and looks into the database while it is asked."""

    def __init__(self, database: Database, refused: str) -> None:
        self.database = database
        self.refused = refused
        self.seen: list[object] = []
        self.told: list[str] = []

    def is_asked(self, event: Event) -> bool:
        return event.action == "model.registered"

    def ask(self, event: Event, files: Sequence[File]) -> None:
        name = event.subject.rpartition("/")[2]
        self.seen.append(self.database.models.get("fraud", name))
        if name == self.refused:
            raise Forbidden("no")

    def tell(self, event: Event, files: Sequence[File]) -> None:
        assert self.database.models.get("fraud", event.subject.rpartition("/")[2]) is not None
        self.told.append(event.subject)


def test_nothing_is_stored_until_everybody_agreed(database: Database) -> None:
    keeper = Doorkeeper(database, "bad")
    hooked = HookedDatabase(database, keeper)

    def register(name: str, id: int) -> None:
        def work(stores: Stores) -> None:
            entity = model(name, id=id)
            stores.models.insert(entity)
            stores.events.add(event_of(ADMIN, "model.registered", at=NOW, after=entity))

        hooked.transaction(work)

    register("good", 1)
    with pytest.raises(Forbidden):
        register("bad", 2)

    assert keeper.seen == [None, None]
    assert keeper.told == ["fraud/good"]
    assert database.models.get("fraud", "good") is not None
    assert database.models.get("fraud", "bad") is None
    assert len(database.events.page("fraud", before=None, limit=10)) == 1
