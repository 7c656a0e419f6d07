"""Idempotency keys over HTTP."""

from tests.api.client import Api, problem

MODELS = "/api/v1/namespaces/default/models"
KEY = {"Idempotency-Key": "2b1e9a4e-6c0d-4a53-9f0b-7f3a1d4c5b6a"}


def test_a_creation_sent_again_is_answered_as_before() -> None:
    api = Api()

    first = api.post(MODELS, json={"name": "lily"}, headers=KEY)
    again = api.post(MODELS, json={"name": "lily"}, headers=KEY)
    without = api.post(MODELS, json={"name": "lily"})

    assert (first.status_code, again.status_code) == (201, 201)
    assert again.json() == first.json()
    assert again.headers["location"] == first.headers["location"]
    problem(without, 409, "conflict")


def test_the_key_belongs_to_the_body_and_the_operation() -> None:
    api = Api()
    api.post(MODELS, json={"name": "lily"}, headers=KEY)

    body = api.post(MODELS, json={"name": "rose"}, headers=KEY)
    query = api.post(f"{MODELS}?reuse_deleted=true", json={"name": "lily"}, headers=KEY)

    for refused in (body, query):
        assert "another request" in problem(refused, 422, "invalid")["detail"]


def test_a_bad_key_is_refused() -> None:
    refused = Api().post(MODELS, json={"name": "lily"}, headers={"Idempotency-Key": "a b"})

    problem(refused, 422, "invalid")
