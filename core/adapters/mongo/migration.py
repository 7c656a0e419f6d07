"""Documents of earlier releases, rewritten in the shape of this one.

What they lack are fields derived for indexes: they are read as ever, but lists and searches that
go by such a field pass over them.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Protocol

from pymongo import UpdateOne
from pymongo.database import Database

from core.adapters.mongo.documents import SHAPE
from core.adapters.mongo.keyset import ASCENDING, after_key

BATCH = 500

REWRITTEN = (
    "namespaces", "models", "versions", "artifacts",
    "environments", "deployments", "experiments", "runs", "logged_models",
)  # fmt: skip
"""The collections with derived fields."""

_WITHDRAWN = ("listed", "readable", "expires", "purges", "version_is_there", "model_is_there")
"""Derived fields that what a document belongs to sets on it: what is there is right."""


class Store(Protocol):
    """A store whose documents can be told from their entities."""

    def renewed(self, document: Mapping[str, Any]) -> dict[str, Any]:
        """A stored document as it is stored today."""
        ...


def rewrite(
    database: Database[dict[str, Any]], stores: Mapping[str, Store]
) -> Iterator[tuple[str, int]]:
    """Rewrite each collection in batches: after each one, its name and how many that were.

    Entities do not change, so nothing is told of it. What was rewritten is passed over when it
    runs again, and what somebody changes meanwhile is left to them: so it may be broken off, and
    run beside a registry of this release.
    """
    for name, store in stores.items():
        collection, after = database[name], None
        while True:
            older = {"shape": {"$ne": SHAPE}, **after_key("_id", after)}
            batch = list(collection.find(older, sort=[("_id", ASCENDING)], limit=BATCH))
            if not batch:
                break
            collection.bulk_write([_rewritten(store, old) for old in batch], ordered=False)
            after = batch[-1]["_id"]
            yield name, len(batch)


def _rewritten(store: Store, old: Mapping[str, Any]) -> UpdateOne:
    """Only what is another is set: metrics of a run that goes on move without a new revision."""
    new = {
        field: value
        for field, value in store.renewed(old).items()
        if field not in old or (field not in _WITHDRAWN and old[field] != value)
    }
    return UpdateOne({"_id": old["_id"], "revision": old["revision"]}, {"$set": new})
