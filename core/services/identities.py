"""From a token to a caller and the rules that reach it."""

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import NoReturn

from core.domain.access import CONFIGURED, Caller, Principal
from core.domain.access_tokens import PREFIX, AccessToken, Pepper, is_token, token_id_of
from core.domain.publishers import Platform, anchor_of
from core.domain.rules import Rule
from core.errors import Unauthenticated
from core.ports import Clock, Database, TokenVerifier

_CACHED_PRINCIPALS = 4096

Rules = tuple[Rule, ...]


@dataclass(frozen=True, slots=True)
class Identities:
    """Authenticate, and find the grants and publishers that reach the principal.

    What was found is kept for `grants_ttl_seconds` in the process, so that a read costs one
    query: a role that changes does so everywhere within that time; one that ends does so at once.
    An access token is looked up each time: it can be revoked at once. `admins` are administrators
    by configuration, whom no denial reaches; `issuers` the names of those in the settings.
    """

    verifier: TokenVerifier
    database: Database
    clock: Clock
    admins: tuple[str, ...] = ()
    grants_ttl_seconds: int = 30
    peppers: tuple[Pepper, ...] = ()
    issuers: frozenset[str] = frozenset()
    _known: "OrderedDict[Hashable, tuple[datetime, Rules]]" = field(default_factory=OrderedDict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def identify(
        self, token: str | None, *, request_id: str = "", dialect: str = "", address: str = ""
    ) -> Caller:
        """Raises `Unauthenticated` for no token or a bad one."""
        if not token:
            raise Unauthenticated(
                "The request carries no bearer token.",
                next_step="Send 'Authorization: Bearer TOKEN'; `modelry login` gets you one.",
            )
        now = self.clock.now()
        within = None
        if token.startswith(PREFIX):
            access = self._access_token(token, now)
            principal, within = access.principal, access.rule
            rules = self._rules_of_token(access, now)
        else:
            principal = self.verifier.verify(token)
            rules = self._rules(principal, now)
        return Caller(
            principal, rules, request_id, dialect, address, at=self.clock.now(), within=within
        )

    def knows(self, token: str) -> bool:
        """Whether `identify` would answer at once, from what is kept in the process."""
        if token.startswith(PREFIX) or not self.verifier.knows(token):
            return False
        principal = self.verifier.verify(token)
        return self._is_admin(principal) or self._recalled(principal, self.clock.now()) is not None

    def _is_admin(self, principal: Principal) -> bool:
        named = principal.platform is None
        return named and not set(self.admins).isdisjoint(principal.grantees)

    def _rules(self, principal: Principal, now: datetime) -> Rules:
        if principal.platform is not None:
            return self._kept(principal, now, lambda: self._published(principal))
        if self._is_admin(principal):
            return (CONFIGURED,)
        return self._kept(
            principal,
            now,
            lambda: tuple(
                grant.rule for grant in self.database.grants.reaching(principal.grantees)
            ),
        )

    def _published(self, principal: Principal) -> Rules:
        """The rules of the publishers whose table of claims this token has."""
        claims = dict(principal.claims)
        anchor = anchor_of(principal.issuer, Platform(str(principal.platform)), claims)
        if anchor is None:
            return ()
        return tuple(
            publisher.rule
            for publisher in self.database.publishers.anchored(anchor)
            if publisher.passes(principal.issuer, claims)
        )

    def _access_token(self, text: str, now: datetime) -> AccessToken:
        token_id = token_id_of(text)
        found = None if token_id is None else self.database.access_tokens.find(token_id)
        if found is None or not is_token(text, found[1], self.peppers):
            _refuse("it is none that was made here, or not all of one")
        token = found[0]
        if token.revoked_at is not None:
            _refuse("it was revoked")
        if not token.is_good(now):
            _refuse("it has expired")
        if token.principal.issuer not in self.issuers:
            _refuse("the issuer of its owner is not trusted here any more")
        return token

    def _rules_of_token(self, token: AccessToken, now: datetime) -> Rules:
        """What reaches the token's owner by name, and the denials of the groups it was in."""
        owner = token.principal
        if owner.name in self.admins:
            return (CONFIGURED,)
        groups = Principal(owner.issuer, owner.subject, token.groups)

        def find() -> Rules:
            grants = self.database.grants.reaching(groups.grantees)
            rules = (grant.rule for grant in grants)
            return tuple(rule for rule in rules if rule.denies or rule.name == owner.name)

        return self._kept((groups, "token"), now, find)

    def _recalled(self, key: Hashable, now: datetime) -> Rules | None:
        with self._lock:
            known = self._known.get(key)
        return known[1] if known is not None and now < known[0] else None

    def _kept(self, key: Hashable, now: datetime, find: Callable[[], Rules]) -> Rules:
        known = self._recalled(key, now)
        if known is not None:
            return known
        rules = find()
        if not rules:  # whoever has just been let in shall not have to wait
            return ()
        with self._lock:
            self._known[key] = (now + timedelta(seconds=self.grants_ttl_seconds), rules)
            while len(self._known) > _CACHED_PRINCIPALS:
                self._known.popitem(last=False)
        return rules


def _refuse(why: str) -> NoReturn:
    raise Unauthenticated(
        f"The access token was refused: {why}.",
        next_step="Make a new one: `modelry token create`, or sign in.",
    )
