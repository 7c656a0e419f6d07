"""Requests that nobody writes by accident: refused in a word, never a 500, never an echo."""

import asyncio
import json
from typing import Any
from urllib.parse import quote

import httpx2
import pytest

from core.domain.access import Role
from tests.api.client import MODEL, Api, bearer, declared, problem

MODELS = "/api/v1/namespaces/default/models"
JSON = {"Content-Type": "application/json"}


@pytest.fixture
def api() -> Api:
    made = Api()
    made.world.pushed({"a": b"1"})
    return made


def metadata(value: bytes) -> bytes:
    return b'{"name":"x","metadata":{"a":' + value + b"}}"


MALFORMED = {
    "not JSON": b"{",
    "NaN": metadata(b"NaN"),
    "infinity": metadata(b"-Infinity"),
    "5000 digits": metadata(b"9" * 5000),
    "lone surrogate": metadata(b'"\\ud800"'),
    "lone surrogate as a key": b'{"name":"x","metadata":{"\\udfff":1}}',
    "raw lone surrogate": metadata(b'"\xed\xa0\x80"'),
    "invalid UTF-8": metadata(b'"\xff"'),
    "raw control character": metadata(b'"\x00"'),
    "UTF-16": '{"name":"x"}'.encode("utf-16"),
    "byte order mark": b'\xef\xbb\xbf{"name":"x"}',
    "trailing bytes": b'{"name":"x"}x',
    "two values": b'{"name":"x"}{"name":"y"}',
    "100 000 levels of lists": metadata(b"[" * 100_000 + b"]" * 100_000),
    "100 000 levels of maps": b'{"a":' * 100_000 + b"1" + b"}" * 100_000,
    "single quotes": b"{'name':'x'}",
    "comment": b'{"name":"x"} // x',
}


@pytest.mark.parametrize("body", MALFORMED.values(), ids=MALFORMED)
def test_what_is_no_json_is_400(api: Api, body: bytes) -> None:
    answer = api.post(MODELS, content=body, headers=JSON)

    problem(answer, 400, "malformed-request")
    assert len(answer.content) < 1_000


INVALID: dict[str, Any] = {
    "no body": b"",
    "null": b"null",
    "a list": b"[]",
    "a text": b'"x"',
    "a number out of range": metadata(b"1e999"),
    "65 bits": metadata(b"18446744073709551616"),
    "NUL in a key": b'{"name":"x","metadata":{"\\u0000":1}}',
    "NUL in a text": metadata(b'"\\u0000"'),
    "empty key": b'{"name":"x","metadata":{"":1}}',
    "long key": b'{"name":"x","metadata":{"' + b"k" * 257 + b'":1}}',
    "no name": b"{}",
    "a number for a name": b'{"name":5}',
    "a query for a name": b'{"name":{"$ne":null}}',
    "a query for a tag": b'{"name":"x","tags":{"a":{"$ne":null}}}',
    "a number for a tag": b'{"name":"x","tags":{"a":1}}',
    "a list for metadata": b'{"name":"x","metadata":[]}',
    "a name that climbs": b'{"name":".."}',
    "a name with a slash": b'{"name":"a/b"}',
    "a name with NUL": b'{"name":"a\\u0000"}',
    "a name with a right-to-left override": '{"name":"a\u202eb"}'.encode(),
    "a decomposed name": '{"name":"e\u0301"}'.encode(),
    "a name of 10 000 characters": b'{"name":"' + b"x" * 10_000 + b'"}',
    "a key of a megabyte": b'{"name":"x","' + b"k" * (1 << 20) + b'":1}',
}


@pytest.mark.parametrize("body", INVALID.values(), ids=INVALID)
def test_json_that_breaks_a_rule_is_422(api: Api, body: bytes) -> None:
    answer = api.post(MODELS, content=body, headers=JSON)

    problem(answer, 422, "invalid")
    assert len(answer.content) < 2_000


@pytest.mark.parametrize(
    "field",
    ["_id", "id", "namespace", "state", "created_by", "created_at", "revision", "aliases", "$set"],
)
def test_a_field_that_is_not_the_clients_is_refused(api: Api, field: str) -> None:
    created = api.post(MODELS, json={"name": "x", field: "secret-value"})
    changed = api.patch(MODEL, json={field: "secret-value"}, headers={"If-Match": "*"})

    for answer in (created, changed):
        body = problem(answer, 422, "invalid")
        assert body["problems"][0]["place"] == f"body.{field}"
        assert "secret-value" not in answer.text


def test_a_422_names_places_and_never_values(api: Api) -> None:
    secret = "hunter2"
    bodies: list[tuple[str, str, Any]] = [
        ("post", MODELS, {"name": "x", "tags": secret, "metadata": secret, "owner": [secret]}),
        ("post", MODELS, {"name": "x", "tags": {"a": [secret]}, "token": secret}),
        ("post", f"{MODEL}/versions", {"metrics": {"a": secret}, "files": [secret]}),
        ("post", f"{MODEL}/versions", {"files": [{"path": "a", "sha256": secret, "x": secret}]}),
        ("put", f"{MODEL}/aliases/a", {"version": [secret]}),
        ("put", "/api/v1/grants", {"grantee": [secret], "role": secret}),
        ("post", f"{MODEL}/versions/1/upload/parts", {"path": [secret], "parts": secret}),
    ]

    for method, path, body in bodies:
        answer = api.request(method.upper(), path, json=body)
        assert problem(answer, 422, "invalid")["problems"]
        assert secret not in answer.text
    for path in (f"{MODEL}/versions/{secret}/upload", f"{MODELS}?page_size={secret}"):
        answer = api.get(path) if "?" in path else api.post(path)
        problem(answer, 422, "invalid")
        assert secret not in answer.text


def test_names_that_are_mongo_or_python_in_metadata_are_only_names(api: Api) -> None:
    keys = ["$where", "$ne", "a.b", "__proto__", "constructor", "_id", "a b", "ключ", "\U0001f600"]
    value = {key: {key: [1, None, True, 1.5, "x"]} for key in keys}
    bags = {"metadata": value, "custom_properties": value, "tags": dict.fromkeys(keys, "x")}

    api.post(MODELS, json={"name": "odd", **bags})

    found = api.get(f"{MODELS}/odd").json()
    assert {name: found[name] for name in bags} == bags


def test_of_duplicate_keys_the_last_one_counts(api: Api) -> None:
    answer = api.post(MODELS, content=b'{"name":"a","name":"b"}', headers=JSON)

    assert (answer.status_code, answer.json()["name"]) == (201, "b")


def test_numbers_come_back_as_they_were_sent(api: Api) -> None:
    text = b'{"a":9223372036854775807,"b":-9223372036854775808,"c":0.1,"d":1.0,"e":1,"f":5e-324}'

    answer = api.post(MODELS, content=b'{"name":"n","metadata":' + text + b"}", headers=JSON)

    assert json.loads(answer.content)["metadata"] == json.loads(text)
    assert b'"d":1.0,"e":1,' in answer.content


def test_a_hundred_thousand_keys_are_too_many_and_the_answer_is_quick(api: Api) -> None:
    body = {"name": "x", "metadata": {str(number): number for number in range(10**5)}}

    problem(api.post(MODELS, json=body), 413, "too-large")


def test_levels_beyond_64_are_too_many(api: Api) -> None:
    problem(
        api.post(MODELS, content=metadata(b"[" * 100 + b"]" * 100), headers=JSON),
        413,
        "too-large",
    )


def test_a_body_is_five_mebibytes_at_most(api: Api) -> None:
    padding = b" " * ((5 << 20) - 12)
    fits = api.post(MODELS, content=b'{"name":"a"}' + padding, headers=JSON)
    declared_large = api.post(MODELS, content=b'{"name":"b"}' + padding + b" ", headers=JSON)
    chunks = (b" " * (1 << 20) for _ in range(6))
    in_chunks = api.post(MODELS, content=chunks, headers=JSON)

    assert fits.status_code == 201
    problem(declared_large, 413, "too-large")
    problem(in_chunks, 413, "too-large")


@pytest.mark.parametrize(
    "kind",
    [
        "text/plain",
        "application/x-yaml",
        "application/xml",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "application/x-python-pickle",
        "application/jsonx",
        "json",
        "",
    ],
)
def test_a_body_that_does_not_call_itself_json_is_415(api: Api, kind: str) -> None:
    answer = api.post(MODELS, content=b'{"name":"x"}', headers={"Content-Type": kind})

    problem(answer, 415, "unsupported-media-type")
    assert api.get(f"{MODELS}/x").status_code == 404


@pytest.mark.parametrize(
    "kind", ["application/json", "Application/JSON; charset=utf-8", "application/merge-patch+json"]
)
def test_json_may_call_itself_by_its_names(api: Api, kind: str) -> None:
    answer = api.post(MODELS, content=b'{"name":"x"}', headers={"Content-Type": kind})

    assert answer.status_code == 201


@pytest.mark.parametrize(
    "name",
    [
        "%2e%2e%2f",
        "%2e%2e",
        "..%2f..%2fother",
        "%252e%252e%252f",
        "%00",
        "a%00b",
        "%0d%0aX-Evil:%201",
        "%e2%80%ae",
        "%ff%fe",
        "%ed%a0%80",
        "a%2Fb",
        "a%5Cb",
        "x" * 10_000,
        "%F0%9F%98%80",
        "{$ne:1}",
        "*",
        "$where",
        "%",
        "%zz",
        ";",
    ],
)
def test_a_path_that_plays_tricks_finds_nothing(api: Api, name: str) -> None:
    for path in (
        f"/api/v1/namespaces/{name}",
        f"/api/v1/namespaces/{name}/models",
        f"{MODELS}/{name}",
        f"{MODELS}/{name}/versions",
        f"{MODELS}/{name}/aliases",
        f"{MODEL}/aliases/{name}",
        f"{MODEL}/versions/{name}",
        f"{MODEL}/versions/@{name}",
        f"{MODEL}/versions/1/files/{name}",
        f"{MODEL}/versions/{name}/files/a",
        f"{MODEL}/versions/1/files/{name}/a",
        f"/{name}/health",
    ):
        answer = api.get(path)
        assert answer.status_code in {404, 422}, path
        assert answer.json()["status"] == answer.status_code
        assert "x-evil" not in answer.headers


def test_another_namespace_cannot_be_reached_through_a_path(api: Api) -> None:
    api.post("/api/v1/namespaces", json={"name": "other"})
    token = api.world.token(("other", Role.OWNER), subject="mallory")

    for path in (
        "/api/v1/namespaces/other/../default/models/iris",
        "/api/v1/namespaces/other/models/..%2f..%2fdefault%2fmodels%2firis",
        "/api/v1/namespaces/other%2f..%2fdefault/models/iris",
        "/api/v1/namespaces/other;default/models/iris",
        "/api/v1/namespaces/default%00/models/iris",
        "/api/v1/namespaces/DEFAULT/models/iris",
        "/api/v1//namespaces/default/models/iris",
    ):
        answer = api.get(path, headers=bearer(token))
        assert answer.status_code == 404, path
        assert '"id":"1"' not in answer.text


@pytest.mark.parametrize(
    "path",
    [
        "../x",
        "/abs",
        "a//b",
        "a/../b",
        "a\\b",
        "C:/x",
        "a\0b",
        "a\r\nX: y",
        "a.",
        "\u202ea",
        "",
        ".",
    ],
)
def test_a_file_whose_path_climbs_is_not_declared(api: Api, path: str) -> None:
    body = {"files": [{**declared("x", b"x"), "path": path}]}

    problem(api.post(f"{MODEL}/versions", json=body), 422, "invalid")


@pytest.mark.parametrize(
    "path",
    [
        'a";filename="evil.exe',
        "a;b=c",
        "naïve résumé.bin",
        "\U0001f600.bin",
        "<script>",
        "a'b",
    ],
)
def test_the_name_of_a_file_stays_within_its_header(api: Api, path: str) -> None:
    api.world.pushed({path: b"content"})
    downloads = api.get(f"{MODEL}/versions/2/downloads").json()["items"]

    answer = api.get(f"{MODEL}/versions/2/files/{quote(path)}")

    assert answer.status_code == 307
    assert answer.headers["location"].isascii()
    assert set(answer.headers) & {"set-cookie", "x"} == set()
    assert downloads[0]["path"] == path


@pytest.mark.parametrize("path", ["%2e%2e%2fa", "a%0d%0aSet-Cookie: x", "%252e", "%zz"])
def test_a_path_is_decoded_once(api: Api, path: str) -> None:
    api.world.pushed({path: b"content"})

    async def get() -> httpx2.Response:  # the synchronous client would decode once more
        transport = httpx2.ASGITransport(api.app)
        async with httpx2.AsyncClient(transport=transport, base_url="http://testserver") as client:
            url = f"{MODEL}/versions/2/files/{quote(path)}"
            return await client.get(url, headers=dict(api.headers))

    answer = asyncio.run(get())

    assert answer.status_code == 307
    assert "set-cookie" not in answer.headers


def test_links_and_answers_do_not_believe_the_host_header() -> None:
    api = Api(public_url="https://models.example.org")
    spoofed = {
        "Host": "evil.example",
        "X-Forwarded-Host": "evil.example",
        "X-Forwarded-Proto": "gopher",
        "X-Forwarded-Prefix": "/evil",
        "Forwarded": "host=evil.example",
        "X-Original-URL": "/evil",
        "X-Rewrite-URL": "/evil",
    }

    created = api.post(MODELS, json={"name": "iris"}, headers=spoofed)
    metadata = api.get("/.well-known/oauth-protected-resource", headers=spoofed)
    del api.headers["Authorization"]
    unknown = api.get(MODEL, headers=spoofed)

    assert created.headers["location"] == (
        "https://models.example.org/api/v1/namespaces/default/models/iris"
    )
    for answer in (created, metadata, unknown):
        assert "evil" not in answer.text
        assert "evil" not in str(answer.headers)


@pytest.mark.parametrize("host", ["[", "a/b?c", 'x" y', "evil.example:99999", "", "a@b"])
def test_a_host_that_is_none_breaks_nothing(api: Api, host: str) -> None:
    assert api.get(MODEL, headers={"Host": host}).status_code == 200
    problem(api.get("/api/v1/nothing", headers={"Host": host}), 404, "not-found")


@pytest.mark.parametrize("path", ["/api/v1/namespaces/", "/api/v1", "/health/", f"{MODEL}/"])
def test_nothing_redirects_to_where_the_host_header_says(api: Api, path: str) -> None:
    answer = api.get(path, headers={"Host": "evil.example"})

    problem(answer, 404, "not-found")
    assert "location" not in answer.headers


def test_spoofed_identities_are_not_believed(api: Api) -> None:
    spoofed = {
        "X-User": "root",
        "X-Forwarded-User": "root",
        "X-Tenant": "default",
        "X-Forwarded-For": "10.0.0.1",
        "X-Real-Ip": "10.0.0.1",
    }
    nobody = api.world.token(subject="nobody")

    problem(api.get(MODEL, headers={**spoofed, **bearer(nobody)}), 404, "not-found")
    api.patch(MODEL, json={"owner": "x"}, headers={**spoofed, "If-Match": "*"})

    event = api.get("/api/v1/namespaces/default/events").json()["items"]
    changed = next(each for each in event if each["action"] == "model.updated")
    assert (changed["address"], changed["actor"]) == ("testclient", "subject:dev:root")


@pytest.mark.parametrize(
    "size", ["0", "-1", "1001", "1000000000", "NaN", "1e3", "", "9" * 5_000, "1.5"]
)
def test_a_page_size_out_of_range_is_422(api: Api, size: str) -> None:
    problem(api.get(MODELS, params={"page_size": size}), 422, "invalid")


@pytest.mark.parametrize("token", ["", "x", "=", "null", "W10", "x" * 5_000, "\0", "é", "../.."])
def test_a_page_token_that_is_not_ours_is_422(api: Api, token: str) -> None:
    for path in (MODELS, f"{MODEL}/versions", f"{MODEL}/versions/1/files", "/api/v1/grants"):
        problem(api.get(path, params={"page_token": token}), 422, "invalid")


def test_a_page_token_of_one_list_is_none_of_another(api: Api) -> None:
    api.post(MODELS, json={"name": "b"})
    token = api.get(MODELS, params={"page_size": 1}).json()["next_page_token"]

    for path in ("/api/v1/namespaces", f"{MODEL}/versions", "/api/v1/namespaces/default/events"):
        problem(api.get(path, params={"page_token": token}), 422, "invalid")


def test_brackets_in_a_query_are_no_operators(api: Api) -> None:
    answer = api.get(MODELS, params={"name[$ne]": "x", "page_size[$gt]": "1"})

    assert [model["name"] for model in answer.json()["items"]] == ["iris"]


def test_many_hostile_requests_leave_the_registry_as_it_was(api: Api) -> None:
    before = api.get(MODEL).content

    for body in (*MALFORMED.values(), *INVALID.values()):
        api.patch(MODEL, content=body, headers={**JSON, "If-Match": "*"})

    assert api.get(MODEL).content == before
