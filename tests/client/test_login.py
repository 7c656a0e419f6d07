"""Signing in against the development issuer."""

from dataclasses import replace

import pytest

from local.issuer.people import role_client_id, secrets_kept_in
from local.state import Home
from modelry import Modelry, NotSignedIn
from modelry.credentials import Credentials, Login
from modelry.discovery import endpoints_of
from modelry.errors import Invalid
from modelry.login import SignIn, StoredLogin
from tests.client.people import press
from tests.client.servers import answer, scripted
from tests.parts import LocalRegistry


def test_a_person_signs_in_by_confirming_a_code(
    sign_in: SignIn, local_registry: LocalRegistry
) -> None:
    login = sign_in.by_device(sign_in.issuer(), lambda prompt: press(prompt, user="carol"))

    assert login.expires_at is not None
    assert Modelry(local_registry.url, login.access_token).whoami().principal == "subject:dev:carol"


def test_a_person_who_denies_is_not_signed_in(sign_in: SignIn) -> None:
    with pytest.raises(NotSignedIn, match="gave no token"):
        sign_in.by_device(sign_in.issuer(), lambda prompt: press(prompt, deny="yes"))


def test_a_code_that_nobody_confirms_runs_out(sign_in: SignIn) -> None:
    times = iter(range(0, 10_000_000, 300))
    hurried = replace(sign_in, clock=lambda: float(next(times)))

    with pytest.raises(NotSignedIn, match="Nobody confirmed"):
        hurried.by_device(hurried.issuer(), lambda prompt: None)


def test_an_issuer_that_is_asked_too_often_is_asked_less_often(sign_in: SignIn) -> None:
    kind = "application/json"
    waits: list[float] = []
    slower = [
        answer(400, b'{"error": "slow_down"}', Content_Type=kind),
        answer(400, b'{"error": "authorization_pending"}', Content_Type=kind),
        answer(200, b'{"access_token": "t"}', Content_Type=kind),
    ]
    with scripted(answer(404)) as server:
        grant = b'{"device_code": "d", "user_code": "u", "verification_uri": "v", "interval": 2}'
        described = (
            f'{{"issuer": "{server.url}", "token_endpoint": "{server.url}/token",'
            f' "device_authorization_endpoint": "{server.url}/device"}}'
        )
        server.steps[:] = [
            answer(200, described.encode(), Content_Type=kind),
            answer(200, grant, Content_Type=kind),
            *slower,
        ]
        issuer = replace(sign_in.issuer(), url=server.url)
        slow = replace(sign_in, sleep=waits.append)
        login = slow.by_device(issuer, lambda prompt: None)

    assert login.access_token == "t"
    assert waits == [2, 7, 7]


def test_a_service_signs_in_with_its_secret(
    sign_in: SignIn, local_registry: LocalRegistry, monkeypatch: pytest.MonkeyPatch
) -> None:
    secret = secrets_kept_in(Home(local_registry.folder).issuer / "clients.json")["writer"]
    monkeypatch.setenv("MODELRY_CLIENT_ID", role_client_id("writer"))
    monkeypatch.setenv("MODELRY_CLIENT_SECRET", secret)

    assert Modelry(local_registry.url).whoami().groups == ["writers"]
    with pytest.raises(NotSignedIn):
        sign_in.by_secret(sign_in.issuer(), role_client_id("writer"), "wrong")


def test_a_login_that_ends_is_renewed_once_and_the_next_is_stored(sign_in: SignIn) -> None:
    credentials = Credentials()
    first = sign_in.by_device(sign_in.issuer(), lambda prompt: press(prompt, user="bob"))
    assert first.refresh_token is not None
    credentials.put(sign_in.url, replace(first, expires_at=0.0))
    source = StoredLogin(sign_in, credentials)

    token = source.token()
    stored = credentials.get(sign_in.url)

    assert stored is not None
    assert token == stored.access_token
    assert stored.refresh_token != first.refresh_token
    assert source.token() == token


def test_a_login_that_cannot_be_renewed_says_to_sign_in_again(sign_in: SignIn) -> None:
    credentials = Credentials()
    first = sign_in.by_device(sign_in.issuer(), lambda prompt: press(prompt, user="bob"))
    ended = replace(first, expires_at=0.0, refresh_token="spent")
    credentials.put(sign_in.url, ended)
    with pytest.raises(NotSignedIn, match="modelry login"):
        StoredLogin(sign_in, credentials).token()

    credentials.put(sign_in.url, Login(access_token="a", expires_at=0.0))
    with pytest.raises(NotSignedIn, match="modelry login"):
        StoredLogin(sign_in, credentials).token()


def test_an_issuer_that_speaks_for_another_is_refused(sign_in: SignIn) -> None:
    other = b'{"issuer": "https://other", "token_endpoint": "https://other/token"}'
    with (
        scripted(answer(200, other, Content_Type="application/json")) as server,
        pytest.raises(Invalid, match="describes itself"),
    ):
        endpoints_of(sign_in.network, server.url, sign_in.retries)


def test_an_issuer_that_is_not_there_is_named_with_those_that_are(sign_in: SignIn) -> None:
    with pytest.raises(NotSignedIn, match="trusts these issuers: dev"):
        sign_in.issuer("github")
