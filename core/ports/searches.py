"""What every searchable store answers."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING, Protocol, TypeVar

from core.domain.retention import Shown

if TYPE_CHECKING:
    from core.domain.facets import Facet
    from core.domain.orders import Order, Position
    from core.domain.search import Path, Tree


S = TypeVar("S", covariant=True)


class Searched(Protocol[S]):
    """What can be searched. Trees, orders and paths are bound to the noun (`core.domain.fields`);
    `core.domain.matching` says what they mean. Scopes are named always, 1 000 at most: each is a
    namespace or one model of one (`namespace/model`).

    A search that takes too long raises `Unavailable`.
    """

    def search(
        self,
        scopes: Collection[str],
        tree: Tree | None,
        *,
        orders: Sequence[Order],
        after: Position | None,
        limit: int,
        shown: Shown = Shown.LISTED,
    ) -> Sequence[S]:
        """What the tree matches in these scopes, in order, behind the position."""
        ...

    def facets(
        self,
        scopes: Collection[str],
        tree: Tree | None,
        paths: Sequence[Path],
        *,
        shown: Shown = Shown.LISTED,
    ) -> Sequence[Facet]:
        """For each path the most frequent values among the matches, with their counts."""
        ...
