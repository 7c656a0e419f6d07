"""Creations sent again under their key: one thing is created, and every try is answered with it."""

import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from core.domain.access import Role, system_caller
from tests.api.client import MODEL, Api, bearer, declared, problem
from tests.builders import principal

NAMESPACES = "/api/v1/namespaces"
MODELS = f"{NAMESPACES}/default/models"
VERSIONS = f"{MODEL}/versions"
CREATIONS: list[tuple[str, dict[str, Any]]] = [
    (NAMESPACES, {"name": "team", "metadata": {"a.b": 1, "$c": None}}),
    (MODELS, {"name": "lilies", "tags": {"a": "b"}}),
    (VERSIONS, {"parameters": {"depth": 3}}),
    (VERSIONS, {"files": [declared("a", b"a")], "metadata": {"a.b": {"$c": [1.5, 2**62]}}}),
]
KEY = {"Idempotency-Key": "1b4e28ba-2fa1-11d2-883f-0016d3cca427"}


@pytest.fixture
def api() -> Api:
    made = Api()
    made.post(MODELS, json={"name": "iris"})
    return made


def events(api: Api) -> list[str]:
    found = [
        api.get(f"{NAMESPACES}/{name}/events").json()["items"]
        for name in ("default", "team")
        if api.get(f"{NAMESPACES}/{name}").status_code == 200
    ]
    return [event["id"] for page in found for event in page]


@pytest.mark.parametrize(("path", "body"), CREATIONS)
def test_a_repeat_is_answered_with_what_was_created(
    api: Api, path: str, body: dict[str, Any]
) -> None:
    first = api.post(path, json=body, headers=KEY)
    told = events(api)
    moved = api.patch(first.headers["location"], json={"owner": "x"}, headers={"If-Match": "*"})

    again = api.post(path, json=body, headers=KEY)

    assert (first.status_code, moved.status_code, again.status_code) == (201, 200, 201)
    assert again.content == first.content
    assert "idempotency-replayed" not in first.headers
    assert again.headers["idempotency-replayed"] == "true"
    for name in ("location", "etag", "modelry-registration"):
        assert again.headers.get(name) == first.headers.get(name)
    assert len(events(api)) == len(told) + 1  # the change in between


def test_the_order_of_keys_and_blanks_make_no_other_body(api: Api) -> None:
    headers = {**KEY, "Content-Type": "application/json"}
    api.post(MODELS, content=b'{"name":"x","owner":"y"}', headers=headers)

    again = api.post(MODELS, content=b' { "owner": "y", "name": "x" }', headers=headers)

    assert (again.status_code, again.headers["idempotency-replayed"]) == (201, "true")


@pytest.mark.parametrize(
    ("path", "body"),
    [
        (MODELS, {"name": "roses"}),
        (MODELS, {"name": "lilies", "metadata": {"a": 1.0}}),
        (NAMESPACES, {"name": "lilies", "metadata": {"a": 1}}),
        (f"{NAMESPACES}/other/models", {"name": "lilies", "metadata": {"a": 1}}),
        (f"{MODELS}?a=b", {"name": "lilies", "metadata": {"a": 1}}),
    ],
)
def test_a_key_is_good_for_one_request_only(api: Api, path: str, body: dict[str, Any]) -> None:
    api.post(NAMESPACES, json={"name": "other"})
    api.post(MODELS, json={"name": "lilies", "metadata": {"a": 1}}, headers=KEY)

    refused = problem(api.post(path, json=body, headers=KEY), 422, "invalid")

    assert "idempotency key" in refused["detail"]
    assert "new key" in refused["next_step"]


def test_every_principal_has_keys_of_its_own(api: Api) -> None:
    other = bearer(api.world.token(("default", Role.WRITER), subject="bob"))
    first = api.post(VERSIONS, json={"tags": {"a": "b"}}, headers=KEY)

    second = api.post(VERSIONS, json={"tags": {"a": "b"}}, headers={**KEY, **other})

    assert (first.json()["number"], second.json()["number"]) == (1, 2)
    assert second.json()["created_by"] == "subject:dev:bob"


def test_a_repeat_needs_the_role_that_the_first_try_needed(api: Api) -> None:
    token = api.world.token(("default", Role.WRITER), subject="bob")
    api.post(MODELS, json={"name": "x"}, headers={**KEY, **bearer(token)})
    api.delete(f"{NAMESPACES}/default/grants", params={"grantee": "subject:dev:bob"})

    problem(
        api.post(MODELS, json={"name": "x"}, headers={**KEY, **bearer(token)}), 404, "not-found"
    )


def test_a_refused_request_claims_nothing(api: Api) -> None:
    for body in ({"name": "IRIS"}, {"name": "a/b"}, {}, {"name": "x", "metadata": {"": 1}}):
        assert api.post(MODELS, json=body, headers=KEY).status_code in {409, 422}
    api.world.database.down = True
    assert api.post(MODELS, json={"name": "x"}, headers=KEY).status_code == 503
    api.world.database.down = False

    created = api.post(MODELS, json={"name": "y"}, headers=KEY)

    assert created.status_code == 201
    assert "idempotency-replayed" not in created.headers


def test_a_name_used_again_after_a_deletion_is_safe_to_repeat_too(api: Api) -> None:
    token = api.world.tokens.issue(principal("root"), ttl_seconds=10**9)
    api.headers.update(bearer(token))
    api.delete(MODEL, params={"reason": "test"})
    api.world.clock.advance(seconds=10**8)
    api.world.registry.purges.purge(system_caller("sweep"))
    again = f"{MODELS}?reuse_deleted=true"

    answers = [api.post(again, json={"name": "iris"}, headers=KEY) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[1].headers["idempotency-replayed"] == "true"
    assert answers[1].content == answers[0].content


def test_a_key_is_forgotten_after_a_day(api: Api) -> None:
    token = api.world.tokens.issue(principal("root"), ttl_seconds=48 * 3600)
    api.headers.update(bearer(token))
    first = api.post(VERSIONS, json={"tags": {"a": "b"}}, headers=KEY)
    api.world.clock.advance(seconds=24 * 3600 - 1)
    within = api.post(VERSIONS, json={"tags": {"a": "b"}}, headers=KEY)
    api.world.clock.advance(seconds=1)

    after = api.post(VERSIONS, json={"tags": {"a": "b"}}, headers=KEY)

    assert within.content == first.content
    assert after.json()["number"] == 2


def test_without_a_key_nothing_is_remembered(api: Api) -> None:
    answers = [api.post(VERSIONS, json={"tags": {"a": "b"}}) for _ in range(2)]

    assert [answer.json()["number"] for answer in answers] == [1, 2]
    assert api.world.database._tables.claims == {}


def test_what_was_found_and_not_created_claims_nothing(api: Api) -> None:
    training = {"parameters": {"depth": 3}}
    api.post(VERSIONS, json=training)

    found = api.post(VERSIONS, json=training, headers=KEY)

    assert (found.status_code, found.headers["modelry-registration"]) == (200, "existing")
    assert api.world.database._tables.claims == {}


@pytest.mark.parametrize(
    "key", ["", "x" * 256, "é", "a\tb", "\x7f", "ключ"], ids=lambda key: ascii(key)[:12]
)
def test_what_is_no_key_is_refused(api: Api, key: str) -> None:
    answer = api.post(MODELS, json={"name": "x"}, headers={b"Idempotency-Key": key.encode()})

    problem(answer, 422, "invalid")
    assert api.get(f"{MODELS}/x").status_code == 404


@pytest.mark.parametrize("key", ["x", "x" * 255, '"quoted key"', "a b~!"])
def test_a_key_is_any_printable_ascii(api: Api, key: str) -> None:
    for _ in range(2):
        answer = api.post(MODELS, json={"name": "x"}, headers={"Idempotency-Key": key})
        assert answer.status_code == 201


def test_two_keys_are_none(api: Api) -> None:
    headers = [("Idempotency-Key", "a"), ("Idempotency-Key", "b")]

    problem(api.post(MODELS, json={"name": "x"}, headers=headers), 422, "invalid")


def test_a_body_that_no_operation_takes_is_refused_under_a_key_too(api: Api) -> None:
    headers = {**KEY, "Content-Type": "application/json"}
    for body in (b"", b"null", b'{"name":"x","metadata":{"a":18446744073709551616}}', b"[1]"):
        problem(api.post(MODELS, content=body, headers=headers), 422, "invalid")
    problem(api.post(MODELS, content=b"{", headers=headers), 400, "malformed-request")


def test_the_key_of_a_stranger_is_not_looked_at(api: Api) -> None:
    stranger = bearer(api.world.token(subject="nobody"))

    answer = api.post(MODELS, json={"name": "x"}, headers={**KEY, **stranger})

    problem(answer, 404, "not-found")


def test_two_tries_at_once_create_one(api: Api) -> None:
    def send(_: int) -> Any:
        return api.post(VERSIONS, json={"tags": {"a": "b"}}, headers=KEY)

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(send, range(8)))

    assert {(answer.status_code, answer.content) for answer in answers} == {
        (201, answers[0].content)
    }
    assert sum("idempotency-replayed" not in answer.headers for answer in answers) == 1
    assert json.loads(api.get(VERSIONS).content)["items"] == [answers[0].json()]
