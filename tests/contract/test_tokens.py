"""What every `TokenVerifier` does."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest

from core.adapters.memory.tokens import MemoryTokenVerifier
from core.adapters.oidc.tokens import OidcTokenVerifier
from core.domain.access import Principal
from core.errors import Unauthenticated
from core.ports import TokenVerifier
from core.settings import Issuer
from tests.issuers import AUDIENCE, START, HandClock, LoopbackIssuer


@dataclass
class House:
    """A verifier, the clock it goes by, and the way to get a token that lasts 300 seconds."""

    verifier: TokenVerifier
    clock: HandClock
    issue: Callable[[Principal], str]


@pytest.fixture(params=["memory", "oidc"])
def house(request: pytest.FixtureRequest) -> Iterator[House]:
    clock = HandClock()
    if request.param == "memory":
        memory = MemoryTokenVerifier(clock)
        yield House(memory, clock, lambda who: memory.issue(who, ttl_seconds=300))
        return
    with LoopbackIssuer() as people, LoopbackIssuer() as ci:
        sources = {"people": people, "ci": ci}
        settings = tuple(
            Issuer(name=name, url=issuer.url, audience=AUDIENCE) for name, issuer in sources.items()
        )

        def issue(who: Principal) -> str:
            expires_at = clock.now().timestamp() + 300
            return sources[who.issuer].token(
                sub=who.subject, groups=list(who.groups), exp=expires_at, iat=START.timestamp()
            )

        yield House(OidcTokenVerifier(settings, clock), clock, issue)


@pytest.mark.parametrize(
    "principal",
    [
        Principal("people", "alice"),
        Principal("people", "alice", ("ml-team", "*", "a:b", "Ünïcode group")),
        Principal("ci", "repo:acme/iris:ref:refs/heads/main"),
    ],
)
def test_a_good_token_names_its_principal(house: House, principal: Principal) -> None:
    token = house.issue(principal)

    assert house.verifier.verify(token) == principal


def test_a_token_is_good_as_often_as_it_is_shown(house: House) -> None:
    principal = Principal("people", "alice", ("ml-team",))
    token = house.issue(principal)

    assert [house.verifier.verify(token) for _ in range(3)] == [principal] * 3


def test_the_same_subject_of_two_issuers_is_two_principals(house: House) -> None:
    names = [
        house.verifier.verify(house.issue(Principal(issuer, "alice"))).name
        for issuer in ("people", "ci")
    ]

    assert names == ["subject:people:alice", "subject:ci:alice"]


def test_a_token_is_known_once_it_was_good_and_as_long_as_it_is(house: House) -> None:
    token = house.issue(Principal("people", "alice"))
    assert not house.verifier.knows("made up")

    house.verifier.verify(token)

    assert house.verifier.knows(token)
    house.clock.advance(360)
    assert not house.verifier.knows(token)


def test_a_token_expires_although_it_was_good_before(house: House) -> None:
    token = house.issue(Principal("people", "alice"))
    house.verifier.verify(token)

    house.clock.advance(300 + 61)

    with pytest.raises(Unauthenticated, match="expired"):
        house.verifier.verify(token)


@pytest.mark.parametrize(
    "token", ["", ".", "..", "a.b.c", "Bearer x", "\0", "\ud800", "x" * 20_000]
)
def test_what_nobody_issued_is_refused_with_advice(house: House, token: str) -> None:
    with pytest.raises(Unauthenticated) as refusal:
        house.verifier.verify(token)

    assert refusal.value.next_step


def test_a_changed_token_is_refused_without_repeating_it(house: House) -> None:
    token = house.issue(Principal("people", "alice"))
    changed = token[:-4] + ("AAAA" if not token.endswith("AAAA") else "BBBB")

    with pytest.raises(Unauthenticated) as refusal:
        house.verifier.verify(changed)

    assert changed not in refusal.value.message + refusal.value.next_step
