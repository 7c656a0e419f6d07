"""Use cases on service accounts and their tokens: for programs that no issuer knows."""

from dataclasses import dataclass, replace

from core.domain.access import Action, Caller, Role
from core.domain.access_tokens import AccessToken, Pepper, TokenKind, new_token
from core.domain.pages import Page, PageRequest
from core.domain.service_accounts import (
    MAX_TOKENS,
    AccountState,
    ServiceAccount,
    account_principal,
)
from core.domain.subjects import event_of
from core.errors import Conflict, NotFound
from core.ports import Clock, Database, Stores
from core.services.claims import created_before, remember
from core.services.lookups import namespace_of
from core.services.tokens import (
    NewToken,
    check_days,
    check_peppers,
    check_signed_in,
    issued,
    revoked,
    token_of,
)

_LOOKED_AT = 1_000


@dataclass(frozen=True, slots=True)
class ServiceAccounts:
    """Create, list and delete accounts; make and revoke their tokens, two at a time.

    What an account may do is granted to it like to anybody: here are only its name and tokens.
    """

    database: Database
    clock: Clock
    peppers: tuple[Pepper, ...]
    max_days: int

    def create(
        self, caller: Caller, namespace: str, name: str, *, description: str = "", reason: str = ""
    ) -> ServiceAccount:
        """Raises `Taken` for a name that is or was in use, `Invalid`, `NotFound`."""
        caller.require(Action.GRANT_CHANGE, namespace)
        at, by = self.clock.now(), caller.principal.name
        account = ServiceAccount(
            namespace=namespace,
            name=name,
            description=description,
            created_at=at,
            created_by=by,
            updated_at=at,
            updated_by=by,
        )

        def work(stores: Stores) -> ServiceAccount:
            if before := created_before(stores, caller, ServiceAccount, at):
                return before
            namespace_of(stores, namespace)
            stores.service_accounts.insert(account)
            stores.events.add(
                event_of(caller, "service-account.created", at=at, after=account, reason=reason)
            )
            remember(stores, caller, account, at)
            return account

        return self.database.transaction(work)

    def page(self, caller: Caller, namespace: str, request: PageRequest) -> Page[ServiceAccount]:
        """The accounts of a namespace that are active, by name. Raises `NotFound`."""
        caller.require(Action.GRANT_READ, namespace)
        query = ("service-accounts", namespace)
        rows = self.database.service_accounts.page(
            namespace, after=request.after(*query), limit=request.size + 1
        )
        if not rows:
            namespace_of(self.database, namespace)
        return request.page(rows, lambda account: account.name, *query)

    def delete(self, caller: Caller, namespace: str, name: str, *, reason: str = "") -> None:
        """End the account and all of its tokens at once; its name is never used again.

        Raises `NotFound`.
        """
        caller.require(Action.GRANT_CHANGE, namespace)

        def work(stores: Stores) -> None:
            before = _account_of(stores, namespace, name)
            at = max(self.clock.now(), before.updated_at)
            for token in _tokens_of(stores, before):
                revoked(stores, caller, token, at, reason)
            after = replace(
                before,
                state=AccountState.DELETED,
                updated_at=at,
                updated_by=caller.principal.name,
                revision=before.revision + 1,
            )
            stores.service_accounts.replace(after)
            stores.events.add(
                event_of(
                    caller,
                    "service-account.deleted",
                    at=at,
                    before=before,
                    after=after,
                    reason=reason,
                )
            )

        self.database.transaction(work)

    def create_token(
        self,
        caller: Caller,
        namespace: str,
        account: str,
        name: str,
        *,
        scope: str | None = None,
        role: Role | None = None,
        days: int | None = None,
        reason: str = "",
    ) -> NewToken:
        """A token of the account, for its namespace unless another scope is given.

        Raises `Conflict` if it has two that are good, `Invalid`, `NotFound`.
        """
        caller.require(Action.GRANT_CHANGE, namespace)
        check_signed_in(caller)
        pepper, lifetime = check_peppers(self.peppers), check_days(days, self.max_days)
        at = self.clock.now()
        token_id, text = new_token(TokenKind.SERVICE)
        token = AccessToken(
            id=token_id,
            kind=TokenKind.SERVICE,
            owner=account_principal(namespace, account).name,
            name=name,
            namespace=namespace,
            scope=namespace if scope is None else scope,
            role=role,
            created_at=at,
            created_by=caller.principal.name,
            expires_at=at + lifetime,
        )

        def work(stores: Stores) -> NewToken:
            owner = _account_of(stores, namespace, account)
            taken = set()
            for each in _tokens_of(stores, owner):
                if each.is_good(at):
                    taken.add(each.slot)
                elif each.revoked_at is None:  # it has ended, and makes room
                    revoked(stores, caller, each, at, "it has expired")
            free = [slot for slot in range(1, MAX_TOKENS + 1) if slot not in taken]
            if not free:
                raise Conflict(
                    f"The service account {account!r} has {MAX_TOKENS} tokens that are good.",
                    next_step="Revoke the one that is not used any more.",
                )
            return issued(stores, caller, replace(token, slot=free[0]), text, pepper, reason)

        return self.database.transaction(work)

    def page_tokens(
        self, caller: Caller, namespace: str, account: str, request: PageRequest
    ) -> Page[AccessToken]:
        """The tokens of an account by id, without their texts. Raises `NotFound`."""
        caller.require(Action.GRANT_READ, namespace)
        owner = account_principal(namespace, account).name
        query = ("access-tokens", owner)
        rows = self.database.access_tokens.page(
            owner, after=request.after(*query), limit=request.size + 1
        )
        if not rows:
            _account_of(self.database, namespace, account)
        return request.page(rows, lambda token: token.id, *query)

    def revoke_token(
        self, caller: Caller, namespace: str, account: str, token_id: str, *, reason: str = ""
    ) -> AccessToken:
        """End a token at once. Repeating is fine. Raises `NotFound`."""
        caller.require(Action.GRANT_CHANGE, namespace)
        at = self.clock.now()
        owner = account_principal(namespace, account).name

        def work(stores: Stores) -> AccessToken:
            token = token_of(stores, owner, token_id)
            return revoked(stores, caller, token, at, reason)

        return self.database.transaction(work)


def _account_of(stores: Stores, namespace: str, name: str) -> ServiceAccount:
    account = stores.service_accounts.get(namespace, name)
    if account is None or account.state is AccountState.DELETED:
        namespace_of(stores, namespace)
        raise NotFound(
            f"The namespace {namespace!r} has no service account {name[:200]!a}.",
            next_step="List its service accounts to see which there are.",
        )
    return account


def _tokens_of(stores: Stores, account: ServiceAccount) -> list[AccessToken]:
    """Those that take a place; few, since each new one ends those that have expired."""
    found: list[AccessToken] = []
    after: str | None = None
    while rows := stores.access_tokens.page(account.grantee, after=after, limit=_LOOKED_AT):
        found += [token for token in rows if token.slot is not None]
        after = rows[-1].id
    return found
