"""Grants in memory."""

from collections.abc import Collection, Sequence

from core.adapters.memory.tables import MemoryStore, is_after
from core.domain.grants import Grant
from core.domain.subjects import grant_subject


class MemoryGrants(MemoryStore):
    """See `core.ports.GrantStore`."""

    def reaching(self, grantees: Collection[str]) -> Sequence[Grant]:
        with self.use(False) as tables:
            return [grant for key, grant in sorted(tables.grants.items()) if key[1] in grantees]

    def get(self, scope: str, grantee: str) -> Grant | None:
        with self.use(False) as tables:
            return tables.grants.get((scope, grantee))

    def page(self, scope: str, *, after: str | None, limit: int) -> Sequence[Grant]:
        with self.use(False) as tables:
            keys = sorted(key for key in tables.grants if key[0] == scope)
            return [tables.grants[key] for key in keys if is_after(key[1], after)][:limit]

    def within(self, namespace: str, *, after: str | None, limit: int) -> Sequence[Grant]:
        with self.use(False) as tables:
            grants = sorted(tables.grants.values(), key=lambda grant: grant.key)
            return [
                grant
                for grant in grants
                if grant.scope.partition("/")[0] == namespace and is_after(grant.key, after)
            ][:limit]

    def put(self, grant: Grant) -> None:
        with self.use(True) as tables:
            tables.grants[grant.scope, grant.grantee] = grant
            tables.ledger.changed(grant)

    def remove(self, scope: str, grantee: str) -> None:
        with self.use(True) as tables:
            if tables.grants.pop((scope, grantee), None) is not None:
                tables.ledger.removed(grant_subject(scope, grantee))
