"""Errors: problem details with the right status, and conditional requests."""

import pytest

from core.errors import Kind
from core.ports import SignedRequest
from handlers.api.problems import STATUS, TITLE
from tests.api.client import MODEL, Api, bearer, declared, problem
from tests.builders import principal


@pytest.fixture
def api() -> Api:
    made = Api()
    made.world.pushed({"a": b"1"})
    return made


def test_every_kind_of_error_has_a_status_and_every_status_a_title() -> None:
    assert set(STATUS) == set(Kind)
    assert set(STATUS.values()) <= set(TITLE)


def test_no_token_is_answered_with_where_to_get_one(api: Api) -> None:
    configured = Api(public_url="https://models.example.org/")
    del api.headers["Authorization"]
    del configured.headers["Authorization"]

    answer, elsewhere = api.get(MODEL), configured.get(MODEL)

    problem(answer, 401, "unauthenticated")
    metadata = "/.well-known/oauth-protected-resource"
    assert answer.headers["www-authenticate"] == (
        f'Bearer realm="modelry", resource_metadata="http://testserver{metadata}"'
    )
    assert elsewhere.headers["www-authenticate"] == (
        f'Bearer realm="modelry", resource_metadata="https://models.example.org{metadata}"'
    )


@pytest.mark.parametrize(
    "header",
    [
        "",
        "Bearer",
        "Bearer ",
        "Basic cm9vdDpyb290",
        "Token x",
        "Bearer x",
        "Bearer é",
        "x" * 10_000,
    ],
)
def test_what_is_no_bearer_token_of_ours_is_401(api: Api, header: str) -> None:
    answer = api.get(MODEL, headers={b"Authorization": header.encode()})

    body = problem(answer, 401, "unauthenticated")
    assert header not in body["detail"] or not header


def test_the_scheme_of_a_token_is_read_in_any_case(api: Api) -> None:
    token = api.headers["authorization"].removeprefix("Bearer ")

    assert api.get(MODEL, headers={"Authorization": f"bEARER {token}"}).status_code == 200


def test_two_authorizations_are_none(api: Api) -> None:
    good = api.headers["authorization"]

    answer = api.get(MODEL, headers=[("Authorization", good), ("Authorization", good)])

    problem(answer, 401, "unauthenticated")


def test_a_token_in_the_query_is_none(api: Api) -> None:
    token = api.headers["authorization"].removeprefix("Bearer ")
    del api.headers["Authorization"]

    problem(api.get(MODEL, params={"access_token": token}), 401, "unauthenticated")


def test_an_expired_token_is_401(api: Api) -> None:
    token = api.world.tokens.issue(principal("root"), ttl_seconds=10)
    api.world.clock.advance(seconds=10)

    problem(api.get(MODEL, headers=bearer(token)), 401, "unauthenticated")


def test_what_is_not_there_is_404(api: Api) -> None:
    for path in (
        "/api/v1/namespaces/nowhere",
        "/api/v1/namespaces/nowhere/models",
        "/api/v1/namespaces/nowhere/events",
        "/api/v1/namespaces/nowhere/grants",
        "/api/v1/namespaces/default/models/lilies",
        "/api/v1/namespaces/default/models/lilies/versions",
        "/api/v1/namespaces/default/models/lilies/aliases",
        f"{MODEL}/versions/9",
        f"{MODEL}/versions/@nobody",
        f"{MODEL}/versions/1/files/b",
        f"{MODEL}/aliases/nobody",
        "/api/v1/nothing",
        "/api/v2/namespaces",
        "/nothing",
        "/",
    ):
        problem(api.get(path), 404, "not-found")


def test_what_is_taken_or_not_ready_is_409(api: Api) -> None:
    api.post(f"{MODEL}/versions", json={"files": [declared("x", b"x")]})

    for answer in (
        api.post("/api/v1/namespaces", json={"name": "default"}),
        api.post("/api/v1/namespaces/default/models", json={"name": "IRIS"}),
        api.get(f"{MODEL}/versions/2/downloads"),
        api.get(f"{MODEL}/versions/2/files/x"),
        api.put(f"{MODEL}/aliases/champion", json={"version": "2"}),
        api.delete(f"{MODEL}/versions/1/upload"),
    ):
        problem(answer, 409, "conflict")


def test_a_refused_file_is_named(api: Api) -> None:
    lie = {**declared("lie.bin", b"one"), "size_bytes": 4}
    api.post(f"{MODEL}/versions", json={"files": [lie]})
    item = api.post(f"{MODEL}/versions/2/upload").json()["items"][0]
    api.world.blobs.send(
        SignedRequest("PUT", item["url"], item["headers"], api.world.clock.now()), b"one"
    )

    body = problem(api.post(f"{MODEL}/versions/2/upload/complete"), 409, "conflict")

    assert body["problems"] == [
        {"place": "lie.bin", "message": "3 bytes arrived where 4 were declared"}
    ]
    assert "lie.bin" in body["detail"]
    assert api.get(f"{MODEL}/versions/2").json()["state"] == "pending"


@pytest.mark.parametrize("path", ["/api/v1/namespaces/default", MODEL, f"{MODEL}/versions/1"])
def test_a_change_says_which_revision_it_means(api: Api, path: str) -> None:
    body = {"owner": "x"}
    revision = api.get(path).json()["revision"]

    problem(api.patch(path, json=body), 428, "precondition-required")
    stale = api.patch(path, json=body, headers={"If-Match": f'"{revision + 1}"'})
    problem(stale, 412, "stale")
    good = api.patch(path, json=body, headers={"If-Match": f'"{revision}"'})

    assert (good.status_code, good.headers["etag"]) == (200, f'"{revision + 1}"')
    problem(api.patch(path, json=body, headers={"If-Match": f'"{revision}"'}), 412, "stale")


@pytest.mark.parametrize("header", ["", "1", '"', '"1", "2"', "**", '"1" "2"', 'w/"1"', ","])
def test_what_is_no_etag_is_no_revision(api: Api, header: str) -> None:
    answer = api.patch(MODEL, json={"owner": "x"}, headers={"If-Match": header})

    problem(answer, 422, "invalid")


@pytest.mark.parametrize(
    "header", ['"x"', '"-1"', 'W/"2"', '"0"', '"' + "9" * 30 + '"', '"1.2"', 'W/"2", "1"']
)
def test_an_etag_that_is_not_the_objects_is_412(api: Api, header: str) -> None:
    answer = api.patch(MODEL, json={"owner": "x"}, headers={"If-Match": header})

    problem(answer, 412, "stale")
    assert api.get(MODEL).json()["revision"] == 2


def test_one_etag_of_ours_among_others_counts(api: Api) -> None:
    headers = {"If-Match": 'W/"1", "x,y", "2"'}

    assert api.patch(MODEL, json={"owner": "x"}, headers=headers).status_code == 200


@pytest.mark.parametrize("path", ["/api/v1/namespaces/default", MODEL, f"{MODEL}/versions/1"])
def test_what_the_client_has_already_is_not_sent_again(api: Api, path: str) -> None:
    etag = api.get(path).headers["etag"]

    for header in (etag, f"W/{etag}", f'"x", {etag}', "*"):
        answer = api.get(path, headers={"If-None-Match": header})
        assert (answer.status_code, answer.content) == (304, b"")
        assert answer.headers["etag"] == etag
    for header in ("", '"0"', etag.strip('"')):
        assert api.get(path, headers={"If-None-Match": header}).status_code == 200


def test_a_change_that_names_what_the_client_has_is_made_all_the_same(api: Api) -> None:
    headers = {"If-Match": "*", "If-None-Match": "*"}

    assert api.patch(MODEL, json={"owner": "x"}, headers=headers).status_code == 200


def test_a_part_that_is_down_is_503_and_works_when_it_is_back(api: Api) -> None:
    api.world.database.down = True
    answers = [
        api.get(MODEL),
        api.post("/api/v1/namespaces/default/models", json={"name": "lilies"}),
        api.patch(MODEL, json={"owner": "x"}, headers={"If-Match": "*"}),
    ]
    api.world.database.down = False

    for answer in answers:
        problem(answer, 503, "unavailable")
        assert answer.headers["retry-after"] == "2"
    assert api.get(MODEL).json()["owner"] is None
    assert api.post("/api/v1/namespaces/default/models", json={"name": "lilies"}).status_code == 201


def test_a_failure_of_the_registry_itself_says_nothing_of_its_inside(api: Api) -> None:
    object.__setattr__(api.world.registry.models, "database", None)

    answer = api.get(MODEL)

    body = problem(answer, 500, "internal")
    assert "NoneType" not in answer.text
    assert body["request_id"] in answer.headers["x-request-id"]


def test_every_answer_has_a_request_id_and_keeps_browsers_safe(api: Api) -> None:
    for path in (MODEL, "/health", "/api/v1/nothing", "/api/v1/openapi.json"):
        answer = api.get(path, headers={"X-Request-Id": "my-1.id_2"})
        other = api.get(path)

        assert answer.headers["x-request-id"] == "my-1.id_2"
        assert len(other.headers["x-request-id"]) == 24
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["referrer-policy"] == "no-referrer"
        assert answer.headers["cache-control"]


@pytest.mark.parametrize("offered", ["", "a b", "x" * 65, "é", 'a"b', "<script>", "a\tb", "a/b"])
def test_a_request_id_that_could_confuse_a_log_is_replaced(api: Api, offered: str) -> None:
    answer = api.get("/health", headers={b"X-Request-Id": offered.encode()})

    assert len(answer.headers["x-request-id"]) == 24


@pytest.mark.parametrize("method", ["TRACE", "OPTIONS", "PUT", "PROPFIND"])
def test_a_method_that_a_path_does_not_have_is_405(api: Api, method: str) -> None:
    answer = api.request(method, MODEL)

    assert answer.status_code == 405
    assert answer.headers["allow"]
    assert api.get(MODEL).status_code == 200


@pytest.mark.parametrize("header", ["X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override"])
def test_a_header_does_not_change_the_method(api: Api, header: str) -> None:
    answer = api.post(MODEL, headers={header: "PATCH", "If-Match": "*"}, json={"owner": "x"})

    problem(answer, 405, "method-not-allowed")
    assert api.get(MODEL, headers={header: "DELETE"}).status_code == 200
