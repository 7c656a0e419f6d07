"""Every refusal and every download leaves an event, whichever operation it was."""

import json
import re

import pytest

from core.domain.access import Role
from core.domain.events import Event
from tests.api.client import MODEL, Api, bearer, problem
from tests.api.operations import NAMES, OPERATIONS, ask, prepared, sealed_event
from tests.api.test_access import ALLOWED, FOR_ANYBODY
from tests.builders import ADMIN, World


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
    is_allowed |= (name, role) == ("revoke_token", "nobody")  # there is none to take from anybody

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


def test_an_auditor_reads_everything_of_all_namespaces(api: Api) -> None:
    api.world.registry.namespaces.create(ADMIN, "other", {})
    auditor = bearer(api.world.token(("*", Role.AUDITOR)))

    found = api.get("/api/v1/audit/events?page_size=1000", headers=auditor).json()["items"]

    assert {event["namespace"] for event in found} >= {"default", "other", "*"}
    ids = [event["id"] for event in found]
    assert ids == sorted(ids, reverse=True)


def test_an_owner_reads_what_is_of_the_namespace(api: Api) -> None:
    owner = bearer(api.world.token(("default", Role.OWNER)))
    api.get(f"{MODEL}/versions/1/downloads", headers=owner)

    own = api.get("/api/v1/audit/events?namespace=default&kind=download", headers=owner)

    assert [event["action"] for event in own.json()["items"]] == ["download.granted"]
    assert api.get("/api/v1/audit/events", headers=owner).status_code == 403
    problem(api.get("/api/v1/audit/events?namespace=other", headers=owner), 404, "not-found")


def test_an_owner_does_not_reach_the_events_of_others_by_their_ids(api: Api) -> None:
    api.world.registry.namespaces.create(ADMIN, "other", {})
    owner = bearer(api.world.token(("other", Role.OWNER)))
    event = sealed_event(api.world)

    for path in (event, f"{event}/proof"):
        answer = api.get(f"/api/v1/audit/events/{path}?namespace=other", headers=owner)
        problem(answer, 404, "not-found")


def test_pages_in_lines_and_in_cloud_events_hold_what_pages_in_json_do(api: Api) -> None:
    url = "/api/v1/audit/events?order=oldest&page_size=4"
    as_json = api.get(url)
    as_lines = api.get(f"{url}&format=ndjson")
    as_batch = api.get(f"{url}&format=cloudevents")

    items = as_json.json()["items"]
    token = as_json.json()["next_page_token"]
    assert as_lines.headers["content-type"].startswith("application/x-ndjson")
    assert [json.loads(line) for line in as_lines.text.splitlines()] == items
    assert as_lines.headers["modelry-next-page-token"] == token
    assert as_batch.headers["content-type"] == "application/cloudevents-batch+json"
    assert as_batch.headers["modelry-next-page-token"] == token
    assert [event["data"] for event in as_batch.json()] == items


def test_a_cloud_event_is_one_by_the_specification(api: Api) -> None:
    (event,) = api.get("/api/v1/audit/events?format=cloudevents&page_size=1").json()

    assert event["specversion"] == "1.0"
    assert event["id"] == event["data"]["id"]
    assert event["source"].endswith("/api/v1/namespaces/" + event["data"]["namespace"])
    assert event["type"] == "modelry." + event["data"]["action"]
    assert event["time"] == event["data"]["at"]
    assert event["datacontenttype"] == "application/json"
    for name in event.keys() - {"data"}:
        assert re.fullmatch("[a-z0-9]{1,20}", name)
        assert isinstance(event[name], str)


def test_an_event_that_is_under_no_checkpoint_yet_cannot_be_proved(api: Api) -> None:
    api.get(f"{MODEL}/versions/1/downloads")
    event = accesses(api.world)[-1]

    answer = api.get(f"/api/v1/audit/events/{event.id}/proof")

    assert "under no checkpoint yet" in problem(answer, 409, "conflict")["detail"]


def test_a_checkpoint_is_read_from_the_store_or_from_the_database(api: Api) -> None:
    url = "/api/v1/audit/checkpoints/1"
    kept = api.get(url).json()
    assert api.get(f"{url}?copy=database").json() == kept

    api.world.blobs.remove(".audit/000000000001.json")

    assert "store has no document" in problem(api.get(url), 404, "not-found")["detail"]
    assert api.get(f"{url}?copy=database").json() == kept
    problem(api.get("/api/v1/audit/checkpoints/99"), 404, "not-found")


def test_anybody_finds_the_public_keys(api: Api) -> None:
    del api.headers["Authorization"]

    (key,) = api.get("/.well-known/modelry-audit-keys").json()["keys"]

    assert (key["kty"], key["crv"], key["kid"]) == (
        "OKP",
        "Ed25519",
        api.world.registry.signer.key_id,
    )


def test_a_time_that_is_none_is_refused(api: Api) -> None:
    problem(api.get("/api/v1/audit/events?since=yesterday"), 422, "invalid")


def test_a_key_that_is_none_is_told_and_breaks_nothing() -> None:
    api = Api(audit_key="none")

    assert (
        "MODELRY_AUDIT_KEY"
        in problem(api.get("/.well-known/modelry-audit-keys"), 422, "invalid")["detail"]
    )
