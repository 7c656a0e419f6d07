"""One issuer's keys, kept while the process lives: when to ask for them and when to make do."""

import logging
from datetime import datetime, timedelta
from threading import Lock
from typing import TYPE_CHECKING

from core.adapters.oidc.discovery import KeysUnreadable, published_keys
from core.errors import Unavailable
from core.ports import Clock
from core.settings import Issuer

if TYPE_CHECKING:
    from joserfc.jwk import Key

TTL = timedelta(hours=1)
"""After this a key that the issuer withdrew is no longer accepted."""

OUTAGE = timedelta(hours=24)
"""For so long the last known keys serve an issuer that does not answer."""

REFETCH_INTERVAL = timedelta(seconds=30)
"""Tokens with made-up key ids cannot make us ask more often than this."""

CHECK_INTERVAL = timedelta(minutes=1)
"""How often it is asked for the sake of its health alone."""

RETRY_INTERVAL = timedelta(seconds=5)
"""While there are no keys at all."""

_log = logging.getLogger(__name__)


class IssuerKeys:
    """The keys of one issuer. Safe to share between threads."""

    def __init__(self, issuer: Issuer, clock: Clock, *, deadline_seconds: float) -> None:
        self._issuer = issuer
        self._clock = clock
        self._deadline_seconds = deadline_seconds
        self._lock = Lock()
        self._published: list[object] | None = None
        self._keys: tuple[Key, ...] | None = None
        self._fetched_at = self._asked_at = datetime.min.replace(tzinfo=clock.now().tzinfo)
        self._failure = ""

    def at_hand(self) -> "tuple[Key, ...] | None":
        """The usable keys, if nobody has to be asked whether they still are those."""
        return self._keys if self._since(self._fetched_at) < TTL else None

    def current(self) -> "tuple[Key, ...]":
        """The usable keys; the very same tuple as long as the issuer publishes the same.

        Raises `Unavailable` if they cannot be had and none are kept.
        """
        if self._since(self._fetched_at) >= TTL:
            self._ask()
        keys = self._keys
        if keys is None or self._since(self._fetched_at) >= OUTAGE:
            raise Unavailable(
                f"The keys of the issuer {self._issuer.name!r} cannot be had: {self._failure}.",
                retry_after_seconds=int(RETRY_INTERVAL.total_seconds()),
            )
        return keys

    def check(self) -> None:
        """Return if the issuer answered when it was last asked, about a minute ago at most.

        Raises `Unavailable` if it did not, though its known keys may still serve.
        """
        if self._since(self._asked_at) >= CHECK_INTERVAL:
            self._ask()
        if self._fetched_at != self._asked_at:
            raise Unavailable(f"The issuer {self._issuer.name!r} gives no keys: {self._failure}.")

    def find(self, key_id: str | None, algorithm: str) -> "tuple[Key | None, tuple[Key, ...]]":
        """The key of that id for that algorithm, if there is one, and the keys it is among.

        An unknown id makes us ask the issuer again, in case it has new keys. Raises `Unavailable`.
        """
        from core.adapters.oidc.signatures import pick

        keys = self.current()
        key = pick(keys, key_id, algorithm)
        if key is None:
            self._ask()
            keys = self.current()
            key = pick(keys, key_id, algorithm)
        return key, keys

    def _since(self, moment: datetime) -> timedelta:
        # Absolute: a clock that was set back must not keep old keys alive.
        return abs(self._clock.now() - moment)

    def _ask(self) -> None:
        """Fetch the keys, unless that was tried just now. Whoever comes meanwhile waits for the
        answer and shares it."""
        from core.adapters.oidc.signatures import usable_keys

        with self._lock:
            interval = RETRY_INTERVAL if self._keys is None else REFETCH_INTERVAL
            if self._since(self._asked_at) < interval:
                return
            self._asked_at = self._clock.now()
            try:
                published = published_keys(
                    self._issuer.url, deadline_seconds=self._deadline_seconds
                )
            except KeysUnreadable as error:
                self._failure = str(error)
                _log.warning("keys of the issuer %s: %s", self._issuer.name, error)
                return
            if published != self._published:
                self._published, self._keys = published, usable_keys(published)
            self._fetched_at = self._asked_at
