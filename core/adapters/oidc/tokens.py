"""The verifier of bearer tokens: signed JWTs of the OpenID Connect issuers in the settings."""

import re
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from threading import Lock
from typing import TYPE_CHECKING

from core.adapters.oidc.compact import MAX_TOKEN_CHARACTERS, read, refused
from core.adapters.oidc.discovery import check_url
from core.adapters.oidc.keys import IssuerKeys
from core.domain.access import Principal
from core.domain.publishers import Platform
from core.errors import Invalid
from core.ports import Clock
from core.settings import Issuer

if TYPE_CHECKING:
    from joserfc.jwk import Key

ALGORITHMS = frozenset(
    {"RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512"}
    | {"EdDSA", "Ed25519"}
)
"""What an issuer may be set to accept: signatures that only the issuer can make."""

MAX_VERIFIED_TOKENS = 4096
DEADLINE_SECONDS = 3.0

_ISSUER_NAME = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")
_OWN_NAME = "modelry"  # how the registry itself is named in events


@dataclass(frozen=True, slots=True)
class _Verified:
    """A token that was good, for as long as it is: until it expires (seconds since the epoch)
    or its issuer's keys are no longer those that vouched for it."""

    principal: Principal
    expires_at: float
    issuer_keys: IssuerKeys
    keys: "tuple[Key, ...]"

    def holds(self, now: float) -> bool:
        return now < self.expires_at and self.issuer_keys.current() is self.keys

    def is_at_hand(self, now: float) -> bool:
        return now < self.expires_at and self.issuer_keys.at_hand() is self.keys


class OidcTokenVerifier:
    """Accepts access tokens of several issuers at once, each with its own keys only.

    Keys and verified tokens are kept in the process; nothing is fetched or loaded before the
    first token. `deadline_seconds` is how long an issuer may take to hand out its keys.
    """

    def __init__(
        self,
        issuers: tuple[Issuer, ...],
        clock: Clock,
        *,
        deadline_seconds: float = DEADLINE_SECONDS,
    ) -> None:
        """Raise `Invalid` if an issuer is set up so that its tokens could not be told apart."""
        _check_issuers(issuers)
        self._clock = clock
        self._issuers = {
            issuer.url: (issuer, IssuerKeys(issuer, clock, deadline_seconds=deadline_seconds))
            for issuer in issuers
        }
        self._verified: OrderedDict[bytes, _Verified] = OrderedDict()
        self._lock = Lock()

    def verify(self, token: str) -> Principal:
        """See `TokenVerifier.verify`."""
        if len(token) > MAX_TOKEN_CHARACTERS:
            raise refused(f"it is longer than {MAX_TOKEN_CHARACTERS} characters")
        fingerprint = _fingerprint(token)
        now = self._clock.now().timestamp()
        verified = self._recall(fingerprint)
        if verified is None or not verified.holds(now):
            verified = self._check(token, now)
            self._remember(fingerprint, verified)
        return verified.principal

    def checks(self) -> Mapping[str, Callable[[], None]]:
        """See `TokenVerifier.checks`."""
        return {f"issuer {issuer.name}": keys.check for issuer, keys in self._issuers.values()}

    def knows(self, token: str) -> bool:
        """See `TokenVerifier.knows`."""
        if len(token) > MAX_TOKEN_CHARACTERS:
            return False
        verified = self._recall(_fingerprint(token))
        return verified is not None and verified.is_at_hand(self._clock.now().timestamp())

    def _check(self, token: str, now: float) -> _Verified:
        unverified = read(token)
        url = unverified.claims.get("iss")
        if not isinstance(url, str) or url not in self._issuers:
            raise refused("its issuer is not one that is trusted here")
        issuer, issuer_keys = self._issuers[url]
        if unverified.algorithm not in issuer.algorithms:
            raise refused("its signature algorithm is not accepted")

        from core.adapters.oidc.claims import LEEWAY_SECONDS, principal_of
        from core.adapters.oidc.signatures import is_signed

        key, keys = issuer_keys.find(unverified.key_id, unverified.algorithm)
        if key is None:
            raise refused("it is signed with a key that its issuer does not publish")
        if not is_signed(token, key, unverified.algorithm):
            raise refused("its signature is wrong")
        principal = principal_of(issuer, unverified.claims, now=int(now))
        expires_at = unverified.claims["exp"] + LEEWAY_SECONDS
        return _Verified(principal, expires_at, issuer_keys, keys)

    def _recall(self, fingerprint: bytes) -> _Verified | None:
        with self._lock:
            verified = self._verified.get(fingerprint)
            if verified is not None:
                self._verified.move_to_end(fingerprint)
            return verified

    def _remember(self, fingerprint: bytes, verified: _Verified) -> None:
        with self._lock:
            self._verified[fingerprint] = verified
            self._verified.move_to_end(fingerprint)
            if len(self._verified) > MAX_VERIFIED_TOKENS:
                self._verified.popitem(last=False)


def _fingerprint(token: str) -> bytes:
    return sha256(token.encode("utf-8", "surrogatepass")).digest()


def _check_issuers(issuers: tuple[Issuer, ...]) -> None:
    problems: list[tuple[str, str]] = []
    for issuer in issuers:
        if not _ISSUER_NAME.fullmatch(issuer.name) or issuer.name == _OWN_NAME:
            problems.append(
                (issuer.name, f"write a name of a-z, 0-9 and '-' other than {_OWN_NAME!r}")
            )
        if issuer.platform not in {None, *Platform}:
            problems.append((issuer.name, f"its platform is none of {', '.join(Platform)}"))
        try:
            check_url(issuer.url)
        except ValueError as error:
            problems.append((issuer.name, f"its url cannot be used: {error}"))
        if not issuer.audience:
            problems.append((issuer.name, "its audience is empty"))
        if unsafe := sorted(set(issuer.algorithms) - ALGORITHMS):
            problems.append((issuer.name, f"not an accepted algorithm: {', '.join(unsafe)}"))
    for field in ("name", "url"):
        if len({getattr(issuer, field) for issuer in issuers}) < len(issuers):
            problems.append((field, "two issuers have the same one"))
    if problems:
        raise Invalid(
            "The issuers in the settings cannot be used.",
            next_step="Correct MODELRY_ISSUERS.",
            problems=problems,
        )
