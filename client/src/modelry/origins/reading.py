"""Asking another registry: JSON over HTTP, again where that is safe."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from urllib3.exceptions import HTTPError

from modelry.errors import Forbidden, Invalid, NotFound, Unavailable
from modelry.network import BLOCK_BYTES, Network
from modelry.retries import RETRIED_STATUSES, RetryPolicy
from modelry.transport import reason_of

_REDIRECTS = frozenset({301, 302, 303, 307, 308})


@dataclass(frozen=True, slots=True)
class Reading:
    """One registry of another maker. Nothing here changes anything there."""

    url: str
    network: Network
    retries: RetryPolicy
    headers: Mapping[str, str]

    @property
    def place(self) -> str:
        """Its host, port and path."""
        parts = urlsplit(self.url)
        return f"{parts.netloc}{parts.path}"

    def get(self, path: str, /, **query: object) -> Any:
        """The JSON at a path. Raises `NotFound`, `Forbidden`, `Invalid`, `Unavailable`."""
        given = {name: value for name, value in query.items() if value is not None}
        asked = f"{path}?{urlencode(given, doseq=True)}" if given else path
        return self._json("GET", asked, None)

    def search(self, path: str, /, **body: object) -> Any:
        """The answer to a search that is asked for by POST."""
        return self._json("POST", path, json.dumps(body).encode())

    def blocks(self, path: str) -> Iterator[bytes]:
        """The bytes at a path; the token stays behind where the answer leads to another host."""
        url, headers = self.url + quote(path), dict(self.headers)
        try:
            answer = self.network.request("GET", url, headers=headers, preload=False)
            if answer.status in _REDIRECTS:
                answer.drain_conn()
                url = answer.headers["Location"]
                same = urlsplit(url).netloc in {"", urlsplit(self.url).netloc}
                answer = self.network.request(
                    "GET", url, headers=headers if same else {}, preload=False
                )
            if answer.status != 200:
                answer.drain_conn()
                raise _refused(path, answer.status, "")
            yield from answer.stream(BLOCK_BYTES, decode_content=False)
            answer.release_conn()
        except HTTPError as error:
            raise Unavailable(f"Reading {path} failed: {reason_of(error)}.") from error

    def _json(self, method: str, path: str, body: bytes | None) -> Any:
        headers = {**self.headers, "Content-Type": "application/json"}
        attempt = 0
        while True:
            attempt += 1
            try:
                answer = self.network.request(method, self.url + path, headers=headers, body=body)
            except HTTPError as error:
                if self.retries.wait(attempt):
                    continue
                raise Unavailable(
                    f"{self.url} does not answer: {reason_of(error)}.",
                    next_step="Check its address, then run the same command again: it goes on.",
                ) from error
            if answer.status in RETRIED_STATUSES and self.retries.wait(attempt, answer.headers):
                continue
            if answer.status != 200:
                raise _refused(path, answer.status, answer.data.decode("utf-8", "replace"))
            return _parsed(self.url + path, answer.data)


def _parsed(url: str, data: bytes) -> Any:
    try:
        return json.loads(data or b"{}")
    except ValueError:
        raise Invalid(
            f"{url.partition('?')[0]} was answered with something that is no JSON.",
            next_step="Check that the address is that of the registry's API.",
        ) from None


def _refused(path: str, status: int, text: str) -> Exception:
    what = path.partition("?")[0]
    try:
        text = str(json.loads(text)["message"])
    except (ValueError, KeyError, TypeError):
        text = ""
    said = f"{what} was answered with HTTP status {status}{': ' if text else ''}{text[:300]}."
    if status in {401, 403}:
        return Forbidden(said, next_step="Set the token of that registry, as its clients take it.")
    if status == 404:
        return NotFound(said, next_step="Check the address of the registry.")
    return Unavailable(said) if status >= 500 else Invalid(said, next_step="Check its version.")
