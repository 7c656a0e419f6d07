"""The use case of seeing who may do what in a namespace, and by what."""

from dataclasses import dataclass

from core.domain.access import Action, Caller
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

    def page(self, caller: Caller, namespace: str, request: PageRequest) -> Page[Entry]:
        """What reaches everywhere, then the grants of the namespace and of its models, then its
        publishers; what has ended too. Raises `NotFound`."""
        caller.require(Action.GRANT_READ, namespace)
        query = ("access", namespace)
        after, limit = request.after(*query), request.size + 1
        section, _, start = (after or "0 ").partition(" ")
        rows: list[tuple[str, Entry]] = []
        for each, find in (("0", self._everywhere), ("1", self._here), ("2", self._publishers)):
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
