"""Every refusal and every download leaves an event, whichever operation it was."""

import pytest

from core.domain.access import Role
from core.domain.events import Event
from tests.api.client import MODEL, Api, bearer
from tests.api.operations import NAMES, OPERATIONS, ask, prepared
from tests.api.test_access import ALLOWED, FOR_ANYBODY
from tests.builders import World


@pytest.fixture
def api(monkeypatch: pytest.MonkeyPatch) -> Api:
    monkeypatch.setattr("core.domain.files.PART_BYTES", 8)
    return prepared()


def accesses(world: World) -> list[Event]:
    return list(world.database._tables.accesses.values())


@pytest.mark.parametrize("role", ["reader", "nobody"])
@pytest.mark.parametrize(("name", "method", "path"), OPERATIONS, ids=NAMES)
def test_whatever_is_refused_is_told_of_once(
    api: Api, name: str, method: str, path: str, role: str
) -> None:
    roles = [("default", Role.READER)] if role == "reader" else []
    token = api.world.token(*roles, subject="bob")
    is_allowed = name in FOR_ANYBODY or (role == "reader" and role in ALLOWED[name])

    answer = ask(api, name, method, path, token)

    told = [event for event in accesses(api.world) if event.action == "access.refused"]
    assert len(told) == (0 if is_allowed else 1)
    for event in told:
        assert event.actor == "subject:dev:bob"
        assert event.request_id == answer.json()["request_id"]
        assert event.dialect == "native"
        assert event.address
        assert event.details is not None
        assert event.details["wanted"]
        assert event.details["route"].startswith(f"{method} /")
        assert event.details["answer"] == answer.json()["type"].rpartition(":")[2]


def test_a_refusal_is_answered_though_its_event_cannot_be_stored(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    from core.errors import Unavailable

    def fail(self: object, event: object) -> None:
        raise Unavailable("The database does not answer.")

    monkeypatch.setattr(type(api.world.database.audit), "note", fail)
    token = api.world.token(("default", Role.READER))

    assert api.delete(f"{MODEL}?reason=x", headers=bearer(token)).status_code == 403


@pytest.mark.parametrize("path", ["versions/1/downloads", "versions/@champion/files/a"])
def test_whoever_pulls_is_told_of(api: Api, path: str) -> None:
    token = api.world.token(("default", Role.READER), subject="bob")

    api.get(f"{MODEL}/{path}", headers=bearer(token))

    (event,) = accesses(api.world)
    assert (event.action, event.actor, event.subject) == (
        "download.granted",
        "subject:dev:bob",
        "default/iris/1",
    )


def test_a_reader_finds_neither_among_the_events(api: Api) -> None:
    token = api.world.token(("default", Role.READER))
    api.delete(f"{MODEL}?reason=x", headers=bearer(token))
    api.get(f"{MODEL}/versions/1/downloads", headers=bearer(token))

    found = api.get("/api/v1/namespaces/default/events?page_size=1000", headers=bearer(token))

    kinds = {event["kind"] for event in found.json()["items"]}
    assert kinds.isdisjoint({"access", "download"})
    assert len(accesses(api.world)) == 2
