"""Tokens whose signature or algorithm an attacker chose, against a real issuer on loopback."""

import hmac
import json
from collections.abc import Iterator

import pytest
from joserfc.jwk import ECKey, RSAKey

from core.adapters.oidc.tokens import OidcTokenVerifier
from core.errors import Unauthenticated
from tests.issuers import (
    HandClock,
    LoopbackIssuer,
    encoded,
    public,
    settings_of,
    signing_key,
)


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


@pytest.mark.parametrize("algorithm", ["none", "NoNe", "NONE", "", None, 7, ["RS256"]])
def test_an_unsigned_token_is_refused_before_any_key_is_fetched(
    issuer: LoopbackIssuer, verifier: OidcTokenVerifier, algorithm: object
) -> None:
    header = {"alg": algorithm, "kid": "first", "typ": "JWT"}
    token = f"{encoded(header)}.{encoded(issuer.claims())}."

    refusal(verifier, token)

    assert issuer.requests == []


def test_the_public_key_as_a_shared_secret_is_refused(
    issuer: LoopbackIssuer, verifier: OidcTokenVerifier
) -> None:
    key = signing_key()
    assert isinstance(key, RSAKey)
    secrets = [
        key.as_pem(private=False),
        json.dumps(public(key)).encode(),
        json.dumps(public(key), separators=(",", ":")).encode(),
    ]

    for secret in secrets:
        body = f"{encoded({'alg': 'HS256', 'kid': 'first'})}.{encoded(issuer.claims())}"
        signature = hmac.digest(secret, body.encode(), "sha256")
        assert "algorithm" in refusal(verifier, f"{body}.{encoded(signature)}")

    assert issuer.requests == []


@pytest.mark.parametrize("algorithm", ["RS256", "PS256", "ES256", "EdDSA"])
def test_a_stripped_or_altered_signature_is_refused(
    issuer: LoopbackIssuer, verifier: OidcTokenVerifier, algorithm: str
) -> None:
    kinds = ("RSA", "EC", "OKP")
    issuer.published = [public(signing_key(kind), kid=kind) for kind in kinds]
    kind = {"RS": "RSA", "PS": "RSA", "ES": "EC", "Ed": "OKP"}[algorithm[:2]]
    token = issuer.token(algorithm=algorithm, header={"kid": kind})
    body, _, signature = token.rpartition(".")

    assert verifier.verify(token).subject == "alice"
    for place in (0, len(signature) // 2, len(signature) - 1):
        other = "A" if signature[place] != "A" else "Q"
        refusal(verifier, f"{body}.{signature[:place]}{other}{signature[place + 1 :]}")
    for short in ("", signature[:-1], signature[:-4], signature + "AAAA"):
        refusal(verifier, f"{body}.{short}")


def test_a_signature_over_other_claims_is_refused(
    issuer: LoopbackIssuer, verifier: OidcTokenVerifier
) -> None:
    header, _, signature = issuer.token().split(".")
    forged = encoded(issuer.claims(sub="root"))

    assert "signature" in refusal(verifier, f"{header}.{forged}.{signature}")


def test_another_key_under_the_same_id_is_refused(
    issuer: LoopbackIssuer, verifier: OidcTokenVerifier
) -> None:
    stranger = RSAKey.generate_key(2048, {"kid": "first"})

    assert "signature" in refusal(verifier, issuer.token(key=stranger))


def test_an_algorithm_outside_the_list_is_refused_though_the_signature_holds(
    issuer: LoopbackIssuer, clock: HandClock
) -> None:
    narrow = OidcTokenVerifier((settings_of(issuer, algorithms=("RS256",)),), clock)
    wide = OidcTokenVerifier((settings_of(issuer, algorithms=("RS256", "RS512")),), clock)
    token = issuer.token(algorithm="RS512")

    assert "algorithm" in refusal(narrow, token)
    assert wide.verify(token).subject == "alice"


def test_a_key_that_is_published_for_one_algorithm_serves_no_other(
    issuer: LoopbackIssuer, verifier: OidcTokenVerifier
) -> None:
    issuer.published = [public(signing_key(), alg="PS256")]

    refusal(verifier, issuer.token(algorithm="RS256"))

    assert verifier.verify(issuer.token(algorithm="PS256")).subject == "alice"


def test_a_key_on_another_curve_is_refused(
    issuer: LoopbackIssuer, verifier: OidcTokenVerifier
) -> None:
    issuer.published = [
        public(ECKey.generate_key("P-384", {"kid": "EC"})),
        {"kty": "OKP", "crv": "X25519", "kid": "OKP", "x": encoded(b"\1" * 32)},
    ]

    for algorithm, kind in (("ES256", "EC"), ("EdDSA", "OKP")):
        refusal(verifier, issuer.token(algorithm=algorithm, header={"kid": kind}))


def test_one_issuers_key_does_not_vouch_for_another_issuers_people(clock: HandClock) -> None:
    people_key, ci_key = signing_key("RSA", "people-key"), signing_key("RSA", "ci-key")
    with LoopbackIssuer() as people, LoopbackIssuer() as ci:
        people.published, ci.published = [public(people_key)], [public(ci_key)]
        both = (settings_of(people, name="people"), settings_of(ci, name="ci", audience="ci-aud"))
        verifier = OidcTokenVerifier(both, clock)

        good = [
            verifier.verify(people.token(key=people_key)).name,
            verifier.verify(ci.token(key=ci_key, aud="ci-aud")).name,
        ]

        assert good == ["subject:people:alice", "subject:ci:alice"]
        refusal(verifier, people.token(key=ci_key))
        refusal(verifier, people.token(key=ci_key, header={"kid": "people-key"}))
        refusal(verifier, people.token(key=ci_key, header={"kid": None}))
        refusal(verifier, people.token(key=people_key, aud="ci-aud"))
        refusal(verifier, ci.token(key=ci_key, iss=[people.url, ci.url]))
