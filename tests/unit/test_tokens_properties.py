"""Whatever a token holds, it is accepted or refused: nothing else happens."""

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.adapters.oidc.tokens import OidcTokenVerifier
from core.domain.access import Principal
from core.errors import Unauthenticated
from tests.issuers import (
    AUDIENCE,
    START,
    HandClock,
    LoopbackIssuer,
    public,
    settings_of,
    signed,
    signing_key,
)

KEY = signing_key("EC", "first")
NOW = int(START.timestamp())

anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)
known_claims = st.sampled_from(
    ["iss", "aud", "sub", "exp", "nbf", "iat", "jti", "groups", "nonce", "at_hash", "typ", "azp"]
)
known_headers = st.sampled_from(["alg", "kid", "typ", "cty", "crit", "b64", "jwk", "zip", "enc"])


@pytest.fixture(scope="module")
def issuer() -> Iterator[LoopbackIssuer]:
    with LoopbackIssuer() as running:
        running.published = [public(KEY)]
        yield running


@pytest.fixture(scope="module")
def verifier(issuer: LoopbackIssuer) -> OidcTokenVerifier:
    return verifier_of(issuer, HandClock())


def verifier_of(issuer: LoopbackIssuer, clock: HandClock) -> OidcTokenVerifier:
    return OidcTokenVerifier((settings_of(issuer),), clock)


def outcome(verifier: OidcTokenVerifier, token: str) -> Principal | None:
    """The principal, or None if the token is refused. Any other exception fails the test."""
    try:
        return verifier.verify(token)
    except Unauthenticated:
        return None


@given(text=st.text() | st.from_regex(r"[\w-]{0,80}\.[\w-]{0,80}\.[\w-]{0,80}"))
def test_no_text_is_a_token(verifier: OidcTokenVerifier, text: str) -> None:
    assert outcome(verifier, text) is None


@given(place=st.floats(0, 1, exclude_max=True), replacement=st.text(max_size=3))
def test_a_token_with_any_change_is_refused(
    issuer: LoopbackIssuer, verifier: OidcTokenVerifier, place: float, replacement: str
) -> None:
    token = issuer.token(key=KEY, algorithm="ES256")
    index = int(place * len(token))

    changed = token[:index] + replacement + token[index + 1 :]

    assert changed == token or outcome(verifier, changed) is None


@given(changes=st.dictionaries(known_claims | st.text(), anything, max_size=4))
def test_any_claims_with_a_good_signature_are_accepted_or_refused(
    issuer: LoopbackIssuer, verifier: OidcTokenVerifier, changes: dict[str, Any]
) -> None:
    claims = {**issuer.claims(), **changes}
    token = signed({"alg": "ES256", "kid": "first"}, claims, KEY, "ES256")

    principal = outcome(verifier, token)

    if principal is not None:
        assert (claims["iss"], principal.issuer) == (issuer.url, "dev")
        assert claims["aud"] == AUDIENCE or AUDIENCE in claims["aud"]
        assert principal.subject == claims["sub"]
        assert claims["exp"] > NOW - 60
        assert all(claims.get(name, 0) <= NOW + 60 for name in ("nbf", "iat"))
        assert not {"nonce", "at_hash"} & set(claims)
        assert not principal.groups or set(principal.groups) <= set(claims["groups"])


@given(changes=st.dictionaries(known_headers | st.text(), anything, max_size=3))
def test_any_header_with_a_good_signature_is_accepted_or_refused(
    issuer: LoopbackIssuer, verifier: OidcTokenVerifier, changes: dict[str, Any]
) -> None:
    header = {"alg": "ES256", "kid": "first", **changes}

    principal = outcome(verifier, signed(header, issuer.claims(), KEY, "ES256"))

    if principal is not None:
        assert (header["alg"], header["kid"]) == ("ES256", "first")
        assert not {"crit", "b64", "jwk"} & set(header)


@settings(max_examples=50)
@given(
    lifetime=st.integers(-200, 200),
    moments=st.lists(st.floats(0, 200), min_size=1, max_size=5).map(sorted),
)
def test_a_remembered_token_fares_as_a_new_one(
    issuer: LoopbackIssuer, lifetime: int, moments: list[float]
) -> None:
    clock = HandClock()
    warm = verifier_of(issuer, clock)
    token = issuer.token(key=KEY, algorithm="ES256", exp=NOW + lifetime)
    passed = 0.0

    for moment in moments:
        clock.advance(moment - passed)
        passed = moment

        assert outcome(warm, token) == outcome(verifier_of(issuer, clock), token)
