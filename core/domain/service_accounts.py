"""Service accounts: names for programs that no issuer knows, each in a namespace."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from core.domain.access import Principal
from core.domain.names import check_label, check_namespace_name, check_text

ISSUER = "modelry"
"""The registry itself: no issuer of the settings can have this name."""

MAX_TOKENS = 2
"""At a time: the one in use and the one that takes over."""


class AccountState(StrEnum):
    """A deleted account stays as a name that is never used again: grants may still name it."""

    ACTIVE = "active"
    DELETED = "deleted"


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceAccount:
    """What it may do is granted to it like to anybody, as `grantee`."""

    namespace: str
    name: str
    description: str = ""
    state: AccountState = AccountState.ACTIVE
    created_at: datetime
    created_by: str
    updated_at: datetime
    updated_by: str
    revision: int = 1

    def __post_init__(self) -> None:
        check_namespace_name(self.namespace)
        check_label("service account", self.name)
        if self.description:
            check_text("description", self.description, max_characters=2_000)

    @property
    def grantee(self) -> str:
        """How grants and events name it: `subject:modelry:fraud/deployer`."""
        return account_principal(self.namespace, self.name).name


def account_principal(namespace: str, name: str) -> Principal:
    """The principal that a service account is."""
    return Principal(ISSUER, f"{namespace}/{name}")
