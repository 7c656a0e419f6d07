"""Which groups a token puts its subject in, and which issuers can be set up."""

from collections.abc import Iterator
from typing import Any

import pytest

from core.adapters.oidc.tokens import OidcTokenVerifier
from core.errors import Invalid, Unauthenticated
from tests.issuers import HandClock, LoopbackIssuer, settings_of


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
    "groups", [None, "admins", "admins,ml-team", {"admins": True}, 1, True, ["a", 1], [["admins"]]]
)
def test_groups_that_are_no_list_of_texts_are_none(
    issuer: LoopbackIssuer, verifier: OidcTokenVerifier, groups: object
) -> None:
    assert verifier.verify(issuer.token(groups=groups)).groups == ()


def test_group_names_are_taken_literally(
    issuer: LoopbackIssuer, verifier: OidcTokenVerifier
) -> None:
    groups = ["*", "ml-*", "ADMINS", "a,b", "subject:dev:root", "ml-team", "ml-team"]

    principal = verifier.verify(issuer.token(groups=groups))

    assert principal.groups == ("*", "ml-*", "ADMINS", "a,b", "subject:dev:root", "ml-team")
    assert "group:dev:subject:dev:root" in principal.grantees
    assert "subject:dev:root" not in principal.grantees


def test_groups_that_no_grant_can_name_are_left_out(
    issuer: LoopbackIssuer, verifier: OidcTokenVerifier
) -> None:
    token = issuer.token(groups=["", "a\0", "\ud800", "x" * 513, "ml-team"])

    assert verifier.verify(token).groups == ("ml-team",)


def test_more_than_200_groups_are_refused(
    issuer: LoopbackIssuer, verifier: OidcTokenVerifier
) -> None:
    names = [f"g{number}" for number in range(201)]

    assert len(verifier.verify(issuer.token(groups=names[:200])).groups) == 200
    assert "201 groups" in refusal(verifier, issuer.token(groups=names))


def test_groups_are_read_from_the_claim_in_the_settings(
    issuer: LoopbackIssuer, clock: HandClock
) -> None:
    verifier = OidcTokenVerifier((settings_of(issuer, groups_claim="https://acme/teams"),), clock)

    claims: dict[str, Any] = {"https://acme/teams": ["ml"], "groups": ["admins"]}

    principal = verifier.verify(issuer.token(**claims))

    assert principal.groups == ("ml",)


@pytest.mark.parametrize(
    "changes",
    [
        {"algorithms": ("RS256", "none")},
        {"algorithms": ("HS256",)},
        {"name": "a:b"},
        {"name": ""},
        {"name": "modelry"},
        {"url": "http://issuer.example"},
        {"url": "file:///etc/passwd"},
        {"url": "https://"},
        {"audience": ""},
    ],
)
def test_settings_that_would_accept_too_much_are_refused_at_start(
    issuer: LoopbackIssuer, clock: HandClock, changes: dict[str, object]
) -> None:
    with pytest.raises(Invalid) as refused:
        OidcTokenVerifier((settings_of(issuer, **changes),), clock)

    assert refused.value.problems


@pytest.mark.parametrize("difference", [{"name": "other"}, {"url": "https://issuer.example"}, {}])
def test_two_issuers_cannot_share_a_name_or_a_url(
    issuer: LoopbackIssuer, clock: HandClock, difference: dict[str, object]
) -> None:
    both = (settings_of(issuer), settings_of(issuer, **difference))

    with pytest.raises(Invalid):
        OidcTokenVerifier(both, clock)
