"""What is known by a decimal id, as documents: the id is their key."""

from collections.abc import Callable
from typing import Any, TypeVar

from core.adapters.mongo.documents import Documents
from core.adapters.mongo.external import external, joined
from core.adapters.mongo.retention import kept
from core.adapters.mongo.searches import MongoSearched
from core.adapters.mongo.terms import derived
from core.domain.fields import Fields
from core.domain.retention import Retention

E = TypeVar("E")


class MongoNumbered(MongoSearched[E]):
    """See `core.ports.Numbered`. `more` gives the derived fields that are the noun's own."""

    def __init__(
        self,
        documents: Documents[E],
        fields: Fields,
        more: Callable[[E], dict[str, Any]] = lambda entity: {},
    ) -> None:
        super().__init__(documents, fields)
        self._more = more

    def get(self, namespace: str, number: int) -> E | None:
        """By id."""
        found: Any = self._documents.one({"_id": number})
        return found if found is not None and found.namespace == namespace else None

    def known_as(self, namespace: str, external_id: str) -> E | None:
        """By external id."""
        return self._documents.one({"external_key": joined(namespace, external_id)})

    def insert(self, entity: Any) -> None:
        """Store a new one."""
        self._documents.insert(entity.id, entity, self._what(entity), **self._derived(entity))

    def replace(self, entity: Any) -> None:
        """Store the next revision."""
        self._documents.replace(entity.id, entity, self._what(entity), **self._derived(entity))

    def document(self, entity: Any) -> dict[str, Any]:
        """As it is stored; measurements insert many at once."""
        return self._documents.document(entity.id, entity, self._derived(entity))

    def _derived(self, entity: Any) -> dict[str, Any]:
        return {
            **external(entity.namespace, entity),
            **kept(getattr(entity, "state", Retention.ACTIVE), is_held=False),
            **derived(entity, self._fields),
            **self._more(entity),
        }

    def _what(self, entity: Any) -> str:
        return f"name {entity.name!r}"
