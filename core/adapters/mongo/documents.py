"""One noun's collection: entities in, entities out, each call one command to the database."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from pymongo.client_session import ClientSession
from pymongo.collection import Collection
from pymongo.errors import ExecutionTimeout

from core.adapters.mongo.escaping import escaped, restored
from core.adapters.mongo.failures import taken, translated
from core.domain.events import Event
from core.domain.ledger import Ledger
from core.domain.records import record, restore
from core.domain.subjects import Subject
from core.errors import Stale, Unavailable

E = TypeVar("E")

Filter = Mapping[str, Any]
Sort = Sequence[tuple[str, int]]

SHAPE = 3
"""Of documents: raised when fields derived of an entity are added (`core.adapters.mongo.migration`
rewrites what is older, a lower number or none)."""

INSERT_BATCH = 1_000
KEYS = 50
"""So many at once are looked up by a server that looks through all documents for more."""

SEARCH_SECONDS = 5


@dataclass(slots=True)
class Progress:
    """What one run of a transaction's body has written so far."""

    ledger: Ledger = field(default_factory=Ledger)
    events: list[Event] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Documents(Generic[E]):
    """The documents of `kind`: the entity's record, its `_id` and fields derived for indexes.

    With a session and its progress it works inside that transaction, else on its own.
    """

    kind: type[E]
    collection: Collection[dict[str, Any]]
    session: ClientSession | None = None
    progress: Progress | None = None

    def one(self, filter: Filter, sort: Sort | None = None) -> E | None:
        """The first match."""
        with self._answering():
            found = self.collection.find_one(filter, sort=sort, session=self.session)
        return None if found is None else self.entity(found)

    def with_key(self, key: Any, expected: Filter) -> E | None:
        """The document of this key, if it has the expected values. The server is asked for the
        key alone: asked for more, the embedded one looks through the collection."""
        with self._answering():
            found = self.collection.find_one({"_id": key}, session=self.session)
        if found is None or any(found.get(name) != value for name, value in expected.items()):
            return None
        return self.entity(found)

    def one_with(self, filter: Filter, derived: str) -> tuple[E, Any] | None:
        """The first match, and a derived field that it is stored with."""
        with self._answering():
            found = self.collection.find_one(filter, session=self.session)
        return None if found is None else (self.entity(found), found[derived])

    def many(self, filter: Filter, sort: Sort, limit: int = 0) -> list[E]:
        """Up to `limit` matches (0: all), fetched at once if they fit in one answer."""
        with self._answering():
            found = self.collection.find(
                filter, sort=sort, limit=limit, batch_size=limit or 10_000, session=self.session
            )
            return [self.entity(document) for document in found]

    def values(self, field: str, filter: Filter, sort: Sort, limit: int = 0) -> list[Any]:
        """A field of up to `limit` matches (0: all), and nothing else of them."""
        with self._answering():
            found = self.collection.find(
                filter,
                {field: 1, **({} if field == "_id" else {"_id": 0})},
                sort=sort,
                limit=limit,
                batch_size=limit or 10_000,
                session=self.session,
            )
            return [document[field] for document in found]

    def with_keys(self, keys: Sequence[Any]) -> list[E]:
        """Those of the keys that are there, in order of the keys, which are sorted."""
        found: list[E] = []
        for start in range(0, len(keys), KEYS):
            some = {"_id": {"$in": list(keys[start : start + KEYS])}}
            found += self.many(some, [("_id", 1)])
        return found

    def first_of_each(self, field: str, filter: Filter) -> list[E]:
        """One match for each value of the field."""
        stages: list[Mapping[str, Any]] = [
            {"$match": filter},
            {"$group": {"_id": f"${field}", "first": {"$first": "$$ROOT"}}},
        ]
        with self._answering():
            found = self.collection.aggregate(stages, batchSize=10_000, session=self.session)
            return [self.entity(group["first"]) for group in found]

    def found(self, stages: Sequence[Mapping[str, Any]]) -> list[E]:
        """The entities that a pipeline ends in."""
        return [self.entity(document) for document in self.aggregated(stages)]

    def aggregated(self, stages: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
        """What a pipeline ends in, as it is. Raise `Unavailable` if it takes too long."""
        with self._answering(), _in_time():
            found = self.collection.aggregate(
                stages,
                batchSize=10_000,
                maxTimeMS=SEARCH_SECONDS * 1000,
                session=self.session,
            )
            return list(found)

    def last_of_each(
        self, field: str, filter: Filter, *, by: str, where: Filter | None = None, limit: int = 0
    ) -> list[E]:
        """For each value of the field the match that is last `by` another, in order of the field;
        `where` then chooses among these."""
        stages: list[Mapping[str, Any]] = [
            {"$match": filter},
            {"$sort": {field: 1, by: 1}},
            {"$group": {"_id": f"${field}", "last": {"$last": "$$ROOT"}}},
            {"$replaceRoot": {"newRoot": "$last"}},
            *([{"$match": where}] if where else []),
            {"$sort": {field: 1}},
            *([{"$limit": limit}] if limit else []),
        ]
        with self._answering():
            found = self.collection.aggregate(stages, batchSize=10_000, session=self.session)
            return [self.entity(document) for document in found]

    def insert(self, key: Any, entity: E, what: str, **derived: Any) -> None:
        """Raise `Taken`, saying `what` is, if a unique index has it already."""
        self.insert_untold(key, entity, what, **derived)
        self.changing().ledger.changed(entity)

    def insert_untold(self, key: Any, value: E, what: str, **derived: Any) -> None:
        """As `insert`, for what needs no event."""
        self.changing()
        with self._answering(), taken(what):
            self.collection.insert_one(self.document(key, value, derived), session=self.session)

    def insert_all(self, entities: Iterable[tuple[Any, E]], what: str) -> None:
        """As `insert`, for many with their keys, in batches. Entities need no event here."""
        batch: list[dict[str, Any]] = []
        for key, entity in entities:
            batch.append(self.document(key, entity, {}))
            if len(batch) == INSERT_BATCH:
                self._insert_batch(batch, what)
                batch = []
        if batch:
            self._insert_batch(batch, what)

    def replace(self, key: Any, entity: Any, what: str, **derived: Any) -> None:
        """Compare-and-set on the revision. Raise `Stale`, saying `what` is; `Taken` if another has
        what must be unique."""
        progress = self.changing()
        with self._answering(), taken(what):
            result = self.collection.replace_one(
                {"_id": key, "revision": entity.revision - 1},
                self.document(key, entity, derived),
                session=self.session,
            )
        if result.matched_count == 0:
            raise Stale(
                f"The {what} is not at revision {entity.revision - 1} any more.",
                next_step="Read it again and repeat the change on what you see.",
            )
        progress.ledger.changed(entity)

    def put(self, key: Any, entity: E, **derived: Any) -> None:
        """Store it, in place of the one with this key if there is one."""
        self.put_untold(key, entity, **derived)
        self.changing().ledger.changed(entity)

    def put_untold(self, key: Any, value: E, **derived: Any) -> None:
        """As `put`, for what is no entity and needs no event."""
        self.changing()
        with self._answering():
            self.collection.replace_one(
                {"_id": key}, self.document(key, value, derived), upsert=True, session=self.session
            )

    def exchange(self, filter: Filter, key: Any, value: E) -> bool:
        """Store it in place of the one document that matches; whether one did. Needs no event."""
        self.changing()
        with self._answering():
            result = self.collection.replace_one(
                filter, self.document(key, value, {}), session=self.session
            )
        return result.matched_count == 1

    def put_all(self, values: Iterable[tuple[Any, E]]) -> None:
        """Store many with their keys, each in place of what there was. Need no event."""
        self.changing()
        documents = [self.document(key, value, {}) for key, value in values]
        if not documents:
            return
        keys = [document["_id"] for document in documents]
        for start in range(0, len(keys), KEYS):
            self.remove_all(keys[start : start + KEYS])
        with self._answering():
            self.collection.insert_many(documents, session=self.session)

    def remove(self, key: Any, subject: Subject) -> None:
        """Delete the subject's document if it is there."""
        progress = self.changing()
        with self._answering():
            result = self.collection.delete_one({"_id": key}, session=self.session)
        if result.deleted_count:
            progress.ledger.removed(subject)

    def remove_all(self, keys: Sequence[Any]) -> None:
        """Delete those of the keys that are there. Needs no event."""
        with self._answering():
            self.collection.delete_many({"_id": {"$in": list(keys)}}, session=self.session)

    def remove_where(self, filter: Filter) -> None:
        """Delete every match. Needs no event."""
        with self._answering():
            self.collection.delete_many(filter, session=self.session)

    def derive_all(self, filter: Filter, fields: Mapping[str, Any]) -> None:
        """Set derived fields, by expressions over the others, of every match: their entities do
        not change. Raise `AssertionError` outside a transaction."""
        self.changing()
        with self._answering():
            self.collection.update_many(filter, [{"$set": fields}], session=self.session)

    def derive_each(self, filter: Filter, fields_of: Callable[[E], Mapping[str, Any]]) -> None:
        """Set the fields that each match comes to, without events; not the revision."""
        self.changing()
        with self._answering():
            found = list(self.collection.find(filter, session=self.session))
            for start in range(0, len(found), INSERT_BATCH):
                batch = found[start : start + INSERT_BATCH]
                keys = {"_id": {"$in": [document["_id"] for document in batch]}}
                changed = [{**each, **fields_of(self.entity(each))} for each in batch]
                self.collection.delete_many(keys, session=self.session)
                self.collection.insert_many(changed, session=self.session)

    def update(self, filter: Filter, fields: Mapping[str, Any]) -> bool:
        """Set the fields if one document matches; whether one did. Needs no event."""
        with self._answering():
            result = self.collection.update_one(filter, {"$set": fields}, session=self.session)
        return result.matched_count == 1

    def changing(self) -> Progress:
        """Where to note a change of an entity. Raise `AssertionError` outside a transaction."""
        if self.progress is None:
            raise AssertionError("entities change in transactions only")
        return self.progress

    def _insert_batch(self, batch: list[dict[str, Any]], what: str) -> None:
        with self._answering(), taken(what):
            self.collection.insert_many(batch, session=self.session)

    def _answering(self) -> AbstractContextManager[None]:
        return translated(retried=self.session is not None)

    def document(self, key: Any, entity: E, derived: Mapping[str, Any]) -> dict[str, Any]:
        """The entity as it is stored."""
        return {"_id": key, "shape": SHAPE, **escaped(record(entity)), **derived}

    def entity(self, document: Mapping[str, Any]) -> E:
        """The entity that is stored so."""
        return restore(self.kind, restored(document))


@contextmanager
def _in_time() -> Iterator[None]:
    try:
        yield
    except ExecutionTimeout as error:
        raise Unavailable(
            f"The search looks at too much to end within {SEARCH_SECONDS} seconds.",
            retry_after_seconds=30,
            next_step="Narrow it: name a namespace, add words, or an equality such as"
            " tags.team = 'fraud', which an index answers.",
        ) from error
