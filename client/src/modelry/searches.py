"""Search: models and versions by words, filter and order, in all namespaces you may read."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Generic, TypeVar

from modelry.records import Facet, Model, Record, Version
from modelry.references import check_namespace
from modelry.session import Session
from modelry.transport import Transport

R = TypeVar("R", bound=Record)

_LONGEST_PAGE = 100


class Found(Generic[R]):
    """What a search found: iterate over it, as often as you like; pages are asked for as needed.

    `facets` are those that were asked for, counted over all that the search matches.
    """

    def __init__(
        self,
        transport: Transport,
        path: str,
        query: Mapping[str, object],
        read: Callable[[Mapping[str, Any]], R],
    ) -> None:
        self._read = read
        self._pages: list[Mapping[str, Any]] = []
        self._rest = transport.pages("GET", path, **query)

    def __iter__(self) -> Iterator[R]:
        place = 0
        while (page := self._page(place)) is not None:
            yield from map(self._read, page["items"])
            place += 1

    @property
    def facets(self) -> list[Facet]:
        """How often each value of the fields occurs, the commonest first."""
        first = self._page(0)
        return [] if first is None else [Facet.read(raw) for raw in first.get("facets", ())]

    def _page(self, place: int) -> Mapping[str, Any] | None:
        while len(self._pages) <= place:
            page = next(self._rest, None)
            if page is None:
                return None
            self._pages.append(page)
        return self._pages[place]


class Searches(Session):
    """Search across namespaces."""

    def search(
        self,
        words: str | None = None,
        *,
        filter: str | None = None,
        order_by: str | None = None,
        namespace: str | Sequence[str] | None = None,
        facets: Sequence[str] = (),
        archived: bool = False,
        page_size: int = _LONGEST_PAGE,
    ) -> Found[Version]:
        """Versions that have all the words and pass the filter, newest first unless ordered.

        `filter` is text such as `metrics.accuracy >= 0.9 AND tags.team = 'fraud'`, `order_by` such
        as `metrics.accuracy desc`; `namespace` narrows it to one or several. Raises `Invalid`,
        saying where the filter is wrong, when the first page is asked for.
        """
        query = _query(words, filter, order_by, namespace, facets, archived, page_size)
        return Found(self.transport, "/search/versions", query, Version.read)

    def search_models(
        self,
        words: str | None = None,
        *,
        filter: str | None = None,
        order_by: str | None = None,
        namespace: str | Sequence[str] | None = None,
        facets: Sequence[str] = (),
        archived: bool = False,
        page_size: int = _LONGEST_PAGE,
    ) -> Found[Model]:
        """The same for models, such as `alias = 'champion' AND NOT EXISTS(owner)`."""
        query = _query(words, filter, order_by, namespace, facets, archived, page_size)
        return Found(self.transport, "/search/models", query, Model.read)


def _query(
    words: str | None,
    filter: str | None,
    order_by: str | None,
    namespace: str | Sequence[str] | None,
    facets: Sequence[str],
    archived: bool,
    page_size: int,
) -> dict[str, object]:
    named = [namespace] if isinstance(namespace, str) else list(namespace or ())
    return {
        "q": words or None,
        "filter": filter or None,
        "order_by": order_by or None,
        "namespace": [check_namespace(each) for each in named] or None,
        "facets": ",".join(facets) or None,
        "include": "archived" if archived else None,
        "page_size": page_size,
    }
