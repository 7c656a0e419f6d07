"""Service accounts as documents: their key holds namespace and name."""

from collections.abc import Sequence

from core.adapters.mongo.documents import Documents
from core.adapters.mongo.keyset import ASCENDING, after_key
from core.domain.service_accounts import AccountState, ServiceAccount


class MongoServiceAccounts:
    """See `core.ports.ServiceAccountStore`."""

    def __init__(self, documents: Documents[ServiceAccount]) -> None:
        self._documents = documents

    def get(self, namespace: str, name: str) -> ServiceAccount | None:
        return self._documents.one({"_id": f"{namespace} {name}"})

    def page(self, namespace: str, *, after: str | None, limit: int) -> Sequence[ServiceAccount]:
        state = AccountState.ACTIVE.value
        filter = {"namespace": namespace, "state": state, **after_key("name", after)}
        return self._documents.many(filter, [("name", ASCENDING)], limit)

    def insert(self, account: ServiceAccount) -> None:
        self._documents.insert(_key(account), account, _what(account))

    def replace(self, account: ServiceAccount) -> None:
        self._documents.replace(_key(account), account, _what(account))


def _key(account: ServiceAccount) -> str:
    return f"{account.namespace} {account.name}"


def _what(account: ServiceAccount) -> str:
    return f"service account {account.name!r}"
