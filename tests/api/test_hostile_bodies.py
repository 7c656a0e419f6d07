"""Bodies and headers that are too much, or not what they say: a clear 4xx that is JSON itself."""

import gzip
import json
import zlib
from typing import Any

import pytest

from tests.api.client import MODEL, PROBLEM, Api, problem

MODELS = "/api/v1/namespaces/default/models"
JSON = {"Content-Type": "application/json"}
NEW = b'{"name":"x"}'


@pytest.fixture
def api() -> Api:
    made = Api()
    made.world.pushed({"a": b"1"})
    return made


def keys(count: int) -> bytes:
    inner = ",".join(f'"{number}":0' for number in range(count))
    return b'{"name":"x","metadata":{' + inner.encode() + b"}}"


TOO_LARGE: dict[str, Any] = {
    "a million keys": keys(10**6),
    "four hundred thousand keys": keys(4 * 10**5),
    "17 MB": b'{"name":"' + b"x" * 17_000_000 + b'"}',
    "17 MB of blanks before it": b" " * 17_000_000 + NEW,
    "100 000 tags": json.dumps(
        {"name": "x", "tags": {str(number): "" for number in range(10**5)}}
    ).encode(),
    "1001 tags": json.dumps({"name": "x", "tags": {str(n): "" for n in range(1001)}}).encode(),
    "a megabyte of metadata": json.dumps(
        {"name": "x", "metadata": {"a": "x" * (1 << 20)}}
    ).encode(),
    "65 levels": b'{"name":"x","metadata":' + b'{"a":' * 65 + b"1" + b"}" * 66,
}


@pytest.mark.parametrize("body", TOO_LARGE.values(), ids=TOO_LARGE)
def test_what_is_too_much_is_413(api: Api, body: bytes) -> None:
    answer = api.post(MODELS, content=body, headers=JSON)

    problem(answer, 413, "too-large")
    assert len(answer.content) < 1_000
    assert api.get(f"{MODELS}/x").status_code == 404


MALFORMED = {
    "1000 levels of lists": b'{"name":"x","metadata":{"a":' + b"[" * 1000 + b"]" * 1000 + b"}}",
    "1000 levels of maps": b'{"name":"x","metadata":' + b'{"a":' * 1000 + b"1" + b"}" * 1001,
    "a million levels": b"[" * 10**6,
    "UTF-16 with its mark": '{"name":"x"}'.encode("utf-16"),
    "UTF-16 little-endian": '{"name":"x"}'.encode("utf-16-le"),
    "UTF-16 big-endian": '{"name":"x"}'.encode("utf-16-be"),
    "UTF-32": '{"name":"x"}'.encode("utf-32"),
    "UTF-7": b"+AHs-+ACI-name+ACI-:1+AH0-",
    "the mark of UTF-8": b"\xef\xbb\xbf" + NEW,
    "the mark of UTF-8 at the end": NEW + b"\xef\xbb\xbf",
    "NUL before it": b"\0" + NEW,
    "a zip": b"PK\x03\x04" + bytes(100),
    "gzip that does not say so": gzip.compress(NEW),
    "a pickle": b"\x80\x04\x95\x0b\x00\x00\x00\x00\x00\x00\x00}\x94\x8c\x01x\x94K\x01s.",
}


@pytest.mark.parametrize("body", MALFORMED.values(), ids=MALFORMED)
def test_what_cannot_be_read_is_400(api: Api, body: bytes) -> None:
    answer = api.post(MODELS, content=body, headers=JSON)

    problem(answer, 400, "malformed-request")
    assert len(answer.content) < 1_000


@pytest.mark.parametrize(
    ("coding", "body"),
    [
        ("gzip", gzip.compress(NEW)),
        ("GZIP", gzip.compress(NEW)),
        ("x-gzip", gzip.compress(NEW)),
        ("deflate", zlib.compress(NEW)),
        ("br", NEW),
        ("zstd", NEW),
        ("gzip, gzip", gzip.compress(gzip.compress(NEW))),
        ("identity, gzip", gzip.compress(NEW)),
        ("gzip", NEW),
        ("gzip", gzip.compress(bytes(50_000_000))),
        ("", NEW),
        ("nonsense", NEW),
    ],
    ids=lambda value: value[:16] if isinstance(value, str) else str(len(value)),
)
def test_a_compressed_body_is_not_taken(api: Api, coding: str, body: bytes) -> None:
    answer = api.post(MODELS, content=body, headers={**JSON, "Content-Encoding": coding})

    problem(answer, 415, "unsupported-media-type")
    assert api.get(f"{MODELS}/x").status_code == 404


def test_a_body_may_say_that_it_is_not_compressed(api: Api) -> None:
    headers = {**JSON, "Content-Encoding": "Identity"}

    assert api.post(MODELS, content=NEW, headers=headers).status_code == 201


@pytest.mark.parametrize(
    "pair", [(b"Bearer x", b""), (b"", b"Bearer x"), (b"Basic eDp4", b"Bearer x")], ids=str
)
def test_two_authorizations_are_none_whatever_they_are(api: Api, pair: tuple[bytes, bytes]) -> None:
    good = api.headers.pop("authorization").encode()
    headers = [(b"Authorization", text.replace(b"Bearer x", good)) for text in pair]

    problem(api.get(MODEL, headers=headers), 401, "unauthenticated")


@pytest.mark.parametrize("method", ["TRACE", "TRACK", "CONNECT", "DEBUG", "QUERY", "G\tET"])
def test_methods_that_nobody_offers_do_nothing(api: Api, method: str) -> None:
    secret = {"X-Secret": "hunter2"}

    answer = api.request(method, MODEL, headers=secret)

    problem(answer, 405, "method-not-allowed")
    assert "hunter2" not in answer.text
    assert api.headers["authorization"] not in answer.text


@pytest.mark.parametrize("override", ["DELETE", "PUT", "PATCH"])
def test_no_field_or_query_changes_the_method(api: Api, override: str) -> None:
    before = api.get(MODEL).content

    for query in ("_method", "method", "X-HTTP-Method-Override"):
        assert api.get(MODEL, params={query: override}).content == before
    problem(api.post(MODELS, json={"name": "x", "_method": override}), 422, "invalid")
    assert api.get(MODEL).content == before


@pytest.mark.parametrize(
    "origin", ["null", "https://evil.example", "https://testserver.evil.example", "*"]
)
def test_no_page_of_another_origin_is_let_in(api: Api, origin: str) -> None:
    preflight = {
        "Origin": origin,
        "Access-Control-Request-Method": "DELETE",
        "Access-Control-Request-Headers": "authorization",
    }

    answers = [
        api.options(MODEL, headers=preflight),
        api.get(MODEL, headers={"Origin": origin}),
        api.get("/health", headers={"Origin": origin}),
        api.get("/api/v1/nothing", headers={"Origin": origin}),
    ]

    assert answers[0].status_code == 405
    for answer in answers:
        assert not [name for name in answer.headers if name.startswith("access-control-")]
        assert "set-cookie" not in answer.headers


@pytest.mark.parametrize(
    "key", ["owner", "tags.a", "metadata.a.b", "$set", "created_by", "../x", "aliases.champion"]
)
def test_a_dotted_key_in_metadata_is_only_a_key(api: Api, key: str) -> None:
    before = api.get(MODEL).json()

    changed = api.patch(MODEL, json={"metadata": {key: "x"}}, headers={"If-Match": "*"}).json()

    assert changed["metadata"] == {key: "x"}
    same = set(before) - {"metadata", "revision", "updated_at", "updated_by"}
    assert {name: changed[name] for name in same} == {name: before[name] for name in same}


def test_an_object_does_not_grow_past_its_limit_by_many_small_changes(api: Api) -> None:
    statuses = [
        api.patch(
            MODEL, json={"metadata": {str(at): "x" * 200_000}}, headers={"If-Match": "*"}
        ).status_code
        for at in range(8)
    ]

    assert statuses == [200] * 5 + [413] * 3
    assert len(api.get(MODEL).json()["metadata"]) == 5


def test_thousands_of_parameters_in_a_query_are_none_of_ours(api: Api) -> None:
    query = "&".join(f"a{number}=$" for number in range(7_000))

    answer = api.get(f"{MODELS}?{query}&page_size=1")

    assert answer.status_code == 200


def test_every_refusal_is_json_that_any_parser_reads(api: Api) -> None:
    odd = 'a"b\\c\u2028\U0001f600<script>'
    answers = [
        api.post(MODELS, json={"name": odd, odd: 1}),
        api.get(f"{MODEL}/versions/{odd}"),
        api.get(f"{MODELS}/{odd}/versions"),
        api.patch(MODEL, json={odd: odd}, headers={"If-Match": "*"}),
        api.request("PURGE", f"/{odd}"),
    ]

    for answer in answers:
        assert answer.status_code in {404, 405, 422}
        assert answer.headers["content-type"] == PROBLEM
        assert json.loads(answer.content.decode("utf-8"))["status"] == answer.status_code
        assert b"\n" not in answer.content
