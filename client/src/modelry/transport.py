"""Requests to the registry: signed in, repeated where that is safe, with typed errors."""

import json
import platform
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Protocol
from urllib.parse import urlencode

import urllib3
from urllib3.exceptions import HTTPError, NewConnectionError

from modelry.errors import ModelryError, Unavailable, error_from_answer
from modelry.network import Network
from modelry.retries import RETRIED_STATUSES, RetryPolicy

API = "/api/v1"
CONNECTION_ATTEMPTS = 3
"""Tries while nobody listens at the address: a wrong one should be reported soon."""
_IDEMPOTENT = frozenset({"GET", "HEAD", "PUT", "DELETE"})


class TokenSource(Protocol):
    """Where bearer tokens come from."""

    def token(self, *, renew: bool = False) -> str | None:
        """The token to send now, None to send none; a new one if `renew`, which follows a 401."""
        ...


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer of the registry. `document` is its JSON, None where there is none."""

    status: int
    headers: Mapping[str, str]
    document: Any

    @property
    def etag(self) -> str | None:
        """The revision of what was answered, as `If-Match` wants it."""
        return self.headers.get("ETag")


class Transport:
    """One registry as one caller sees it."""

    def __init__(
        self,
        url: str,
        tokens: TokenSource,
        *,
        network: Network,
        retries: RetryPolicy,
        user_agent: str,
    ) -> None:
        self.url = url
        self.network = network
        self.retries = retries
        self._tokens = tokens
        self._user_agent = f"{user_agent} Python/{platform.python_version()} {platform.system()}"

    def request(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, object] | None = None,
        body: object = None,
        headers: Mapping[str, str] | None = None,
        idempotent: bool | None = None,
    ) -> Answer:
        """Ask the registry for `path` (below /api/v1 unless it starts with it or a dot folder).

        Broken connections and answers that ask for patience are retried if the request is
        idempotent (by its method, unless said otherwise); what certainly did nothing (no
        connection, 429, 503 with a problem) always is. Raises a `ModelryError` by status.
        """
        url = self._address(path, query)
        repeatable = method in _IDEMPOTENT if idempotent is None else idempotent
        attempt, renewed = 0, False
        while True:
            attempt += 1
            try:
                response = self._send(method, url, body, headers, renew=renewed)
            except HTTPError as error:
                unsent = _never_sent(error)
                hopeless = unsent and attempt >= CONNECTION_ATTEMPTS
                if (repeatable or unsent) and not hopeless and self.retries.wait(attempt):
                    continue
                raise self._unreachable(method, url, error) from error
            answer = _answer(response)
            if answer.status < 400:
                return answer
            if answer.status == 401 and not renewed:
                renewed = True
                if self._tokens.token(renew=True):
                    continue
            patient = answer.status in RETRIED_STATUSES and (repeatable or _did_nothing(answer))
            if not patient or not self.retries.wait(attempt, answer.headers):
                raise error_from_answer(f"{method} {url}", answer.status, answer.document)

    def get(self, path: str, **query: object) -> Answer:
        """GET `path` with the query parameters that are not None."""
        return self.request("GET", path, query=query)

    def pages(
        self, method: str, path: str, *, body: object = None, **query: object
    ) -> Iterator[Mapping[str, Any]]:
        """The answers to a list request, page by page, each asked for when it is needed."""
        token: object = None
        while True:
            page = self.request(
                method, path, query={**query, "page_token": token}, body=body, idempotent=True
            ).document
            yield page
            token = page.get("next_page_token")
            if not token:
                return

    def items(self, path: str, **query: object) -> Iterator[Mapping[str, Any]]:
        """The items of a list, over all its pages."""
        for page in self.pages("GET", path, **query):
            yield from page["items"]

    def _address(self, path: str, query: Mapping[str, object] | None) -> str:
        prefix = "" if path.startswith(("/.well-known/", "/health")) else API
        given = {name: value for name, value in (query or {}).items() if value is not None}
        return f"{self.url}{prefix}{path}" + (f"?{urlencode(given, doseq=True)}" if given else "")

    def _send(
        self,
        method: str,
        url: str,
        body: object,
        headers: Mapping[str, str] | None,
        *,
        renew: bool,
    ) -> urllib3.BaseHTTPResponse:
        sent = {
            "Accept": "application/json, application/problem+json",
            "Accept-Encoding": "gzip",
            "User-Agent": self._user_agent,
            **(headers or {}),
        }
        token = self._tokens.token()
        if token:
            sent["Authorization"] = f"Bearer {token}"
        content = None
        if body is not None:
            sent.setdefault("Content-Type", "application/json")
            content = json.dumps(body, allow_nan=False).encode()
        return self.network.request(method, url, headers=sent, body=content)

    def _unreachable(self, method: str, url: str, error: HTTPError) -> ModelryError:
        return Unavailable(
            f"{method} {url} failed: {reason_of(error)}.",
            next_step=f"Check that {self.url} is the registry, and that this machine reaches it.",
        )


def reason_of(error: HTTPError) -> str:
    """urllib3's error in few words, without addresses of objects."""
    text = str(error.args[-1] if error.args else error)
    if ">: " in text:
        text = text.rsplit(">: ", 1)[1]
    return text.rstrip(".)'\"") or type(error).__name__


def _answer(response: urllib3.BaseHTTPResponse) -> Answer:
    kind = response.headers.get("Content-Type", "").partition(";")[0].strip()
    document = None
    if kind == "application/json" or kind.endswith("+json"):
        try:
            document = json.loads(response.data)
        except ValueError:
            document = None
    return Answer(response.status, response.headers, document)


def _never_sent(error: HTTPError) -> bool:
    return isinstance(getattr(error, "reason", error), NewConnectionError)


def _did_nothing(answer: Answer) -> bool:
    return answer.status == 429 or (answer.status == 503 and isinstance(answer.document, Mapping))
