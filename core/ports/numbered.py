"""What every store answers whose entities are known by a decimal id."""

from typing import Protocol, TypeVar

from core.ports.searches import Searched

E = TypeVar("E")


class Numbered(Searched[E], Protocol[E]):
    """Entities by id, by external id, and by search."""

    def get(self, namespace: str, number: int) -> E | None: ...

    def known_as(self, namespace: str, external_id: str) -> E | None:
        """The one that another system knows under this id."""
        ...

    def insert(self, entity: E) -> None:
        """Raise `Taken` if its name or its external id is in use."""
        ...

    def replace(self, entity: E) -> None:
        """Store the next revision. Raise `Stale` unless the stored one is the one before it, and
        `Taken` if its external id is in use."""
        ...
