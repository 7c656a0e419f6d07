"""Well-signed tokens that are not for us, not for now, or say odd things of somebody."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from core.adapters.oidc.tokens import OidcTokenVerifier
from core.domain.access import Principal
from core.errors import Unauthenticated
from tests.issuers import (
    AUDIENCE,
    START,
    HandClock,
    LoopbackIssuer,
    settings_of,
    signed,
    signing_key,
)

NOW = int(START.timestamp())


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


def refusal(verifier: OidcTokenVerifier, token: str) -> str:
    with pytest.raises(Unauthenticated) as caught:
        verifier.verify(token)
    return caught.value.message


@pytest.mark.parametrize(
    "text", ["[" * 10_000, '{"a":' * 2_000, "[]", "1", "", "9" * 5_000, "\xff"]
)
def test_claims_that_are_no_json_object_are_refused(
    issuer: LoopbackIssuer, verifier: OidcTokenVerifier, text: str
) -> None:
    header = {"alg": "RS256", "kid": "first"}

    refusal(verifier, signed(header, text, signing_key(), "RS256"))


@pytest.mark.parametrize("leeway", [59, 60, 61])
def test_an_expired_token_is_good_until_the_leeway_is_over(
    issuer: LoopbackIssuer, verifier: OidcTokenVerifier, clock: HandClock, leeway: int
) -> None:
    token = issuer.token(exp=NOW + 300)
    clock.advance(300 + leeway)

    if leeway < 60:
        assert verifier.verify(token).subject == "alice"
    else:
        assert "expired" in refusal(verifier, token)


@pytest.mark.parametrize("claim", ["nbf", "iat"])
def test_a_token_from_the_future_is_good_within_the_leeway_only(
    issuer: LoopbackIssuer, verifier: OidcTokenVerifier, claim: str
) -> None:
    within: dict[str, Any] = {claim: NOW + 60}
    beyond: dict[str, Any] = {claim: NOW + 61}

    assert verifier.verify(issuer.token(**within)).subject == "alice"
    assert claim in refusal(verifier, issuer.token(**beyond))


@pytest.mark.parametrize("claim", ["exp", "nbf", "iat"])
@pytest.mark.parametrize(
    "value",
    ['"9999999999"', "true", "NaN", "Infinity", "-Infinity", "1e999", "[]", "{}", "null", '""'],
)
def test_a_time_that_is_no_number_is_refused(
    issuer: LoopbackIssuer, verifier: OidcTokenVerifier, claim: str, value: str
) -> None:
    text = json.dumps(issuer.claims(**{claim: 12345})).replace("12345", value)
    header = {"alg": "RS256", "kid": "first"}

    refusal(verifier, signed(header, text, signing_key(), "RS256"))


@pytest.mark.parametrize("value", [None, -1, 0, -1e300])
def test_a_token_without_a_future_expiry_is_refused(
    issuer: LoopbackIssuer, verifier: OidcTokenVerifier, value: float | None
) -> None:
    refusal(verifier, issuer.token(exp=value))


@pytest.mark.parametrize("value", [NOW + 0.5, 1e300, 10**4000])
def test_any_finite_expiry_in_the_future_is_accepted(
    issuer: LoopbackIssuer, verifier: OidcTokenVerifier, value: float
) -> None:
    token = issuer.token(exp=value)

    assert (
        verifier.verify(token) == verifier.verify(token) == Principal("dev", "alice", ("ml-team",))
    )


@pytest.mark.parametrize(
    "audience",
    [
        None,
        "other",
        "model",
        "modelry2",
        "Modelry",
        "modelry ",
        "",
        [],
        ["other"],
        ["modelry", 1],
        [["modelry"]],
        {"modelry": 1},
        True,
    ],
)
def test_a_token_for_another_audience_is_refused(
    issuer: LoopbackIssuer, verifier: OidcTokenVerifier, audience: object
) -> None:
    assert "aud" in refusal(verifier, issuer.token(aud=audience))


def test_a_token_for_several_audiences_is_accepted_if_ours_is_among_them(
    issuer: LoopbackIssuer, verifier: OidcTokenVerifier
) -> None:
    assert verifier.verify(issuer.token(aud=["other", AUDIENCE])).subject == "alice"


def test_a_token_for_another_client_is_refused_though_we_are_its_authorised_party(
    issuer: LoopbackIssuer, verifier: OidcTokenVerifier
) -> None:
    assert "audience" in refusal(verifier, issuer.token(aud="other", azp=AUDIENCE))


@pytest.mark.parametrize(
    "change",
    [
        lambda url: None,
        lambda url: url + "/",
        lambda url: url.replace("http:", "https:"),
        lambda url: url.upper(),
        lambda url: url.replace("127.0.0.1", "localhost"),
        lambda url: [url],
        lambda url: {"url": url},
        lambda url: "https://evil.example",
    ],
)
def test_another_issuer_is_refused_before_any_key_is_fetched(
    issuer: LoopbackIssuer, verifier: OidcTokenVerifier, change: Callable[[str], object]
) -> None:
    assert "issuer" in refusal(verifier, issuer.token(iss=change(issuer.url)))
    assert issuer.requests == []


@pytest.mark.parametrize(
    "subject", [None, "", 1, True, ["alice"], {"$ne": ""}, "a" * 256, "a\0b", "a\nb", "\ud800"]
)
def test_a_token_without_a_usable_subject_is_refused(
    issuer: LoopbackIssuer, verifier: OidcTokenVerifier, subject: object
) -> None:
    assert "sub" in refusal(verifier, issuer.token(sub=subject))


@pytest.mark.parametrize(
    "claims",
    [
        {"nonce": "n"},
        {"nonce": ""},
        {"at_hash": "h"},
        {"c_hash": "h"},
        {"typ": "ID"},
        {"typ": "Refresh"},
        {"token_use": "id"},
    ],
)
def test_an_id_token_is_no_access_token(
    issuer: LoopbackIssuer, verifier: OidcTokenVerifier, claims: dict[str, Any]
) -> None:
    assert "access token" in refusal(verifier, issuer.token(**claims))
