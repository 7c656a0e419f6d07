"""Messages to receivers by HTTP: to checked addresses, without redirects or proxies."""

import http.client
import ssl
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from threading import Lock
from urllib.parse import SplitResult, urlsplit

from core.adapters.channels.connections import (
    PinnedConnection,
    Resolve,
    checked_addresses,
    resolve,
)
from core.domain.deliveries import Answer
from core.domain.messages import Message
from core.domain.webhooks import check_url
from core.errors import Invalid

READ_BYTES = 4_096
KEPT_SECONDS = 30
MAX_KEPT = 64
MAX_RETRY_AFTER_SECONDS = 24 * 3600


@dataclass(frozen=True, slots=True)
class Kept:
    """A connection that may be used again, to an address that was checked, until a moment."""

    connection: PinnedConnection
    until: float


class HttpChannel:
    """Posts messages to URLs. With `allows_private` also by http and inside the own network."""

    def __init__(
        self,
        *,
        timeout_seconds: float,
        allows_private: bool,
        resolve: Resolve = resolve,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._timeout = timeout_seconds
        self._allows_private = allows_private
        self._resolve = resolve
        self._monotonic = monotonic
        self._kept: OrderedDict[str, list[Kept]] = OrderedDict()
        self._lock = Lock()

    def check(self, url: str) -> None:
        """Raise `Invalid` for a URL that nothing will be sent to."""
        check_url(url)
        parts = urlsplit(url)
        self._check_scheme(parts)
        try:
            self._addresses(parts)
        except OSError as error:
            raise Invalid(
                f"The host {str(parts.hostname)[:80]!a} cannot be found.",
                next_step="Check its name; it must have an address when the webhook is made.",
                problems=[("target", "its host has no address")],
            ) from error

    def send(self, url: str, message: Message) -> Answer:
        """Post the message; whatever the receiver does, the answer comes in time."""
        parts = urlsplit(url)
        started = self._monotonic()
        try:
            self._check_scheme(parts)
            answer = self._post(parts, message, started + self._timeout)
        except Invalid as error:
            answer = Answer(accepted=False, detail=error.message)
        except TimeoutError:
            answer = Answer(accepted=False, detail=f"no answer within {self._timeout:g} seconds")
        except (OSError, http.client.HTTPException, ValueError) as error:
            answer = Answer(accepted=False, detail=_said(error))
        spent = round((self._monotonic() - started) * 1000)
        return replace(answer, duration_ms=spent)

    def _post(self, parts: SplitResult, message: Message, deadline: float) -> Answer:
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        headers = {
            **message.headers,
            "User-Agent": "modelry-relay/1",
            "Accept": "*/*",
        }
        kept = self._reused(parts)
        connection = kept or self._connection(parts)
        connection.deadline = deadline
        try:
            try:
                connection.request("POST", path, message.body, headers)
                response = connection.getresponse()
            except (ConnectionError, http.client.BadStatusLine):
                if kept is None:
                    raise
                connection.close()  # the receiver had closed it while it was kept
                connection = self._connection(parts)
                connection.deadline = deadline
                connection.request("POST", path, message.body, headers)
                response = connection.getresponse()
            text = response.read(READ_BYTES)
        except BaseException:
            connection.close()
            raise
        if response.will_close or not response.isclosed():
            response.close()
            connection.close()
        else:
            self._keep(parts, connection)
        return _answer(response, text)

    def _check_scheme(self, parts: SplitResult) -> None:
        if parts.scheme != "https" and not self._allows_private:
            raise Invalid(
                "A receiver is told by https only.",
                next_step="Give an address that begins with https://.",
                problems=[("target", "it is not of the scheme https")],
            )

    def _addresses(self, parts: SplitResult) -> list[str]:
        port = parts.port or (443 if parts.scheme == "https" else 80)
        return checked_addresses(
            str(parts.hostname), port, allows_private=self._allows_private, resolve=self._resolve
        )

    def _connection(self, parts: SplitResult) -> PinnedConnection:
        is_tls = parts.scheme == "https"
        port = parts.port or (443 if is_tls else 80)
        address = self._addresses(parts)[0]
        return PinnedConnection(str(parts.hostname), port, address, is_tls=is_tls)

    def _reused(self, parts: SplitResult) -> PinnedConnection | None:
        with self._lock:
            free = self._kept.get(_origin(parts), [])
            while free:
                kept = free.pop()
                if kept.until > self._monotonic():
                    return kept.connection
                kept.connection.close()
        return None

    def _keep(self, parts: SplitResult, connection: PinnedConnection) -> None:
        with self._lock:
            free = self._kept.setdefault(_origin(parts), [])
            self._kept.move_to_end(_origin(parts))
            free.append(Kept(connection, self._monotonic() + KEPT_SECONDS))
            while len(self._kept) > MAX_KEPT:
                for kept in self._kept.popitem(last=False)[1]:
                    kept.connection.close()


def _origin(parts: SplitResult) -> str:
    return f"{parts.scheme}://{parts.netloc}"


def _answer(response: http.client.HTTPResponse, text: bytes) -> Answer:
    status = response.status
    if 200 <= status < 300:
        return Answer(accepted=True, status=status)
    if 300 <= status < 400:
        return Answer(accepted=False, status=status, detail="redirects are not followed")
    return Answer(
        accepted=False,
        status=status,
        detail=_printable(text),
        gone=status == 410,
        retry_after=_retry_after(response.headers.get("Retry-After", "")),
    )


def _retry_after(text: str) -> timedelta | None:
    if not text.isascii() or not text.isdigit():
        return None
    return timedelta(seconds=min(int(text[:9]), MAX_RETRY_AFTER_SECONDS))


def _printable(text: bytes) -> str:
    decoded = text[:200].decode("utf-8", "replace")
    return "".join(each if each.isprintable() else " " for each in decoded).strip()


def _said(error: Exception) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"its certificate is not good: {error.verify_message}"
    return f"{type(error).__name__}: {error}"[:200]
