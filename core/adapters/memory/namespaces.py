"""Namespaces in memory."""

from collections.abc import Collection, Sequence

from core.adapters.memory.tables import MemoryStore, insert, is_after, replace_entity
from core.domain.namespaces import Namespace, lifecycle_is_stale


class MemoryNamespaces(MemoryStore):
    """See `core.ports.NamespaceStore`."""

    def get(self, name: str) -> Namespace | None:
        with self.use(False) as tables:
            return tables.namespaces.get(name)

    def page(
        self,
        *,
        among: Collection[str] | None,
        after: str | None,
        limit: int,
        without: Collection[str] = (),
    ) -> Sequence[Namespace]:
        with self.use(False) as tables:
            listed = {*tables.namespaces} if among is None else {*among} & {*tables.namespaces}
            names = sorted(listed - {*without})
            return [tables.namespaces[name] for name in names if is_after(name, after)][:limit]

    def insert(self, namespace: Namespace) -> None:
        with self.use(True) as tables:
            insert(tables.namespaces, namespace.name, namespace, f"namespace {namespace.name!r}")
            tables.ledger.changed(namespace)

    def pin_lifecycle(self, name: str, revision: int) -> None:
        with self.use(True) as tables:  # transactions run one after another here
            found = tables.namespaces.get(name)
            if found is None or found.lifecycle_revision != revision:
                raise lifecycle_is_stale(name, revision)

    def replace(self, namespace: Namespace) -> None:
        with self.use(True) as tables:
            replace_entity(
                tables.namespaces, namespace.name, namespace, f"namespace {namespace.name!r}"
            )
            tables.ledger.changed(namespace)
