"""The use case of seeing who may do what in a namespace, and by what."""

from dataclasses import dataclass, replace

from core.domain.access import CONFIGURED, Action, Caller
from core.domain.explanations import Entry
from core.domain.pages import Page, PageRequest
from core.domain.rules import EVERYWHERE
from core.ports import Clock, Database
from core.services.lookups import namespace_of


@dataclass(frozen=True, slots=True)
class Access:
    """Read everything that lets anybody into a namespace."""

    database: Database
    clock: Clock
    admins: tuple[str, ...] = ()

    def page(self, caller: Caller, namespace: str, request: PageRequest) -> Page[Entry]:
        """The administrators of the settings, what was granted everywhere, then the grants of the
        namespace and of its models, then its publishers; what has ended too. Raises `NotFound`."""
        caller.require(Action.GRANT_READ, namespace)
        query = ("access", namespace)
        after, limit = request.after(*query), request.size + 1
        section, _, start = (after or "0 ").partition(" ")
        rows: list[tuple[str, Entry]] = []
        sections = (self._configured, self._everywhere, self._here, self._publishers)
        for each, find in zip("0123", sections, strict=True):
            if len(rows) < limit and each >= section:
                begin = start or None if each == section else None
                rows += [
                    (f"{each} {key}", entry)
                    for key, entry in find(namespace, begin, limit - len(rows))
                ]
        if not rows:
            namespace_of(self.database, namespace)
        page = request.page(rows, lambda row: row[0], *query)
        return Page(tuple(entry for _, entry in page.items), page.next_token)

    def _configured(self, namespace: str, after: str | None, limit: int) -> list[tuple[str, Entry]]:
        names = [name for name in sorted(self.admins) if after is None or name > after]
        return [(name, Entry(replace(CONFIGURED, name=name), True)) for name in names[:limit]]

    def _everywhere(self, namespace: str, after: str | None, limit: int) -> list[tuple[str, Entry]]:
        return self._here(EVERYWHERE, after, limit)

    def _here(self, namespace: str, after: str | None, limit: int) -> list[tuple[str, Entry]]:
        grants = self.database.grants.within(namespace, after=after, limit=limit)
        at = self.clock.now()
        return [(grant.key, Entry(grant.rule, grant.rule.is_in_force(at))) for grant in grants]

    def _publishers(self, namespace: str, after: str | None, limit: int) -> list[tuple[str, Entry]]:
        found = self.database.publishers.page(namespace, after=after, limit=limit)
        at = self.clock.now()
        return [(each.name, Entry(each.rule, each.rule.is_in_force(at))) for each in found]
