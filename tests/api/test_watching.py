"""What an operator sees of requests and parts: the line of each request, health, readiness."""

import json
import logging
import threading
from typing import Any

import pytest

from core.domain.access import Role
from core.errors import Unavailable
from handlers.api.health import Readiness
from handlers.logs import JsonLines
from tests.api.client import MODEL, Api, bearer


@pytest.fixture
def lines(caplog: pytest.LogCaptureFixture) -> Any:
    """Returns the lines of the log so far, each read as JSON."""
    caplog.set_level(logging.INFO, logger="modelry")

    def read() -> list[dict[str, Any]]:
        found = [JsonLines().format(it) for it in caplog.records if it.name == "modelry.requests"]
        return [json.loads(line) for line in found]

    return read


def test_each_request_has_one_line_that_says_who_what_and_what_came_of_it(lines: Any) -> None:
    api = Api()
    token = api.world.token(("default", Role.READER), subject="rita")

    answer = api.get(
        f"{MODEL}/versions/1?page_token=secret", headers={**bearer(token), "X-Request-Id": "abc"}
    )

    (line,) = lines()
    assert answer.status_code == 404
    assert isinstance(line.pop("duration_ms"), float)
    assert line.pop("time").endswith("Z")
    assert line == {
        "level": "info",
        "logger": "modelry.requests",
        "message": "request",
        "request_id": "abc",
        "subject": "subject:dev:rita",
        "method": "GET",
        "route": "/api/v1/namespaces/{namespace}/models/{model}/versions/{version}",
        "status": 404,
        "dialect": "native",
    }


def test_a_line_names_nothing_that_anybody_can_make_up(lines: Any) -> None:
    api = Api()
    token = "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJhbGljZSJ9.c2lnbmF0dXJl"

    api.get("/api/v1/namespaces/default/models/forged%22%7D")
    api.get("/api/v1/namespaces/default/models/a%0Aforged")
    api.get("/nothing/of/ours%0Aforged")
    api.get(MODEL, headers={"Authorization": f"Bearer {token}"})
    api.get("/health", headers={"X-Request-Id": 'x"}\\n{"forged":1'})

    assert [(line["status"], line["route"]) for line in lines()] == [
        (404, "/api/v1/namespaces/{namespace}/models/{model}"),
        (404, "unmatched"),
        (404, "unmatched"),
        (401, "/api/v1/namespaces/{namespace}/models/{model}"),
        (200, "/health"),
    ]
    assert lines()[3]["subject"] is None
    assert token not in json.dumps(lines())
    assert "forged" not in json.dumps(lines())


def test_each_dialect_has_its_routes_in_the_log(lines: Any) -> None:
    api = Api()

    api.get("/ns/default/api/model_registry/v1/registered_models/1")
    api.get("/api/2.0/mlflow/registered-models/get", params={"name": "iris"})

    assert [(line["dialect"], line["route"]) for line in lines()] == [
        (
            "kubeflow",
            "/ns/{namespace}/api/model_registry/v1/registered_models/{registered_model_id}",
        ),
        ("mlflow", "/api/2.0/mlflow/registered-models/get"),
    ]


def test_the_process_lives_whatever_it_stands_on() -> None:
    api = Api()
    del api.headers["Authorization"]
    api.world.database.down = api.world.blobs.down = True

    answer = api.get("/livez")

    assert (answer.status_code, answer.text) == (200, "OK")


def test_readiness_says_of_each_part_whether_it_answers() -> None:
    api = Api()
    del api.headers["Authorization"]
    api.world.database.down = True

    answer = api.get("/readyz")

    body = answer.json()
    assert (answer.status_code, body["status"]) == (503, "unavailable")
    assert body["parts"]["database"] == {
        "status": "down",
        "problem": "The database does not answer.",
    }
    assert body["parts"]["store"]["status"] == "ok"


def down() -> None:
    raise Unavailable("The issuer 'dev' gives no keys: no answer.")


def secretive() -> None:
    raise RuntimeError("mongodb://modelry:hunter2@db")


@pytest.mark.parametrize(
    ("name", "check", "status", "word"),
    [
        ("issuer dev", down, 200, "degraded"),
        ("issuer dev", threading.Event().wait, 200, "degraded"),
        ("database", secretive, 503, "unavailable"),
        ("store", threading.Event().wait, 503, "unavailable"),
        ("store", lambda: None, 200, "ready"),
    ],
)
def test_readiness_is_bounded_and_holds_what_is_needed_against_what_is_not(
    name: str, check: Any, status: int, word: str
) -> None:
    world = Api().world
    checks = {name: check} if name.startswith("issuer") else {}
    world.tokens.checks = lambda: checks  # type: ignore[method-assign]  # no part fails so itself
    if name == "database":
        world.database.ping = check  # type: ignore[method-assign]  # no part fails so itself
    elif name == "store":
        world.blobs.ping = check  # type: ignore[method-assign]  # no part fails so itself

    answer = Readiness(world.registry, deadline_seconds=0.5).answer()

    said = bytes(answer.body).decode()
    body = json.loads(said)
    assert (answer.status_code, body["status"]) == (status, word)
    assert "hunter2" not in said
    assert "problem" in body["parts"][name] or word == "ready"


def test_who_asks_in_a_loop_does_not_ask_the_parts() -> None:
    world, asked = Api().world, []
    world.blobs.ping = lambda: asked.append(1)  # type: ignore[method-assign]  # counts
    readiness = Readiness(world.registry)

    for _ in range(3):
        assert readiness.answer().status_code == 200

    assert asked == [1]
