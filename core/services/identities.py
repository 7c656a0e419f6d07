"""From a bearer token to a caller with roles."""

import threading
from collections import OrderedDict
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from core.domain.access import CONFIGURED, Caller, Principal
from core.domain.rules import Rule
from core.errors import Unauthenticated
from core.ports import Clock, Database, TokenVerifier

_CACHED_PRINCIPALS = 4096

Rules = tuple[Rule, ...]


@dataclass(frozen=True, slots=True)
class Identities:
    """Authenticate, and find the grants that reach the principal.

    Grants are kept for `grants_ttl_seconds` in the process, so that a read costs one query: a
    role that changes does so everywhere within that time; one that ends does so at once. `admins`
    are administrators by configuration, whom no denial reaches.
    """

    verifier: TokenVerifier
    database: Database
    clock: Clock
    admins: tuple[str, ...] = ()
    grants_ttl_seconds: int = 30
    _known: "OrderedDict[Principal, tuple[datetime, Rules]]" = field(default_factory=OrderedDict)
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
        principal = self.verifier.verify(token)
        now = self.clock.now()
        return Caller(principal, self._rules(principal, now), request_id, dialect, address, at=now)

    def _rules(self, principal: Principal, now: datetime) -> Rules:
        if not set(self.admins).isdisjoint(principal.grantees):
            return (CONFIGURED,)
        with self._lock:
            known = self._known.get(principal)
            if known is not None and now < known[0]:
                return known[1]
        rules = tuple(grant.rule for grant in self.database.grants.reaching(principal.grantees))
        if not rules:  # whoever has just been let in shall not have to wait
            return ()
        with self._lock:
            expiry = now + timedelta(seconds=self.grants_ttl_seconds)
            self._known[principal] = (expiry, rules)
            while len(self._known) > _CACHED_PRINCIPALS:
                self._known.popitem(last=False)
        return rules
