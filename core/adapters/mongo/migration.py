"""Documents of earlier releases, rewritten in the shape of this one.

What they lack are fields derived for indexes: they are read as ever, but lists and searches that
go by such a field pass over them.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from pymongo import UpdateOne
from pymongo.database import Database

from core.adapters.mongo.documents import SHAPE
from core.adapters.mongo.keyset import ASCENDING, after_key
from core.adapters.mongo.models import MongoModels
from core.adapters.mongo.namespaces import MongoNamespaces
from core.adapters.mongo.versions import MongoVersions

BATCH = 500

_WITHDRAWN = ("listed", "readable", "expires", "purges")
"""Derived fields that the deletion of a model sets on its versions: what is there is right."""

Store = MongoNamespaces | MongoModels | MongoVersions


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
    new = {
        field: value
        for field, value in store.renewed(old).items()
        if not (field in _WITHDRAWN and field in old)
    }
    return UpdateOne({"_id": new.pop("_id"), "revision": old["revision"]}, {"$set": new})
