"""What is known of the objects that no upload declared, as documents, by key."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from pymongo.collection import Collection
from pymongo.errors import DuplicateKeyError

from core.adapters.mongo.failures import translated
from core.domain.stored_objects import StoredObject

_AFTER_SLASH = chr(ord("/") + 1)


@dataclass(frozen=True, slots=True)
class MongoStoredObjects:
    """See `core.ports.StoredObjectStore`. A `place` is a key with a slash at its end, so that what
    is at a place and all that is below it are one range."""

    objects: Collection[dict[str, Any]]

    def note(self, found: StoredObject) -> None:
        place = {"place": f"{found.key}/"}
        said = {"size_bytes": found.size_bytes, "sha256": found.sha256, "at": found.at}
        with translated():
            try:
                self.objects.replace_one(place, place | said, upsert=True)
            except DuplicateKeyError:  # somebody inserted it in this moment
                self.objects.replace_one(place, place | said)

    def under(self, place: str, limit: int) -> Sequence[StoredObject]:
        bounds = {"$gte": f"{place}/", "$lt": f"{place}{_AFTER_SLASH}"}
        with translated():
            found = list(
                self.objects.find(
                    {"place": bounds}, sort=[("place", 1)], limit=limit, batch_size=limit
                )
            )
        return [
            StoredObject(each["place"][:-1], each["size_bytes"], each["sha256"], each["at"])
            for each in found
        ]
