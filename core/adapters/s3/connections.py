"""Requests to the object store on the standard library's client, with short, bounded waits.

The store's SDKs take longer to import than a whole cold start may last, and wait for minutes.
"""

import http.client
import ssl
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from urllib.parse import urlsplit

from core.errors import Invalid, Unavailable

CONNECT_SECONDS = 3.0
READ_SECONDS = 10.0
MAX_IDLE = 16
PAUSES_SECONDS = (0.1, 0.4)
BUSY = frozenset({429, 500, 502, 503, 504})
MAX_ANSWER_BYTES = 16 << 20


@dataclass(frozen=True, slots=True)
class Answer:
    """What the store said, read to its end. Names of `headers` are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


def base_url(variable: str, endpoint: str) -> str:
    """`scheme://host[:port]` of an endpoint, as clients write it in `Host`: lower case, without
    the scheme's own port. Raises `Invalid`, naming the setting, for anything more or less."""
    try:
        parts = urlsplit(endpoint)
        host, port = parts.hostname, parts.port
    except ValueError:
        host, port = None, None
    if host is None or parts.scheme not in {"http", "https"} or parts.username is not None:
        raise Invalid(
            f"{variable} is no http(s) URL of a host.",
            next_step="Write it like https://s3.example.org or http://127.0.0.1:9000.",
        )
    if parts.path.strip("/") or parts.query or parts.fragment:
        raise Invalid(
            f"{variable} has a path; buckets lie at the root of an S3 endpoint.",
            next_step="Name the bucket in MODELRY_S3_BUCKET, and end the URL after the host.",
        )
    host = f"[{host}]" if ":" in host else host
    usual = {"http": 80, "https": 443}[parts.scheme]
    return f"{parts.scheme}://{host}" + (f":{port}" if port not in {None, usual} else "")


class Connections:
    """Kept-open connections to one endpoint, for any number of threads.

    Every method raises `Unavailable` if no answer comes in time. A request on a connection that
    the store had closed meanwhile is sent again on a new one, and so is one that the store was
    too busy for, after a pause, twice at most.
    """

    def __init__(self, base: str, outgoing: Callable[[], Mapping[str, str]] | None = None) -> None:
        scheme, _, self._host = base.partition("://")
        self._tls = ssl.create_default_context() if scheme == "https" else None
        self._outgoing = outgoing
        self._idle: deque[http.client.HTTPConnection] = deque()

    def request(
        self,
        method: str,
        target: str,
        headers: Mapping[str, str],
        *,
        body: bytes | None = None,
        read_seconds: float = READ_SECONDS,
    ) -> Answer:
        """Send it and read the whole answer; `target` is path and query."""
        if self._outgoing is not None:
            headers = {**headers, **self._outgoing()}
        for pause_seconds in (*PAUSES_SECONDS, None):
            answer = self._once(method, target, headers, body, read_seconds)
            if answer.status not in BUSY or pause_seconds is None:
                break
            time.sleep(pause_seconds)
        if answer.status in BUSY:
            raise Unavailable(f"The object store does not answer: it says {answer.status}.")
        return answer

    def _once(
        self,
        method: str,
        target: str,
        headers: Mapping[str, str],
        body: bytes | None,
        read_seconds: float,
    ) -> Answer:
        while self._idle:
            try:
                connection = self._idle.pop()
            except IndexError:
                break
            try:
                return self._exchange(connection, method, target, headers, body, read_seconds)
            except TimeoutError as error:
                raise _no_answer(error) from error
            except (OSError, http.client.HTTPException):
                continue
        with _translated():
            connection = self._open(read_seconds)
            return self._exchange(connection, method, target, headers, body, read_seconds)

    def _open(self, read_seconds: float) -> http.client.HTTPConnection:
        connection = (
            http.client.HTTPConnection(self._host, timeout=CONNECT_SECONDS)
            if self._tls is None
            else http.client.HTTPSConnection(self._host, timeout=CONNECT_SECONDS, context=self._tls)
        )
        connection.connect()
        connection.sock.settimeout(read_seconds)
        return connection

    def _exchange(
        self,
        connection: http.client.HTTPConnection,
        method: str,
        target: str,
        headers: Mapping[str, str],
        body: bytes | None,
        read_seconds: float,
    ) -> Answer:
        reusable = False
        try:
            connection.sock.settimeout(read_seconds)
            connection.request(method, target, body=body, headers=dict(headers))
            response = connection.getresponse()
            content = response.read(MAX_ANSWER_BYTES)
            reusable = response.isclosed() and not response.will_close
        finally:
            if reusable and len(self._idle) < MAX_IDLE:
                self._idle.append(connection)
            else:
                connection.close()
        names = {name.lower(): value for name, value in response.getheaders()}
        return Answer(response.status, names, content)


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except (OSError, http.client.HTTPException) as error:
        raise _no_answer(error) from error


def _no_answer(error: Exception) -> Unavailable:
    return Unavailable(f"The object store does not answer: {type(error).__name__}.")
