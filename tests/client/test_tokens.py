"""Where the token comes from when nobody gives one."""

import json
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from modelry.credentials import Credentials, Login
from modelry.errors import NotSignedIn
from modelry.login import SignIn
from modelry.network import Network
from modelry.retries import RetryPolicy
from modelry.tokens import GITHUB_ISSUER, TokenFile, token_source
from tests.client.servers import answer, scripted


def sign_in(url: str = "http://127.0.0.1:9") -> SignIn:
    return SignIn(url=url, network=Network(), retries=RetryPolicy(attempts=1))


def chosen(environment: Mapping[str, str], given: str | None = None) -> str | None:
    return token_source(given, sign_in(), Credentials(), environment).token()


def test_what_is_given_comes_before_what_is_set_and_that_before_what_is_stored(
    tmp_path: Path,
) -> None:
    file = tmp_path / "token"
    file.write_text("from-file\n")
    Credentials().put("http://127.0.0.1:9", Login(access_token="stored"))
    environment = {
        "MODELRY_TOKEN": "set",
        "MODELRY_TOKEN_FILE": str(file),
        "MODELRY_ID_TOKEN": "gitlab",
    }

    found = [chosen(environment, "given")]
    for name in list(environment):
        found.append(chosen(environment))
        del environment[name]
    found.append(chosen(environment))

    assert found == ["given", "set", "from-file", "gitlab", "stored"]


def test_without_anything_no_token_is_sent() -> None:
    assert chosen({}) is None


def test_a_token_file_is_read_again_each_time(tmp_path: Path) -> None:
    file = tmp_path / "token"
    file.write_text("one")
    source = TokenFile(file)
    assert source.token() == "one"
    assert source.token(renew=True) is None

    file.write_text("two")

    assert source.token(renew=True) == "two"
    file.unlink()
    with pytest.raises(NotSignedIn, match="MODELRY_TOKEN_FILE"):
        source.token()


def test_a_github_job_asks_for_a_token_for_the_registrys_audience() -> None:
    metadata = {
        "modelry_issuers": [
            {"name": "dev", "url": "https://dev", "audience": "x"},
            {"name": "github", "url": GITHUB_ISSUER, "audience": "our registry"},
        ]
    }
    kind = "application/json"
    steps = [
        answer(200, json.dumps(metadata).encode(), Content_Type=kind),
        answer(200, b'{"value": "id-token"}', Content_Type=kind),
    ]
    with scripted(*steps) as server:
        environment = {
            "ACTIONS_ID_TOKEN_REQUEST_URL": f"{server.url}/oidc?api=2",
            "ACTIONS_ID_TOKEN_REQUEST_TOKEN": "job",
        }
        source = token_source(None, sign_in(server.url), Credentials(), environment)
        assert [source.token(), source.token()] == ["id-token", "id-token"]

    asked = server.asked[1]
    assert parse_qs(urlsplit(asked.path).query) == {"api": ["2"], "audience": ["our registry"]}
    assert asked.headers["Authorization"] == "Bearer job"
    assert len(server.asked) == 2


def test_a_registry_that_does_not_trust_github_says_so() -> None:
    untrusting = answer(200, b'{"modelry_issuers": []}', Content_Type="application/json")
    with scripted(untrusting) as server:
        environment = {"ACTIONS_ID_TOKEN_REQUEST_URL": f"{server.url}/oidc"}
        source = token_source(None, sign_in(server.url), Credentials(), environment)
        with pytest.raises(NotSignedIn, match="does not trust GitHub"):
            source.token()
