"""An OpenID Connect issuer on loopback that can misbehave in every way a real one might.

It counts what it is asked, and signs whatever it is told to sign.
"""

import json
from base64 import urlsafe_b64encode
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from typing import Any

from joserfc.jwk import ECKey, Key, KeyParameters, OKPKey, RSAKey
from joserfc.jws import JWSRegistry

from core.settings import Issuer

AUDIENCE = "modelry"
START = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)

_KEY_TYPES = {"RS": "RSA", "PS": "RSA", "ES": "EC", "Ed": "OKP"}


class HandClock:
    """A clock that moves only when told to."""

    def __init__(self, start: datetime = START) -> None:
        self._now = start

    def now(self) -> datetime:
        return self._now

    def advance(self, seconds: float) -> None:
        self._now += timedelta(seconds=seconds)


def signing_key(kind: str = "RSA", name: str = "first") -> Key:
    """A private key with the id `name`, made once per test run."""
    return _signing_key(kind, name)


@cache
def _signing_key(kind: str, name: str) -> Key:
    parameters: KeyParameters = {"kid": name}
    if kind == "RSA":
        return RSAKey.generate_key(2048, parameters)
    if kind == "EC":
        return ECKey.generate_key("P-256", parameters)
    return OKPKey.generate_key("Ed25519", parameters)


def encoded(value: object) -> str:
    """Base64url of bytes, of a text, or of the JSON of anything else."""
    if isinstance(value, str):
        value = value.encode()
    if not isinstance(value, bytes):
        value = json.dumps(value).encode()
    return urlsafe_b64encode(value).rstrip(b"=").decode()


def signed(header: object, claims: object, key: Key, algorithm: str) -> str:
    """A JWS over exactly this header and these claims, however odd they are."""
    signing_input = f"{encoded(header)}.{encoded(claims)}"
    signature = JWSRegistry.algorithms[algorithm].sign(signing_input.encode(), key)
    return f"{signing_input}.{encoded(signature)}"


class LoopbackIssuer:
    """A running issuer; use it as a context manager.

    `published` is its JWK set's keys; `claimed_url` what the discovery document says it is;
    `keys_answer` and `discovery_answer` replace the proper answer of that document.
    """

    def __init__(self) -> None:
        self.published: list[Mapping[str, Any]] = [public(signing_key())]
        self.requests: list[str] = []
        self.release = Event()
        self.keys_answer: Callable[[BaseHTTPRequestHandler], None] | None = None
        self.discovery_answer: Callable[[BaseHTTPRequestHandler], None] | None = None
        self._port = 0
        self.start()
        self.url = f"http://127.0.0.1:{self._port}"
        self.claimed_url = self.url

    def __enter__(self) -> "LoopbackIssuer":
        return self

    def __exit__(self, *_: object) -> None:
        self.release.set()
        self.stop()

    def start(self) -> None:
        """Listen, on the same port as before."""
        self._server = ThreadingHTTPServer(("127.0.0.1", self._port), _handler(self))
        self._server.daemon_threads = True
        self._port = self._server.server_port
        Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def stop(self) -> None:
        """Refuse connections from now on."""
        self._server.shutdown()
        self._server.server_close()

    @property
    def key_requests(self) -> int:
        """How often the key set was asked for."""
        return self.requests.count("/keys")

    def claims(self, **changes: object) -> dict[str, Any]:
        """Good claims of an access token at `START`; a change to None leaves the claim out."""
        now = int(START.timestamp())
        claims = {
            "iss": self.url,
            "aud": AUDIENCE,
            "sub": "alice",
            "iat": now,
            "exp": now + 300,
            "groups": ["ml-team"],
            **changes,
        }
        return {name: value for name, value in claims.items() if value is not None}

    def token(
        self,
        *,
        key: Key | None = None,
        algorithm: str = "RS256",
        header: Mapping[str, object] | None = None,
        **claims: Any,
    ) -> str:
        """A token signed with `key`; the header is that of a good token and `header` on top."""
        key = key or signing_key(_KEY_TYPES[algorithm[:2]])
        whole = {"alg": algorithm, "kid": key.kid, "typ": "at+jwt", **(header or {})}
        kept = {name: value for name, value in whole.items() if value is not None}
        return signed(kept, self.claims(**claims), key, algorithm)


def settings_of(issuer: LoopbackIssuer, **changes: object) -> Issuer:
    """How the registry is told to trust this issuer, under the name `dev`."""
    fields = {"name": "dev", "url": issuer.url, "audience": AUDIENCE, **changes}
    return Issuer(**fields)


def public(key: Key, **changes: object) -> dict[str, Any]:
    """The key as an issuer publishes it."""
    return {**key.as_dict(private=False), **changes}


def answer_with(
    body: bytes, *, status: int = 200, **headers: str
) -> Callable[[BaseHTTPRequestHandler], None]:
    """An answer for `keys_answer` or `discovery_answer`."""

    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(status)
        for name, value in headers.items():
            handler.send_header(name, value)
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)

    return answer


def _handler(issuer: LoopbackIssuer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            issuer.requests.append(self.path)
            with suppress(OSError):  # the other side hung up: some tests are about that
                self._answer()

        def _answer(self) -> None:
            if self.path == "/keys":
                keys = json.dumps({"keys": issuer.published}).encode()
                (issuer.keys_answer or answer_with(keys))(self)
            elif self.path == "/.well-known/openid-configuration":
                document = {"issuer": issuer.claimed_url, "jwks_uri": f"{issuer.url}/keys"}
                proper = answer_with(json.dumps(document).encode())
                (issuer.discovery_answer or proper)(self)
            else:
                answer_with(b"", status=404)(self)

        def log_message(self, *_: object) -> None:
            """Say nothing: pytest shows what matters."""

    return Handler
