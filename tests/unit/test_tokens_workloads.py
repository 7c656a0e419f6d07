"""The tokens of workloads: which of their claims are read, and how they cannot be confused."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from core.adapters.oidc.tokens import OidcTokenVerifier
from core.domain.publishers import Platform, anchor_of
from core.errors import Invalid, Unauthenticated
from tests.issuers import HandClock, LoopbackIssuer, settings_of

CLAIMS = {
    "groups": None,
    "repository": "acme/churn",
    "repository_id": "74",
    "repository_owner_id": "65",
    "ref": "refs/tags/v1",
}
POD = {"namespace": "training", "serviceaccount": {"name": "trainer", "uid": "u-1"}}


@contextmanager
def trusted(*platforms: str | None) -> Iterator[tuple[OidcTokenVerifier, list[LoopbackIssuer]]]:
    """A verifier that trusts one issuer for each platform."""
    issuers = [LoopbackIssuer() for _ in platforms]
    try:
        settings = tuple(
            settings_of(issuer, name=f"issuer-{at}", platform=platform)
            for at, (issuer, platform) in enumerate(zip(issuers, platforms, strict=True))
        )
        yield OidcTokenVerifier(settings, HandClock()), issuers
    finally:
        for issuer in issuers:
            issuer.stop()


def claims_of(platform: str, **claims: Any) -> dict[str, Any]:
    with trusted(platform) as (verifier, (issuer,)):
        principal = verifier.verify(issuer.token(header={"typ": "JWT"}, **claims))
    assert principal.platform == platform
    assert principal.groups == principal.grantees == ()
    return dict(principal.claims)


def test_a_workload_brings_its_claims_and_no_groups() -> None:
    found = claims_of("github", **{**CLAIMS, "groups": ["admins"]})

    assert found == {name: value for name, value in CLAIMS.items() if value} | {"sub": "alice"}


@pytest.mark.parametrize("value", [["74"], {"id": "74"}, None, 1.5, ["74", "75"], "7" * 600])
def test_a_claim_that_is_no_single_value_is_not_there(value: Any) -> None:
    assert "repository_id" not in claims_of("github", **{**CLAIMS, "repository_id": value})


def test_the_claims_of_a_pod_are_read_where_kubernetes_puts_them() -> None:
    found = claims_of("kubernetes", **{"groups": None, "kubernetes.io": POD})

    assert found == {
        "kubernetes.io/namespace": "training",
        "kubernetes.io/serviceaccount/name": "trainer",
        "kubernetes.io/serviceaccount/uid": "u-1",
    }


@pytest.mark.parametrize(
    "inside",
    [
        None,
        "training",
        ["training"],
        {"namespace": ["training"], "serviceaccount": {"name": "trainer"}},
        {"namespace": "training", "serviceaccount": "trainer"},
        {"namespace": "training", "serviceaccount": [{"name": "trainer"}]},
    ],
)
def test_claims_that_only_look_like_those_of_a_pod_are_not_read(inside: Any) -> None:
    flat = {
        "kubernetes.io/namespace": "training",
        "kubernetes.io/serviceaccount/name": "trainer",
        "kubernetes.io": inside,
    }
    found = claims_of("kubernetes", **{"groups": None, **flat})

    assert anchor_of("issuer-0", Platform.KUBERNETES, found) is None


def test_an_issuer_of_workloads_and_one_of_people_are_never_confused() -> None:
    with trusted("github", None) as (verifier, (workloads, people)):
        robot = verifier.verify(workloads.token(**CLAIMS))
        person = verifier.verify(people.token(**{**CLAIMS, "groups": ["team"]}))
        forged = people.token(iss=workloads.url, **CLAIMS)

        assert (robot.issuer, robot.platform) == ("issuer-0", "github")
        assert (person.issuer, person.platform, person.claims) == ("issuer-1", None, ())
        assert "group:issuer-1:team" in person.grantees
        # Both sign with the same key here: only the issuer's name tells them apart.
        assert verifier.verify(forged) == verifier.verify(workloads.token(**CLAIMS))


def test_the_keys_of_another_issuer_vouch_for_nothing() -> None:
    from tests.issuers import public, signing_key

    with trusted("github", "gitlab") as (verifier, (github, gitlab)):
        gitlab.published = [public(signing_key("RSA", "second"))]
        stolen = github.token(key=signing_key("RSA", "second"), **CLAIMS)
        with pytest.raises(Unauthenticated):
            verifier.verify(stolen)


def test_a_workloads_token_for_another_audience_or_from_a_strange_issuer_is_refused() -> None:
    with trusted("github") as (verifier, (issuer,)), LoopbackIssuer() as strange:
        for token in (
            issuer.token(aud="https://other.example", **CLAIMS),
            issuer.token(exp=1, **CLAIMS),
            issuer.token(nonce="n", **CLAIMS),
            strange.token(**CLAIMS),
        ):
            with pytest.raises(Unauthenticated):
                verifier.verify(token)
        assert strange.requests == [], "nobody asks an issuer that only a token names"


@pytest.mark.parametrize("platform", ["GitHub", "gitea", ""])
def test_an_unknown_platform_is_refused_when_the_registry_starts(platform: str) -> None:
    with LoopbackIssuer() as issuer, pytest.raises(Invalid) as caught:
        OidcTokenVerifier((settings_of(issuer, platform=platform),), HandClock())

    assert "platform" in str(caught.value.problems)
