"""Requests over a network that misbehaves."""

import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler

import pytest

from modelry import errors
from modelry.errors import ModelryError, Unavailable, error_from_answer
from modelry.network import Network, check_url
from modelry.retries import RetryPolicy, retry_after_seconds
from modelry.tokens import FixedToken
from modelry.transport import TokenSource, Transport
from tests.client.servers import Asked, answer, cut, scripted

JSON = "application/json"
FINE = answer(200, b'{"ok": true}', Content_Type=JSON)
PROBLEM = "application/problem+json"


@pytest.fixture
def waits() -> list[float]:
    return []


def transport(url: str, waits: list[float], tokens: TokenSource | None = None) -> Transport:
    return Transport(
        url,
        tokens or FixedToken("t"),
        network=Network(read_seconds=5),
        retries=RetryPolicy(attempts=4, sleep=waits.append),
        user_agent="modelry/test",
    )


@pytest.mark.parametrize("status", [429, 502, 503, 504])
def test_an_answer_that_asks_for_patience_is_asked_again(status: int, waits: list[float]) -> None:
    with scripted(answer(status), answer(status), FINE) as server:
        got = transport(server.url, waits).get("/x")

    assert got.document == {"ok": True}
    assert len(waits) == 2


def test_retry_after_is_the_least_that_is_waited(waits: list[float]) -> None:
    with scripted(answer(503, Retry_After="7"), FINE) as server:
        transport(server.url, waits).get("/x")

    assert 7 <= waits[0] <= 7.5


def test_waits_grow_and_are_cut_at_random() -> None:
    waits: list[float] = []
    policy = RetryPolicy(attempts=20, first_seconds=1, longest_seconds=8, sleep=waits.append)
    for attempt in range(1, 20):
        assert policy.wait(attempt)

    assert not policy.wait(20)
    assert all(0 <= wait <= min(8, 2**at) for at, wait in enumerate(waits))
    assert len(set(waits)) > 10


def test_a_retry_after_of_hours_is_given_up_at_once(waits: list[float]) -> None:
    with scripted(answer(503, Retry_After="7200")) as server, pytest.raises(Unavailable):
        transport(server.url, waits).get("/x")

    assert waits == []


def test_retry_after_may_be_a_date() -> None:
    assert retry_after_seconds({"Retry-After": "Tue, 01 Jan 2019 00:00:00 GMT"}) == 0.0
    assert retry_after_seconds({"Retry-After": "soon"}) is None
    assert retry_after_seconds({}) is None


def test_a_cut_connection_is_tried_again_for_reading(waits: list[float]) -> None:
    with scripted(cut, FINE) as server:
        assert transport(server.url, waits).get("/x").document == {"ok": True}


def test_a_cut_connection_is_not_tried_again_where_it_may_have_done_something(
    waits: list[float],
) -> None:
    with scripted(cut, FINE) as server, pytest.raises(Unavailable, match="failed"):
        transport(server.url, waits).request("POST", "/x", body={})

    assert len(server.asked) == 1


def test_a_problem_that_says_nothing_was_done_is_tried_again_for_writing(
    waits: list[float],
) -> None:
    unavailable = answer(503, b'{"detail": "no"}', Content_Type=PROBLEM)
    with scripted(unavailable, FINE) as server:
        transport(server.url, waits).request("POST", "/x", body={})

    assert len(server.asked) == 2


def test_nobody_there_is_reported_after_all_tries(waits: list[float]) -> None:
    with pytest.raises(Unavailable, match="refused") as failed:
        transport("http://127.0.0.1:9", waits).request("POST", "/x", body={})

    assert len(waits) == 2
    assert "Check that http://127.0.0.1:9 is the registry" in str(failed.value)


def test_a_body_cut_short_is_not_taken_for_an_answer(waits: list[float]) -> None:
    def short(handler: BaseHTTPRequestHandler, asked: Asked) -> None:
        handler.send_response(200)
        handler.send_header("Content-Length", "100")
        handler.end_headers()
        handler.wfile.write(b'{"ok"')
        handler.close_connection = True

    with scripted(short, FINE) as server:
        assert transport(server.url, waits).get("/x").document == {"ok": True}


def test_the_token_is_sent_and_redirects_are_not_followed(waits: list[float]) -> None:
    with scripted(answer(307, Location="http://127.0.0.1:9/elsewhere")) as server:
        got = transport(server.url, waits).get("/x", page_size=3, page_token=None)

    assert got.headers["Location"] == "http://127.0.0.1:9/elsewhere"
    assert server.asked[0].path == "/api/v1/x?page_size=3"
    assert server.asked[0].headers["Authorization"] == "Bearer t"


def test_a_refused_token_is_renewed_once(waits: list[float]) -> None:
    class Renewable:
        current = "old"

        def token(self, *, renew: bool = False) -> str | None:
            if renew:
                self.current = "new"
            return self.current

    with scripted(answer(401), FINE) as server:
        transport(server.url, waits, Renewable()).get("/x")
    with scripted(answer(401)) as refusing, pytest.raises(errors.NotSignedIn, match="login"):
        transport(refusing.url, waits, Renewable()).get("/x")

    assert [asked.headers["Authorization"] for asked in server.asked] == [
        "Bearer old",
        "Bearer new",
    ]
    assert len(refusing.asked) == 2


def test_a_problem_becomes_a_typed_error_that_ends_with_what_to_try(waits: list[float]) -> None:
    problem = {
        "status": 409,
        "detail": "Version 3 is pending.",
        "next_step": "Wait for its push.",
        "problems": [{"place": "a.bin", "message": "has not arrived"}],
        "request_id": "r1",
    }
    refusing = answer(409, json.dumps(problem).encode(), Content_Type=PROBLEM)
    with scripted(refusing) as server, pytest.raises(errors.Conflict) as refused:
        transport(server.url, waits).get("/x")

    assert refused.value.problems == (("a.bin", "has not arrived"),)
    assert str(refused.value).splitlines() == [
        "Version 3 is pending.",
        "  a.bin: has not arrived",
        "  (request r1)",
        "Wait for its push.",
    ]


@pytest.mark.parametrize("status", [400, 401, 403, 404, 409, 412, 413, 418, 422, 428, 500, 503])
def test_every_status_has_an_error_that_says_what_to_try(status: int) -> None:
    error = error_from_answer("GET /x", status, None)

    assert isinstance(error, ModelryError)
    assert len(str(error).splitlines()[-1]) > 20
    assert str(status) in error.message


def test_pages_are_asked_for_as_they_are_needed(waits: list[float]) -> None:
    pages = [
        answer(200, b'{"items": [{"n": 1}], "next_page_token": "p2"}', Content_Type=JSON),
        answer(200, b'{"items": [{"n": 2}], "next_page_token": null}', Content_Type=JSON),
    ]
    with scripted(*pages) as server:
        items: Iterator[object] = iter(transport(server.url, waits).items("/x"))
        assert server.asked == []
        assert next(items) == {"n": 1}
        assert len(server.asked) == 1
        assert list(items) == [{"n": 2}]

    assert server.asked[1].path == "/api/v1/x?page_token=p2"


@pytest.mark.parametrize(
    "url",
    ["http://models.example.org", "ftp://x", "models.example.org", "https://u:p@x", "https://x?a"],
)
def test_a_token_is_not_sent_to_an_unsafe_address(url: str) -> None:
    with pytest.raises(errors.Invalid):
        check_url(url, "the registry")


@pytest.mark.parametrize("url", ["http://127.0.0.1:80/", "http://localhost", "https://x/base/"])
def test_safe_addresses_lose_their_trailing_slash(url: str) -> None:
    assert check_url(url, "the registry") == url.rstrip("/")


def test_plain_http_can_be_allowed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MODELRY_ALLOW_HTTP", "true")

    assert check_url("http://modelry:8000", "the registry") == "http://modelry:8000"
