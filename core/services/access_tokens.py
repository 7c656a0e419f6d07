"""Use cases on personal access tokens: for programs of people that cannot sign in."""

from dataclasses import dataclass

from core.domain.access import Action, Caller, Role
from core.domain.access_tokens import AccessToken, Pepper, TokenKind, new_token
from core.domain.pages import Page, PageRequest
from core.domain.rules import EVERYWHERE
from core.errors import Conflict, Forbidden, Refusal
from core.ports import Clock, Database, Stores
from core.services.tokens import (
    NewToken,
    check_days,
    check_peppers,
    check_signed_in,
    issued,
    no_token,
    reaches,
    revoked,
)

MAX_PERSONAL = 20
_LOOKED_AT = 1_000


@dataclass(frozen=True, slots=True)
class AccessTokens:
    """Make, list and revoke one's own tokens; administrators revoke anybody's.

    `peppers` are the keys that tokens are hashed under, the first for new ones; without any there
    are no tokens. None is good for longer than `max_days`.
    """

    database: Database
    clock: Clock
    peppers: tuple[Pepper, ...]
    max_days: int

    def create(
        self,
        caller: Caller,
        name: str,
        *,
        scope: str = EVERYWHERE,
        role: Role | None = None,
        days: int | None = None,
        reason: str = "",
    ) -> NewToken:
        """A token of the caller, who has signed in, for a scope and a role at most.

        Raises `Invalid`, `Forbidden` for a scope in which nothing was given to the caller's own
        name (what a group was given, no token has), `Conflict` for too many.
        """
        check_signed_in(caller)
        owner = caller.principal
        if not reaches(caller, scope):
            raise Forbidden(
                f"A token for {scope!r} could do nothing: nothing there was granted to"
                f" {owner.name} itself.",
                next_step="What was granted to a group, no token has: it would outlive the"
                " membership. Ask for a grant to your own name, or use a service account.",
                refusal=Refusal(Action.GRANT_CHANGE.value),
            )
        pepper, lifetime = check_peppers(self.peppers), check_days(days, self.max_days)
        at = self.clock.now()
        token_id, text = new_token(TokenKind.PERSONAL)
        token = AccessToken(
            id=token_id,
            kind=TokenKind.PERSONAL,
            owner=owner.name,
            name=name,
            scope=scope,
            role=role,
            groups=owner.groups,
            created_at=at,
            created_by=owner.name,
            expires_at=at + lifetime,
        )

        def work(stores: Stores) -> NewToken:
            tokens = stores.access_tokens.page(owner.name, after=None, limit=_LOOKED_AT)
            if sum(each.is_good(at) for each in tokens) >= MAX_PERSONAL:
                raise Conflict(
                    f"You have {MAX_PERSONAL} tokens that are good.",
                    next_step="Revoke one that is not used any more.",
                )
            return issued(stores, caller, token, text, pepper, reason)

        return self.database.transaction(work)

    def page(
        self, caller: Caller, request: PageRequest, *, owner: str | None = None
    ) -> Page[AccessToken]:
        """One's own tokens by id, without their texts; somebody else's for who reads the grants
        of everywhere."""
        owner = owner or caller.principal.name
        if owner != caller.principal.name:
            caller.require(Action.SYSTEM_GRANT_READ)
        query = ("access-tokens", owner)
        rows = self.database.access_tokens.page(
            owner, after=request.after(*query), limit=request.size + 1
        )
        return request.page(rows, lambda token: token.id, *query)

    def revoke(self, caller: Caller, token_id: str, *, reason: str = "") -> AccessToken:
        """End a token at once: one's own, also by itself, or anybody's for who changes the grants
        of everywhere. Repeating is fine. Raises `NotFound`."""
        at = self.clock.now()

        def work(stores: Stores) -> AccessToken:
            found = stores.access_tokens.find(token_id)
            if found is None or not (
                found[0].owner == caller.principal.name or caller.may(Action.SYSTEM_GRANT_CHANGE)
            ):
                action = Action.SYSTEM_GRANT_CHANGE.value
                raise no_token(token_id, Refusal(action) if found else None)
            return revoked(stores, caller, found[0], at, reason)

        return self.database.transaction(work)
