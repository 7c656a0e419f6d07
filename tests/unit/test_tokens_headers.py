"""Tokens of an odd shape, or with a header that an attacker wrote."""

from collections.abc import Callable, Iterator

import pytest
from joserfc.jwk import ECKey

from core.adapters.oidc.tokens import OidcTokenVerifier
from core.errors import Unauthenticated
from tests.issuers import (
    START,
    HandClock,
    LoopbackIssuer,
    encoded,
    public,
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


@pytest.mark.parametrize("field", ["jku", "x5u", "jwk", "x5c"])
def test_a_token_that_brings_its_own_key_causes_no_request(
    issuer: LoopbackIssuer, verifier: OidcTokenVerifier, field: str
) -> None:
    with LoopbackIssuer() as attacker:
        stranger = ECKey.generate_key("P-256", {"kid": "evil"})
        attacker.published = [public(stranger)]
        value = {"jwk": public(stranger), "x5c": ["MIIB"]}.get(field, f"{attacker.url}/keys")
        token = issuer.token(key=stranger, algorithm="ES256", header={field: value})

        assert field in refusal(verifier, token)

        assert issuer.requests == attacker.requests == []


@pytest.mark.parametrize(
    "key_id",
    [
        "../../../../dev/null",
        "' OR 1=1 --",
        {"$ne": ""},
        "k" * 129,
        "\ud800",
        "",
        ["first"],
        1,
        True,
    ],
)
def test_an_odd_key_id_is_refused(
    issuer: LoopbackIssuer, verifier: OidcTokenVerifier, key_id: object
) -> None:
    refusal(verifier, issuer.token(header={"kid": key_id}))


def test_a_long_key_id_is_refused_although_it_is_published(
    issuer: LoopbackIssuer, verifier: OidcTokenVerifier
) -> None:
    ids = ["k" * 128, "k" * 129]
    issuer.published = [public(signing_key(), kid=key_id) for key_id in ids]

    assert verifier.verify(issuer.token(header={"kid": ids[0]})).subject == "alice"
    refusal(verifier, issuer.token(header={"kid": ids[1]}))


def test_a_null_key_id_is_refused(issuer: LoopbackIssuer, verifier: OidcTokenVerifier) -> None:
    header = {"alg": "RS256", "kid": None}

    refusal(verifier, signed(header, issuer.claims(), signing_key(), "RS256"))


def test_without_a_key_id_the_only_fitting_key_is_taken(
    issuer: LoopbackIssuer, verifier: OidcTokenVerifier, clock: HandClock
) -> None:
    token = issuer.token(header={"kid": None})
    assert verifier.verify(token).subject == "alice"

    issuer.published = [*issuer.published, public(signing_key("RSA", "second"))]
    clock.advance(3600)

    refusal(verifier, issuer.token(header={"kid": None}, exp=NOW + 7200))


@pytest.mark.parametrize(
    "header",
    [{"crit": ["exp2"], "exp2": 1}, {"crit": []}, {"b64": False, "crit": ["b64"]}, {"b64": False}],
)
def test_critical_extensions_are_refused(
    issuer: LoopbackIssuer, verifier: OidcTokenVerifier, header: dict[str, object]
) -> None:
    refusal(verifier, issuer.token(header=header))


@pytest.mark.parametrize(
    "header",
    [
        '{"alg":"RS256","alg":"none","kid":"first"}',
        '{"alg":"none","alg":"RS256","kid":"first"}',
        '{"alg":"RS256","kid":"first","kid":"first"}',
    ],
)
def test_a_header_that_says_something_twice_is_refused(
    issuer: LoopbackIssuer, verifier: OidcTokenVerifier, header: str
) -> None:
    refusal(verifier, signed(header, issuer.claims(), signing_key(), "RS256"))


@pytest.mark.parametrize(
    "header", ["[]", "1", "null", "{", "", '{"alg":"RS256","x":NaN}', "\xff", "[" * 250]
)
def test_a_header_that_is_no_json_object_is_refused(
    issuer: LoopbackIssuer, verifier: OidcTokenVerifier, header: str
) -> None:
    refusal(verifier, signed(header, issuer.claims(), signing_key(), "RS256"))


@pytest.mark.parametrize("kind", [None, "JWT", "jwt", "at+jwt", "application/at+jwt", "AT+JWT"])
def test_the_types_of_access_tokens_are_accepted(
    issuer: LoopbackIssuer, verifier: OidcTokenVerifier, kind: str | None
) -> None:
    assert verifier.verify(issuer.token(header={"typ": kind})).subject == "alice"


@pytest.mark.parametrize("kind", ["id+jwt", "logout+jwt", "dpop+jwt", "", 1, ["JWT"]])
def test_other_types_are_refused(
    issuer: LoopbackIssuer, verifier: OidcTokenVerifier, kind: object
) -> None:
    assert "type" in refusal(verifier, issuer.token(header={"typ": kind}))


def test_an_unknown_harmless_header_is_ignored(
    issuer: LoopbackIssuer, verifier: OidcTokenVerifier
) -> None:
    token = issuer.token(header={"x5t": "abc", "vendor": {"a": 1}})

    assert verifier.verify(token).subject == "alice"


@pytest.mark.parametrize(
    "make",
    [
        lambda token: "",
        lambda token: token * 1000,
        lambda token: "x" * (1 << 20),
        lambda token: "." * (1 << 20),
        lambda token: token + ".a.b",
        lambda token: token.replace(".", "!"),
        lambda token: "!" + token[1:],
        lambda token: token + "=",
        lambda token: " " + token,
        lambda token: token + "\n",
        lambda token: f"{encoded({'alg': 'RS256', 'pad': 'x' * 400})}.{token.split('.', 1)[1]}",
        lambda token: f"{encoded({'alg': 'RSA-OAEP', 'enc': 'A256GCM'})}.a.b.c.d",
    ],
)
def test_what_is_no_compact_jws_is_refused_before_any_key_is_fetched(
    issuer: LoopbackIssuer, verifier: OidcTokenVerifier, make: Callable[[str], str]
) -> None:
    refusal(verifier, make(issuer.token()))

    assert issuer.requests == []
