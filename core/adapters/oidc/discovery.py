"""Asks an issuer for its keys (OpenID Connect Discovery 1.0), trusting the network with nothing."""

import json
import time
from concurrent.futures import Future
from ipaddress import ip_address
from threading import Thread
from urllib.parse import urlsplit

MAX_DOCUMENT_BYTES = 1 << 20
_CHUNK_BYTES = 1 << 16


class KeysUnreadable(Exception):
    """An issuer's keys could not be had; the text says why."""


def check_url(url: object) -> str:
    """Return the URL if it is https, or http to this machine; raise `ValueError` if not."""
    if not isinstance(url, str):
        raise ValueError("it is no text")
    split = urlsplit(url)
    if split.scheme == "https" and split.hostname:
        return url
    if split.scheme == "http" and _is_loopback(split.hostname or ""):
        return url
    raise ValueError("it is neither https nor http to this machine")


def published_keys(issuer_url: str, *, deadline_seconds: float) -> list[object]:
    """The `keys` of the issuer's JWK set, unread. Raises `KeysUnreadable`.

    The deadline is for everything together. Socket timeouts bound single steps only: name
    resolution, or a byte every second, would outlast them; hence the thread.
    """
    answer: Future[list[object]] = Future()

    def ask() -> None:
        try:
            answer.set_result(_ask(issuer_url, time.monotonic() + deadline_seconds))
        except Exception as error:  # whatever it is, the waiting caller has to know
            answer.set_exception(error)

    Thread(target=ask, name="issuer-keys", daemon=True).start()
    try:
        return answer.result(timeout=deadline_seconds)
    except TimeoutError:
        raise KeysUnreadable(f"no answer within {deadline_seconds:g} seconds") from None


def _ask(issuer_url: str, deadline: float) -> list[object]:
    what = "the discovery document"
    document = _get(what, f"{issuer_url.rstrip('/')}/.well-known/openid-configuration", deadline)
    if document.get("issuer") != issuer_url:
        raise KeysUnreadable(f"{what} is another issuer's")
    try:
        keys_url = check_url(document.get("jwks_uri"))
    except ValueError as error:
        raise KeysUnreadable(f"jwks_uri cannot be used: {error}") from None
    keys = _get("the key set", keys_url, deadline).get("keys")
    if not isinstance(keys, list):
        raise KeysUnreadable("the key set holds no list of keys")
    return keys


def _get(what: str, url: str, deadline: float) -> dict[str, object]:
    from http.client import HTTPException

    try:
        value = json.loads(_read(what, url, deadline))
    except (OSError, HTTPException) as error:
        raise KeysUnreadable(f"{what} could not be fetched ({type(error).__name__})") from None
    except (ValueError, RecursionError):
        raise KeysUnreadable(f"{what} is no JSON, or its URL is none") from None
    if not isinstance(value, dict):
        raise KeysUnreadable(f"{what} is no JSON object")
    return value


def _read(what: str, url: str, deadline: float) -> bytes:
    # Imported here: it takes a while, which functions that check no token need not pay.
    from urllib.request import HTTPHandler, HTTPSHandler, OpenerDirector, ProxyHandler, Request

    opener = OpenerDirector()  # without a handler of redirects, so that none is followed
    opener.add_handler(HTTPHandler())
    opener.add_handler(HTTPSHandler())
    if url.startswith("https:"):
        opener.add_handler(ProxyHandler())
    request = Request(url, headers={"Accept": "application/json", "User-Agent": "modelry"})
    with opener.open(request, timeout=max(deadline - time.monotonic(), 0.001)) as response:
        if response.status != 200:
            raise KeysUnreadable(f"{what} was answered with status {response.status}")
        body = bytearray()
        while chunk := response.read1(_CHUNK_BYTES):
            body += chunk
            if len(body) > MAX_DOCUMENT_BYTES:
                raise KeysUnreadable(f"{what} is larger than {MAX_DOCUMENT_BYTES} bytes")
            if time.monotonic() > deadline:
                raise KeysUnreadable(f"{what} took too long")
        return bytes(body)


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False
