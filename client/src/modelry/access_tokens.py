"""Operations on access tokens and service accounts: for programs that cannot sign in."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import quote

from modelry.records import Record
from modelry.session import Session, given


@dataclass(frozen=True, repr=False)
class AccessToken(Record):
    """What is known of an access token. `token`, its text, is there once: when it is made."""

    id: str = ""
    kind: str = ""
    owner: str = ""
    name: str = ""
    scope: str = ""
    role: str | None = None
    created_at: datetime | None = None
    created_by: str = ""
    expires_at: datetime | None = None
    revoked_at: datetime | None = None
    revoked_by: str | None = None
    token: str | None = field(default=None, repr=False)

    def _shown(self) -> str:
        return f"{self.id} ({self.name}) of {self.owner}"


@dataclass(frozen=True, repr=False)
class ServiceAccount(Record):
    """A name for a program that no issuer knows; grants name it by its `grantee`."""

    namespace: str = ""
    name: str = ""
    grantee: str = ""
    description: str = ""
    created_at: datetime | None = None
    created_by: str = ""

    def _shown(self) -> str:
        return f"{self.namespace}/{self.name}"


class AccessTokens(Session):
    """One's own tokens; service accounts and theirs."""

    def create_token(
        self,
        name: str,
        *,
        scope: str | None = None,
        role: str | None = None,
        days: int | None = None,
        account: str | None = None,
        namespace: str | None = None,
        reason: str | None = None,
    ) -> AccessToken:
        """Make a token of yours, or of a service account, whose text is in `token` now and never
        again. `scope` is a namespace, `namespace/model`, or `*`.

        Not repeated if the answer is lost: list the tokens, revoke it and make another.
        """
        body = given(name=name, scope=scope, role=role, days=days)
        answer = self.transport.request(
            "POST", self._tokens(account, namespace), query={"reason": reason}, body=body
        )
        return AccessToken.read(answer.document)

    def access_tokens(
        self, *, account: str | None = None, namespace: str | None = None, owner: str | None = None
    ) -> Iterator[AccessToken]:
        """Your tokens, or a service account's, or (for administrators) those of `owner`."""
        items = self.transport.items(self._tokens(account, namespace), owner=owner)
        return map(AccessToken.read, items)

    def revoke_token(
        self,
        token_id: str,
        *,
        account: str | None = None,
        namespace: str | None = None,
        reason: str | None = None,
    ) -> None:
        """End a token at once."""
        path = f"{self._tokens(account, namespace)}/{quote(token_id, safe='')}"
        self.transport.request("DELETE", path, query={"reason": reason})

    def service_accounts(self, namespace: str | None = None) -> Iterator[ServiceAccount]:
        """The service accounts of a namespace, by name."""
        return map(ServiceAccount.read, self.transport.items(self._accounts(namespace)))

    def create_service_account(
        self,
        name: str,
        *,
        description: str | None = None,
        namespace: str | None = None,
        reason: str | None = None,
        idempotency_key: str | None = None,
    ) -> ServiceAccount:
        """Create an account. What it may do is then granted to its `grantee`."""
        body = given(name=name, description=description)
        answer = self.create(
            self._accounts(namespace), body, idempotency_key, query={"reason": reason}
        )
        return ServiceAccount.read(answer.document)

    def delete_service_account(
        self, name: str, *, namespace: str | None = None, reason: str | None = None
    ) -> None:
        """End an account and all of its tokens at once; its name is never used again."""
        path = f"{self._accounts(namespace)}/{quote(name, safe='')}"
        self.transport.request("DELETE", path, query={"reason": reason})

    def _accounts(self, namespace: str | None) -> str:
        return f"{self.in_namespace(namespace)}/service-accounts"

    def _tokens(self, account: str | None, namespace: str | None) -> str:
        if account is None:
            return "/tokens"
        return f"{self._accounts(namespace)}/{quote(account, safe='')}/tokens"
