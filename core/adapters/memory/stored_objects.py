"""What is known of the objects that no upload declared, in memory."""

from collections.abc import Sequence

from core.adapters.memory.tables import MemoryStore
from core.domain.stored_objects import StoredObject


class MemoryStoredObjects(MemoryStore):
    """See `core.ports.StoredObjectStore`."""

    def note(self, found: StoredObject) -> None:
        with self.use(False) as tables:
            tables.stored_objects[found.key] = found

    def under(self, place: str, limit: int) -> Sequence[StoredObject]:
        with self.use(False) as tables:
            keys = (key for key in tables.stored_objects if f"{key}/".startswith(f"{place}/"))
            return [tables.stored_objects[key] for key in sorted(keys)[:limit]]
