"""Events over HTTP: storage events and schedules, from those who show the token."""

import base64
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.testclient import TestClient

from core.domain.versions import ByNumber
from core.errors import Invalid
from handlers.events.cloud_events import unwrapped
from handlers.functions.arrivals import MAX_EVENT_BYTES, event_app
from tests.api.client import problem
from tests.builders import ADMIN, World
from tests.e2e.function_events import minio_notification, queued, s3_notification

TOKEN = "a-token-of-the-senders"
CONTENT = b"weights"


class Arrivals(TestClient):
    """The events' way into a `World` with a version that waits for one file, which has come."""

    def __init__(self, token: str = TOKEN) -> None:
        self.world = World(events_token=token)
        super().__init__(event_app(self.world.registry, self.world.settings))
        self.headers["Authorization"] = f"Bearer {TOKEN}"
        self.world.registry.models.register(ADMIN, "default", "iris", {})
        self.version = self.world.registered({"model.bin": CONTENT})
        self.world.send(self.version, {"model.bin": CONTENT})

    @property
    def key(self) -> str:
        return f"{self.version.key_prefix}model.bin"

    def state(self) -> str:
        return str(self.world.registry.versions.get(ADMIN, "default", "iris", ByNumber(1)).state)


@pytest.fixture
def arrivals() -> Arrivals:
    return Arrivals()


def structured(data: Any) -> dict[str, Any]:
    return {"specversion": "1.0", "id": "1", "source": "store", "type": "created", "data": data}


def in_base64(data: Any) -> dict[str, Any]:
    event = structured(None)
    del event["data"]
    return {**event, "data_base64": base64.b64encode(json.dumps(data).encode()).decode()}


def test_a_webhook_of_the_store_makes_a_version_ready(arrivals: Arrivals) -> None:
    answer = arrivals.post("/uploads", json=minio_notification("modelry", arrivals.key))

    assert (answer.status_code, answer.json()) == (200, {"outcomes": {"ready": 1}})
    assert arrivals.state() == "ready"


@pytest.mark.parametrize(
    ("kind", "wrapped"),
    [
        ("application/json", lambda data: data),
        ("application/cloudevents+json; charset=UTF-8", structured),
        ("application/cloudevents+json", in_base64),
        ("application/cloudevents-batch+json", lambda data: [structured(data), structured(data)]),
    ],
)
def test_every_mode_of_cloudevents_is_understood(
    arrivals: Arrivals, kind: str, wrapped: Any
) -> None:
    body = json.dumps(wrapped(s3_notification("modelry", arrivals.key)))

    answer = arrivals.post("/uploads", content=body, headers={"Content-Type": kind})

    assert answer.json()["outcomes"]["ready"] == 1
    assert arrivals.state() == "ready"


def test_a_schedule_s_post_sweeps_with_or_without_a_body(arrivals: Arrivals) -> None:
    for body in (b"", b"{}"):
        answer = arrivals.post("/sweep", content=body)

        assert answer.status_code == 200
        assert {"expired", "purged", "sealed"} <= answer.json().keys()


@pytest.mark.parametrize("header", [None, "", "Bearer", "Bearer wrong", f"Basic {TOKEN}", TOKEN])
@pytest.mark.parametrize("method", ["POST", "HEAD"])
def test_without_the_token_nothing_is_taken(
    arrivals: Arrivals, header: str | None, method: str
) -> None:
    del arrivals.headers["Authorization"]
    headers = {} if header is None else {"Authorization": header}

    for path in ("/uploads", "/sweep"):
        assert arrivals.request(method, path, headers=headers).status_code == 401
    assert arrivals.state() == "pending"


@pytest.mark.parametrize("header", ["Bearer ", "Bearer", ""])
def test_where_no_token_is_set_there_are_no_events_to_send(header: str) -> None:
    arrivals = Arrivals("")
    arrivals.headers["Authorization"] = header

    for path in ("/uploads", "/sweep"):
        problem(arrivals.post(path), 404, "not-found")


def test_a_store_may_ask_whether_anybody_is_there(arrivals: Arrivals) -> None:
    assert arrivals.head("/uploads").status_code == 200
    assert arrivals.post("/uploads", json={"Records": []}).json() == {"outcomes": {}}


def test_what_cannot_be_handled_now_is_503_so_that_it_comes_again(arrivals: Arrivals) -> None:
    arrivals.world.blobs.down = True
    direct = s3_notification("modelry", arrivals.key)

    answers = [arrivals.post("/uploads", json=each) for each in (direct, queued(m1=direct))]
    arrivals.world.blobs.down = False
    again = arrivals.post("/uploads", json=direct)

    for answer in answers:
        problem(answer, 503, "unavailable")
        assert answer.headers["retry-after"]
    assert again.json() == {"outcomes": {"ready": 1}}


def test_an_event_that_is_too_long_is_not_read_to_its_end(arrivals: Arrivals) -> None:
    answer = arrivals.post("/uploads", content=b" " * (MAX_EVENT_BYTES + 1))

    problem(answer, 413, "too-large")


@pytest.mark.parametrize("path", ["/", "/relays", "/uploads/", "/sweep/x"])
def test_there_are_no_other_events(arrivals: Arrivals, path: str) -> None:
    problem(arrivals.post(path), 404, "not-found")


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("application/json", b"{"),
        ("application/json", b"\xff"),
        ("application/json", b"[" * 100_000),
        ("application/cloudevents+json", b"{}"),
        ("application/cloudevents+json", b'{"specversion": "0.3", "data": {}}'),
        ("application/cloudevents+json", b'{"specversion": "1.0", "data_base64": "?"}'),
        ("application/cloudevents-batch+json", b"{}"),
        ("application/cloudevents-batch+json", b"[5]"),
    ],
)
def test_what_is_no_event_is_refused(arrivals: Arrivals, kind: str, body: bytes) -> None:
    answer = arrivals.post("/uploads", content=body, headers={"Content-Type": kind})

    problem(answer, 422, "invalid")


@given(
    st.sampled_from(["", "application/json", "application/cloudevents+json"])
    | st.just("application/cloudevents-batch+json"),
    st.binary()
    | st.recursive(
        st.none() | st.text() | st.sampled_from([{"specversion": "1.0"}]),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    ).map(lambda value: json.dumps(value).encode()),
)
def test_no_body_whatever_it_holds_raises_anything_but_invalid(kind: str, body: bytes) -> None:
    try:
        events = unwrapped(kind, body)
    except Invalid:
        return
    assert isinstance(events, list)
