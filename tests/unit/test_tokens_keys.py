"""How an issuer's keys are had, kept, and given up: rotation and outage."""

import subprocess
import sys
from collections.abc import Iterator
from threading import Barrier, Thread

import pytest

from core.adapters.oidc.tokens import MAX_VERIFIED_TOKENS, OidcTokenVerifier
from core.errors import Unauthenticated, Unavailable
from core.settings import Issuer
from tests.issuers import (
    AUDIENCE,
    START,
    HandClock,
    LoopbackIssuer,
    answer_with,
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


def test_nothing_is_fetched_before_the_first_token(
    issuer: LoopbackIssuer, verifier: OidcTokenVerifier
) -> None:
    assert issuer.requests == []

    verifier.verify(issuer.token())

    assert issuer.requests == ["/.well-known/openid-configuration", "/keys"]


def test_keys_are_fetched_once_an_hour(
    issuer: LoopbackIssuer, verifier: OidcTokenVerifier, clock: HandClock
) -> None:
    for subject in ("alice", "bob", "carol"):
        verifier.verify(issuer.token(sub=subject, exp=LATE))
    assert issuer.key_requests == 1

    clock.advance(3600)
    verifier.verify(issuer.token(sub="dan", exp=LATE))

    assert issuer.key_requests == 2


def test_a_token_is_known_as_long_as_nobody_has_to_be_asked_for_keys(
    issuer: LoopbackIssuer, verifier: OidcTokenVerifier, clock: HandClock
) -> None:
    token = issuer.token(exp=LATE)
    assert not verifier.knows(token)

    verifier.verify(token)

    assert verifier.knows(token)
    clock.advance(3600)
    assert not verifier.knows(token)
    assert issuer.key_requests == 1


def test_a_new_key_is_accepted_after_one_refetch(
    issuer: LoopbackIssuer, verifier: OidcTokenVerifier, clock: HandClock
) -> None:
    verifier.verify(issuer.token(exp=LATE))
    issuer.published = [public(OLD), public(NEW)]
    clock.advance(30)

    assert verifier.verify(issuer.token(key=NEW, exp=LATE)).subject == "alice"

    assert issuer.key_requests == 2


@pytest.mark.parametrize("shown_before", [True, False])
def test_a_withdrawn_key_is_refused_after_an_hour(
    issuer: LoopbackIssuer, verifier: OidcTokenVerifier, clock: HandClock, shown_before: bool
) -> None:
    token = issuer.token(exp=LATE)
    verifier.verify(token if shown_before else issuer.token(sub="bob"))
    issuer.published = [public(NEW)]

    clock.advance(3599)
    assert verifier.verify(token).subject == "alice"

    clock.advance(1)
    with pytest.raises(Unauthenticated, match="does not publish"):
        verifier.verify(token)


def test_a_key_seen_to_be_withdrawn_is_refused_at_once(
    issuer: LoopbackIssuer, verifier: OidcTokenVerifier, clock: HandClock
) -> None:
    token = issuer.token(exp=LATE)
    verifier.verify(token)
    issuer.published = [public(NEW)]
    clock.advance(30)
    verifier.verify(issuer.token(key=NEW, exp=LATE))

    with pytest.raises(Unauthenticated, match="does not publish"):
        verifier.verify(token)


def test_a_clock_that_is_set_back_does_not_keep_old_keys(
    issuer: LoopbackIssuer, verifier: OidcTokenVerifier, clock: HandClock
) -> None:
    clock.advance(86_400)
    token = issuer.token(exp=LATE)
    verifier.verify(token)
    issuer.published = [public(NEW)]

    clock.advance(-86_400)

    with pytest.raises(Unauthenticated, match="does not publish"):
        verifier.verify(token)


def test_500_made_up_key_ids_cause_one_request_in_30_seconds(
    issuer: LoopbackIssuer, verifier: OidcTokenVerifier, clock: HandClock
) -> None:
    counts = []
    for _ in range(2):
        for number in range(250):
            with pytest.raises(Unauthenticated):
                verifier.verify(issuer.token(header={"kid": f"made-up-{number}"}))
        counts.append(issuer.key_requests)
        clock.advance(30)

    assert counts == [1, 2]


def test_a_burst_of_threads_shares_one_request(
    issuer: LoopbackIssuer, verifier: OidcTokenVerifier
) -> None:
    start, subjects = Barrier(8), []

    def show(subject: str) -> None:
        start.wait()
        subjects.append(verifier.verify(issuer.token(sub=subject)).subject)

    threads = [Thread(target=show, args=(f"s{number}",)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(subjects) == [f"s{number}" for number in range(8)]
    assert issuer.key_requests == 1


def test_known_keys_serve_through_an_outage_of_a_day_and_no_longer(
    issuer: LoopbackIssuer, verifier: OidcTokenVerifier, clock: HandClock
) -> None:
    shown = issuer.token(exp=LATE)
    verifier.verify(shown)
    issuer.stop()

    clock.advance(86_399)
    assert verifier.verify(shown).subject == "alice"
    assert verifier.verify(issuer.token(sub="bob", exp=LATE)).subject == "bob"

    clock.advance(1)
    with pytest.raises(Unavailable):
        verifier.verify(shown)
    issuer.start()
    clock.advance(30)
    assert verifier.verify(shown).subject == "alice"


def test_an_issuer_that_is_down_is_unavailable_until_it_is_back(
    issuer: LoopbackIssuer, verifier: OidcTokenVerifier, clock: HandClock
) -> None:
    issuer.stop()
    with pytest.raises(Unavailable, match="'dev'"):
        verifier.verify(issuer.token())
    issuer.start()

    clock.advance(5)

    assert verifier.verify(issuer.token()).subject == "alice"


def test_an_issuer_that_is_down_is_not_asked_for_every_token(
    issuer: LoopbackIssuer, verifier: OidcTokenVerifier
) -> None:
    issuer.keys_answer = answer_with(b"", status=500)

    for number in range(20):
        with pytest.raises(Unavailable):
            verifier.verify(issuer.token(sub=f"s{number}"))

    assert issuer.key_requests == 1


def test_one_issuers_outage_leaves_the_other_alone(clock: HandClock) -> None:
    with LoopbackIssuer() as people, LoopbackIssuer() as ci:
        settings = tuple(
            Issuer(name=name, url=source.url, audience=AUDIENCE)
            for name, source in (("people", people), ("ci", ci))
        )
        verifier = OidcTokenVerifier(settings, clock)
        people.stop()

        with pytest.raises(Unavailable):
            verifier.verify(people.token())
        assert verifier.verify(ci.token()).name == "subject:ci:alice"
        people.start()


def test_two_keys_of_one_id_are_told_apart_by_their_type(
    issuer: LoopbackIssuer, verifier: OidcTokenVerifier
) -> None:
    issuer.published = [public(OLD), public(signing_key("EC", "first"))]

    for algorithm in ("RS256", "ES256"):
        assert verifier.verify(issuer.token(algorithm=algorithm)).subject == "alice"


def test_verified_tokens_are_remembered_up_to_a_bound(
    issuer: LoopbackIssuer, verifier: OidcTokenVerifier
) -> None:
    key = signing_key("EC", "first")
    issuer.published = [public(key)]
    for number in range(MAX_VERIFIED_TOKENS + 10):
        verifier.verify(issuer.token(algorithm="ES256", sub=f"s{number}"))

    assert len(verifier._verified) == MAX_VERIFIED_TOKENS


def test_neither_jose_nor_http_is_loaded_before_the_first_token() -> None:
    program = (
        "import sys, core.adapters.oidc.tokens;"
        "print([name for name in ('joserfc', 'cryptography', 'urllib.request', 'ssl')"
        " if name in sys.modules])"
    )

    loaded = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )

    assert loaded.stdout.strip() == "[]"
