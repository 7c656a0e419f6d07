"""Access tokens over HTTP: as Bearer, as the password of Basic, and shown once."""

from base64 import b64encode
from typing import Any

import pytest

from core.domain.access import Role
from tests.api.client import Api, bearer, problem

WHOAMI = "/api/v1/whoami"


@pytest.fixture
def api() -> Api:
    return Api()


def made(api: Api, **body: Any) -> dict[str, Any]:
    token = api.world.token(("default", Role.OWNER), subject="ann")
    answer = api.post("/api/v1/tokens", json={"name": "laptop", **body}, headers=bearer(token))
    assert answer.status_code == 201, answer.text
    assert answer.headers["cache-control"] == "no-store"
    found: dict[str, Any] = answer.json()
    return found


def basic(pair: str) -> dict[str, str]:
    return {"Authorization": f"Basic {b64encode(pair.encode()).decode()}"}


def test_a_token_works_as_bearer_and_as_the_password_of_basic(api: Api) -> None:
    token = made(api)["token"]

    for headers in (bearer(token), basic(f"ann:{token}"), basic(f":{token}")):
        answer = api.get(WHOAMI, headers=headers)
        assert answer.json()["principal"] == "subject:dev:ann"
        assert answer.json()["token"]["role"] is None


@pytest.mark.parametrize("value", ["Basic", "Basic %%%", "Basic ", "Basic /w==", "Digest x"])
def test_what_is_no_basic_pair_is_no_sign_in(api: Api, value: str) -> None:
    problem(api.get(WHOAMI, headers={"Authorization": value}), 401, "unauthenticated")


def test_a_pair_without_a_colon_or_password_is_no_sign_in(api: Api) -> None:
    token = made(api)["token"]

    for pair in (token, f"{token}:", ":", f"ann:{token}:x"):
        problem(api.get(WHOAMI, headers=basic(pair)), 401, "unauthenticated")


def test_the_text_of_a_token_is_in_one_answer_alone(api: Api) -> None:
    token = made(api, scope="default", role="reader", days=1)
    headers = bearer(token["token"])

    for path in ("/api/v1/tokens", "/api/v1/whoami", "/api/v1/namespaces/default/events"):
        answer = api.get(path, headers=headers)
        assert answer.status_code == 200
        assert token["token"] not in answer.text
        assert token["token"][18:] not in answer.text


def test_a_token_that_was_revoked_is_refused_in_the_next_request(api: Api) -> None:
    token = made(api)
    headers = bearer(token["token"])

    assert api.delete(f"/api/v1/tokens/{token['id']}", headers=headers).status_code == 204

    refused = problem(api.get(WHOAMI, headers=headers), 401, "unauthenticated")
    assert token["token"] not in str(refused)
