"""Documents out and in again, as they are stored."""

from collections.abc import Iterable, Iterator
from typing import Any

from bson import json_util
from pymongo import InsertOne
from pymongo.database import Database
from pymongo.errors import BulkWriteError

from core.adapters.mongo.failures import translated

_DUPLICATE = 11000
_BATCH = 1_000
_OPTIONS = json_util.CANONICAL_JSON_OPTIONS
_INITIAL = frozenset({"counters"})
"""What preparing an empty database puts there."""
_NOTE = "restoring"


class MongoDumps:
    """See `core.ports.Dumps`. The one moment is that of a snapshot session, which a server keeps
    for `minSnapshotHistoryWindowInSeconds` (five minutes by default). The embedded database gives
    each document as it is met."""

    def __init__(self, database: Database[dict[str, Any]]) -> None:
        self._database = database

    @property
    def name(self) -> str:
        """See `Dumps.name`."""
        return self._database.name

    def dump(self, *, chunk_bytes: int) -> Iterator[tuple[str, int, bytes]]:
        """See `Dumps.dump`."""
        with translated(), self._database.client.start_session(snapshot=True) as session:
            for name in sorted(set(self._database.list_collection_names()) - {_NOTE}):
                lines: list[bytes] = []
                size = 0
                for document in self._database[name].find({}, session=session):
                    line = json_util.dumps(document, json_options=_OPTIONS).encode() + b"\n"
                    lines.append(line)
                    size += len(line)
                    if size >= chunk_bytes:
                        yield name, len(lines), b"".join(lines)
                        lines, size = [], 0
                if lines:
                    yield name, len(lines), b"".join(lines)

    def begin(self, backup: str) -> bool:
        """See `Dumps.begin`."""
        with translated():
            note = self._database[_NOTE].find_one({})
            if note is not None:
                return bool(note["_id"] == backup)
            names = set(self._database.list_collection_names()) - _INITIAL
            if any(self._database[name].find_one({}) is not None for name in sorted(names)):
                return False
            self._database[_NOTE].insert_one({"_id": backup})
            return True

    def end(self) -> None:
        """See `Dumps.end`."""
        with translated():
            self._database[_NOTE].drop()

    def load(self, collection: str, lines: Iterable[bytes]) -> int:
        """See `Dumps.load`."""
        with translated():
            if collection in _INITIAL:
                self._database[collection].delete_many({})
            count = 0
            batch: list[InsertOne[dict[str, Any]]] = []
            for line in lines:
                batch.append(InsertOne(json_util.loads(line.decode(), json_options=_OPTIONS)))
                if len(batch) == _BATCH:
                    count += self._inserted(collection, batch)
                    batch = []
            return count + (self._inserted(collection, batch) if batch else 0)

    def _inserted(self, collection: str, batch: list[InsertOne[dict[str, Any]]]) -> int:
        try:
            self._database[collection].bulk_write(batch, ordered=False)
        except BulkWriteError as error:
            faults = error.details["writeErrors"]
            if any(fault["code"] != _DUPLICATE for fault in faults):
                raise
        return len(batch)
