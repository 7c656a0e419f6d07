"""The database on MongoDB: one client, its collections, and transactions over them."""

import random
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import nullcontext
from datetime import UTC
from itertools import count
from threading import RLock
from typing import Any, TypeVar

from bson import CodecOptions, Int64
from bson.codec_options import TypeDecoder, TypeRegistry
from pymongo import MongoClient
from pymongo.client_session import ClientSession
from pymongo.errors import PyMongoError
from pymongo.read_concern import ReadConcern
from pymongo.read_preferences import ReadPreference
from pymongo.write_concern import WriteConcern

from core.adapters.mongo.counters import next_number
from core.adapters.mongo.documents import Progress
from core.adapters.mongo.failures import TRANSIENT, translated
from core.adapters.mongo.stores import MongoStores
from core.ports import Stores

T = TypeVar("T")

TRANSACTION_SECONDS = 12
"""After which a transaction that keeps meeting others is given up."""


class _PlainInteger(TypeDecoder):
    bson_type = Int64
    transform_bson = staticmethod(int)  # type: ignore[assignment]  # called for every integer


CODEC: CodecOptions[dict[str, Any]] = CodecOptions(
    tz_aware=True, tzinfo=UTC, type_registry=TypeRegistry([_PlainInteger()])
)


class MongoDatabase(MongoStores):
    """See `core.ports.Database`. Connects at the first use, not before.

    `walks_indexes`: whether the database takes the last of a sorted range by walking its index
    backwards, as MongoDB does, or reads all of the range first.
    """

    def __init__(
        self, client: MongoClient[dict[str, Any]], name: str, *, walks_indexes: bool = True
    ) -> None:
        self._client = client
        self._walks_indexes = walks_indexes
        self._database = client.get_database(
            name,
            codec_options=CODEC,
            read_preference=ReadPreference.PRIMARY,
            write_concern=WriteConcern("majority"),
            read_concern=ReadConcern("majority"),
        )
        self._queue = RLock()
        super().__init__(self._database, walks_indexes=walks_indexes)

    @classmethod
    def connect(
        cls, uri: str, name: str, *, walks_indexes: bool = True, listeners: Sequence[Any] = ()
    ) -> "MongoDatabase":
        """The database of this name at a `mongodb://` or `mongodb+srv://` URI.

        What the URI says of pools and timeouts goes before what is set here. `listeners` are told
        of what the driver does (`pymongo.monitoring`).
        """
        options = {"event_listeners": list(listeners)} if listeners else {}
        return cls(mongo_client(uri, **options), name, walks_indexes=walks_indexes)

    def prepare(self) -> None:
        """Create the indexes and counters that are lacking; raise `Unavailable`. Idempotent."""
        from core.adapters.mongo.indexes import create_indexes

        with translated():
            create_indexes(self._database)

    def rewrite(self) -> Iterator[tuple[str, int]]:
        """Bring documents of earlier releases into today's shape; see `migration.rewrite`."""
        from core.adapters.mongo.migration import REWRITTEN, rewrite

        stores = {name: getattr(self, name) for name in REWRITTEN}
        with translated():
            yield from rewrite(self._database, stores)

    def close(self) -> None:
        """Give the connections back."""
        self._client.close()

    def transaction(self, work: Callable[[Stores], T]) -> T:
        """See `core.ports.Database.transaction`; raise `Unavailable` if it keeps conflicting.

        Those of this process that met another one queue up, so as not to meet each other again.
        """
        end = time.monotonic() + TRANSACTION_SECONDS
        with translated(), self._client.start_session() as session:
            for attempt in count(1):
                try:
                    with self._queue if attempt > 1 else nullcontext():
                        return self._attempt(work, session)
                except PyMongoError as error:
                    if not error.has_error_label(TRANSIENT) or time.monotonic() > end:
                        raise
                time.sleep(random.random() * min(0.005 * 1.5**attempt, 0.5))
            raise AssertionError("unreachable")

    def _attempt(self, work: Callable[[Stores], T], session: ClientSession) -> T:
        # Not `with_transaction`: it goes on for 120 s, four times as long as a gateway waits.
        progress = Progress()
        with session.start_transaction(
            read_concern=ReadConcern("snapshot"),
            write_concern=WriteConcern("majority"),
            read_preference=ReadPreference.PRIMARY,
        ):
            stores = MongoStores(
                self._database, session, progress, walks_indexes=self._walks_indexes
            )
            result = work(stores)
            progress.ledger.check(progress.events)
            stores.told.insert_all(progress.events)
        return result

    def next_id(self, noun: str, count: int = 1) -> int:
        """See `core.ports.Database.next_id`."""
        with translated():
            return next_number(self._database["counters"], noun, count)

    def ping(self) -> None:
        """See `core.ports.Database.ping`."""
        with translated():
            self._database.command("ping")


def mongo_client(uri: str, **options: Any) -> MongoClient[dict[str, Any]]:
    """A client with the registry's timeouts (milliseconds); it connects at the first use."""
    defaults = {
        "maxPoolSize": 50,
        "maxIdleTimeMS": 60_000,
        "serverSelectionTimeoutMS": 3_000,
        "connectTimeoutMS": 3_000,
        "socketTimeoutMS": 20_000,
        "appname": "modelry",
    }
    return MongoClient(uri, **(_unsaid(uri, defaults) | options))


def _unsaid(uri: str, defaults: dict[str, Any]) -> dict[str, Any]:
    """The defaults that the URI's query does not set: the driver would let ours win."""
    said = {part.partition("=")[0].lower() for part in uri.partition("?")[2].split("&")}
    return {name: value for name, value in defaults.items() if name.lower() not in said}
