"""Issuers that answer badly, or hand out keys that cannot vouch for anybody."""

import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler

import pytest
from joserfc.jwk import RSAKey

from core.adapters.oidc.tokens import OidcTokenVerifier
from core.errors import Unauthenticated, Unavailable
from core.settings import Issuer
from tests.issuers import (
    AUDIENCE,
    START,
    HandClock,
    LoopbackIssuer,
    answer_with,
    encoded,
    public,
    settings_of,
    signing_key,
)

LATE = int(START.timestamp()) + 7 * 86_400
OLD, NEW = signing_key("RSA", "first"), signing_key("RSA", "second")


@pytest.fixture
def issuer() -> Iterator[LoopbackIssuer]:
    with LoopbackIssuer() as running:
        yield running


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
def verifier(issuer: LoopbackIssuer, clock: HandClock) -> OidcTokenVerifier:
    return OidcTokenVerifier((settings_of(issuer),), clock)


def silent(issuer: LoopbackIssuer, handler: BaseHTTPRequestHandler) -> None:
    """Answer nothing until the test is over."""
    issuer.release.wait()


def dripping(issuer: LoopbackIssuer, handler: BaseHTTPRequestHandler) -> None:
    """Send a byte now and then, so that no single read ever times out."""
    handler.send_response(200)
    handler.end_headers()
    while not issuer.release.wait(0.02):
        handler.wfile.write(b" ")
        handler.wfile.flush()


def dripping_headers(issuer: LoopbackIssuer, handler: BaseHTTPRequestHandler) -> None:
    """Send a byte of a header now and then."""
    handler.wfile.write(b"HTTP/1.0 200 OK\r\nServer: ")
    while not issuer.release.wait(0.02):
        handler.wfile.write(b"x")
        handler.wfile.flush()


@pytest.mark.parametrize("behaviour", [silent, dripping, dripping_headers])
@pytest.mark.parametrize("document", ["keys_answer", "discovery_answer"])
def test_an_issuer_that_never_finishes_its_answer_is_unavailable(
    issuer: LoopbackIssuer, clock: HandClock, behaviour: object, document: str
) -> None:
    verifier = OidcTokenVerifier((settings_of(issuer),), clock, deadline_seconds=0.3)
    setattr(issuer, document, lambda handler: behaviour(issuer, handler))

    with pytest.raises(Unavailable):  # before the release at the end of the test
        verifier.verify(issuer.token())

    assert not issuer.release.is_set()


BAD_DOCUMENTS = {
    "html": answer_with(b"<html><h1>It works!</h1></html>"),
    "empty": answer_with(b""),
    "no object": answer_with(b"[]"),
    "nested": answer_with(b"[" * 100_000),
    "large": answer_with(json.dumps({"keys": [], "pad": "x" * (5 << 20)}).encode()),
    "server error": answer_with(b'{"keys": []}', status=500),
    "not found": answer_with(b'{"keys": []}', status=404),
    "no keys": answer_with(b'{"keys": {}}'),
}


@pytest.mark.parametrize("document", ["keys_answer", "discovery_answer"])
@pytest.mark.parametrize("what", BAD_DOCUMENTS)
def test_a_document_that_cannot_be_read_is_unavailable_and_leaves_known_keys(
    issuer: LoopbackIssuer, clock: HandClock, what: str, document: str
) -> None:
    warm, cold = (OidcTokenVerifier((settings_of(issuer),), clock) for _ in range(2))
    warm.verify(issuer.token(exp=LATE))
    setattr(issuer, document, BAD_DOCUMENTS[what])
    clock.advance(3600)

    assert warm.verify(issuer.token(sub="bob", exp=LATE)).subject == "bob"
    with pytest.raises(Unavailable):
        cold.verify(issuer.token(exp=LATE))


@pytest.mark.parametrize("document", ["keys_answer", "discovery_answer"])
@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_redirects_are_not_followed(
    issuer: LoopbackIssuer, verifier: OidcTokenVerifier, document: str, status: int
) -> None:
    with LoopbackIssuer() as elsewhere:
        target = {
            "keys_answer": f"{elsewhere.url}/keys",
            "discovery_answer": f"{elsewhere.url}/.well-known/openid-configuration",
        }[document]
        setattr(issuer, document, answer_with(b"", status=status, Location=target))

        with pytest.raises(Unavailable):
            verifier.verify(issuer.token())

        assert elsewhere.requests == []


@pytest.mark.parametrize(
    "keys_url",
    ["http://keys.example/keys", "file:///etc/passwd", "data:,{}", "//127.0.0.1/", "http://[", 7],
)
def test_keys_are_not_fetched_from_an_unsafe_place(
    issuer: LoopbackIssuer, verifier: OidcTokenVerifier, keys_url: object
) -> None:
    document = {"issuer": issuer.url, "jwks_uri": keys_url}
    issuer.discovery_answer = answer_with(json.dumps(document).encode())

    with pytest.raises(Unavailable, match="jwks_uri"):
        verifier.verify(issuer.token())


@pytest.mark.parametrize("claimed", ["https://evil.example", "", None])
def test_a_discovery_document_of_another_issuer_is_refused(
    issuer: LoopbackIssuer, verifier: OidcTokenVerifier, claimed: str | None
) -> None:
    issuer.claimed_url = claimed

    with pytest.raises(Unavailable, match="another issuer"):
        verifier.verify(issuer.token())

    assert issuer.key_requests == 0


def test_an_issuer_whose_url_ends_in_a_slash_is_met(
    issuer: LoopbackIssuer, clock: HandClock
) -> None:
    issuer.claimed_url = issuer.url + "/"
    settings = Issuer(name="dev", url=issuer.claimed_url, audience=AUDIENCE)

    principal = OidcTokenVerifier((settings,), clock).verify(issuer.token(iss=issuer.claimed_url))

    assert principal.subject == "alice"


@pytest.mark.parametrize(
    "bad",
    [
        {"kty": "oct", "k": encoded(b"secret" * 8), "kid": "first"},
        public(OLD, use="enc"),
        public(OLD, use=None),
        public(OLD, key_ops=["encrypt"]),
        public(OLD, kty="AKP"),
        public(OLD, n="AQAB"),
        public(OLD, n="!!!"),
        public(OLD, n=7),
        public(OLD, e="AA"),
        OLD.as_dict(private=True),
        {"kty": ["RSA"]},
        {},
        "RSA",
        None,
        [],
    ],
)
def test_a_key_that_cannot_vouch_for_tokens_is_ignored_and_the_others_serve(
    issuer: LoopbackIssuer, verifier: OidcTokenVerifier, bad: object
) -> None:
    issuer.published = [bad, public(NEW)]

    assert verifier.verify(issuer.token(key=NEW)).subject == "alice"
    with pytest.raises(Unauthenticated):
        verifier.verify(issuer.token(key=OLD))


@pytest.mark.filterwarnings("ignore:Key size")
def test_a_weak_key_is_ignored_though_its_signature_holds(
    issuer: LoopbackIssuer, verifier: OidcTokenVerifier
) -> None:
    weak = RSAKey.generate_key(1024, {"kid": "weak"})
    issuer.published = [public(weak)]

    with pytest.raises(Unauthenticated, match="does not publish"):
        verifier.verify(issuer.token(key=weak))
