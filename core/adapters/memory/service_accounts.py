"""Service accounts in memory."""

from collections.abc import Sequence

from core.adapters.memory.tables import MemoryStore, insert, is_after, replace_entity
from core.domain.service_accounts import AccountState, ServiceAccount


class MemoryServiceAccounts(MemoryStore):
    """See `core.ports.ServiceAccountStore`."""

    def get(self, namespace: str, name: str) -> ServiceAccount | None:
        with self.use(False) as tables:
            return tables.service_accounts.get((namespace, name))

    def page(self, namespace: str, *, after: str | None, limit: int) -> Sequence[ServiceAccount]:
        with self.use(False) as tables:
            accounts = [tables.service_accounts[key] for key in sorted(tables.service_accounts)]
            return [
                account
                for account in accounts
                if account.namespace == namespace
                and account.state is AccountState.ACTIVE
                and is_after(account.name, after)
            ][:limit]

    def insert(self, account: ServiceAccount) -> None:
        with self.use(True) as tables:
            insert(tables.service_accounts, _key(account), account, _what(account))
            tables.ledger.changed(account)

    def replace(self, account: ServiceAccount) -> None:
        with self.use(True) as tables:
            replace_entity(tables.service_accounts, _key(account), account, _what(account))
            tables.ledger.changed(account)


def _key(account: ServiceAccount) -> tuple[str, str]:
    return (account.namespace, account.name)


def _what(account: ServiceAccount) -> str:
    return f"service account {account.name!r}"
