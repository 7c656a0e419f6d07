"""The past over HTTP: as of a time, history, differences, undo; deletion and the way back."""

from datetime import timedelta
from typing import Any

import pytest

from core.domain.access import system_caller
from handlers.api.v1.answers import time_text
from tests.api.client import MODEL, Api, problem

MODELS = MODEL.rpartition("/")[0]
ANY = {"If-Match": "*"}


@pytest.fixture
def api() -> Api:
    """A model with the ready versions 1 and 2, which @champion names one second apart."""
    made = Api(delete_grace_seconds=60)
    made.world.pushed({"a": b"1"})
    made.world.pushed({"a": b"2"})
    for number in ("1", "2"):
        made.world.clock.advance(seconds=1)
        made.put(f"{MODEL}/aliases/champion", json={"version": number, "reason": f"to {number}"})
    return made


def moment(api: Api, seconds_ago: float = 0) -> str:
    return time_text(api.world.clock.now() - timedelta(seconds=seconds_ago))


def test_a_reference_is_resolved_as_of_a_time(api: Api) -> None:
    then = {"as_of": moment(api, 1)}

    now = api.get(f"{MODEL}/versions/@champion").json()
    before = api.get(f"{MODEL}/versions/@champion", params=then).json()

    assert (now["number"], before["number"]) == (2, 1)
    assert before["aliases"] == ["champion"]
    assert api.get(f"{MODEL}/aliases/champion", params=then).json()["version"] == 1
    assert api.get(f"{MODEL}/versions/1", params=then).json() == before
    assert api.get(f"{MODEL}/versions/@champion/files", params=then).status_code == 200
    found = api.get(f"{MODEL}/versions/@champion/downloads", params=then).json()
    assert "/1/a" in found["items"][0]["url"]


def test_a_page_of_a_time_goes_on_at_that_time(api: Api) -> None:
    then = {"as_of": moment(api), "page_size": 1}
    first = api.get(f"{MODEL}/versions", params=then).json()
    token = {"page_token": first["next_page_token"]}
    api.world.clock.advance(seconds=1)
    api.world.pushed({"a": b"3"})

    second = api.get(f"{MODEL}/versions", params=then | token).json()

    assert [each["items"][0]["number"] for each in (first, second)] == [2, 1]
    assert second["next_page_token"] is None
    problem(api.get(f"{MODEL}/versions", params={"page_size": 1} | token), 422, "invalid")


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("yesterday", 422),
        ("2026-01-01", 422),
        ("2026-01-01T00:00:00", 422),
        ("2026-13-01T00:00:00Z", 422),
        ("0001-01-01T00:00:00+12:00", 422),
        ("9999-01-01T00:00:00Z", 422),
        ("1900-01-01T00:00:00Z", 404),
        ("2026-01-01T01:00:00+01:00", 404),
    ],
)
def test_a_time_that_cannot_be_answered_says_why(api: Api, text: str, status: int) -> None:
    kind = "invalid" if status == 422 else "not-found"

    for path in (MODEL, f"{MODEL}/versions/1", f"{MODEL}/aliases", "/api/v1/namespaces/default"):
        body = problem(api.get(path, params={"as_of": text}), status, kind)
        assert any(word in body["next_step"] for word in ("RFC 3339", "time", "2026-01-02"))


def test_the_history_says_who_why_and_what_field_by_field(api: Api) -> None:
    api.world.clock.advance(seconds=1)
    api.patch(MODEL, json={"metadata": {"a/b": {"c": 1}}, "owner": "us"}, headers=ANY)
    api.world.clock.advance(seconds=1)
    api.patch(
        MODEL, json={"metadata": {"a/b": {"c": 2}}}, headers=ANY, params={"reason": "recount"}
    )

    found = api.get(f"{MODEL}/history", params={"page_size": 3}).json()["items"]

    assert [each["action"] for each in found] == [
        "model.updated",
        "model.updated",
        "model.alias-moved",
    ]
    assert (found[0]["reason"], found[0]["actor"]) == ("recount", "subject:dev:root")
    assert found[0]["changes"] == [{"field": "/metadata/a~1b/c", "before": 1, "after": 2}]
    assert {"field": "/owner", "before": None, "after": "us"} in found[1]["changes"]
    assert found[2]["changes"] == [{"field": "/aliases/champion", "before": 1, "after": 2}]


@pytest.mark.parametrize(
    ("path", "actions"),
    [
        (f"{MODEL}/aliases/champion", ["alias.moved", "alias.set"]),
        (
            f"{MODEL}/versions/1",
            [
                "version.alias-removed",
                "version.alias-set",
                "version.ready",
                "version.registered",
            ],
        ),
        ("/api/v1/namespaces/default", ["namespace.created"]),
    ],
)
def test_every_object_has_a_history(api: Api, path: str, actions: list[str]) -> None:
    found = api.get(f"{path}/history").json()["items"]

    assert [each["action"] for each in found] == actions
    problem(api.get(f"{path}0/history"), 404, "not-found")


def test_two_times_are_compared_field_by_field(api: Api) -> None:
    then = moment(api, 1)

    found = api.get(f"{MODEL}/diff", params={"from": then}).json()["changes"]
    none = api.get(f"{MODEL}/diff", params={"from": then, "to": then}).json()["changes"]
    wrong = api.get(f"{MODEL}/diff", params={"from": moment(api), "to": then})

    assert found == [{"field": "/aliases/champion", "before": 1, "after": 2}]
    assert none == []
    problem(wrong, 422, "invalid")


def test_an_update_is_undone_and_the_one_before_it(api: Api) -> None:
    for owner in ("a", "b"):
        api.patch(MODEL, json={"owner": owner}, headers=ANY)

    once = api.post(f"{MODEL}/undo", headers={"If-Match": api.get(MODEL).headers["etag"]})
    twice = api.post(f"{MODEL}/undo", headers=ANY)
    thrice = api.post(f"{MODEL}/undo", headers=ANY)

    assert [each.json()["owner"] for each in (once, twice)] == ["a", None]
    assert twice.json()["aliases"] == {"champion": 2}
    problem(thrice, 409, "conflict")
    problem(api.post(f"{MODEL}/undo"), 428, "precondition-required")
    problem(api.post(f"{MODEL}/undo", headers={"If-Match": '"1"'}), 412, "stale")
    actions = [each["action"] for each in api.get(f"{MODEL}/history").json()["items"]]
    assert actions[:2] == ["model.update-undone"] * 2


def test_an_update_that_something_else_built_on_is_not_undone(api: Api) -> None:
    api.patch(MODEL, json={"owner": "a"}, headers=ANY)
    for verb in ("archive", "restore"):
        assert api.post(f"{MODEL}/{verb}").status_code == 200
    tables = api.world.database._tables
    key = ("default", "iris")
    from dataclasses import replace

    tables.models[key] = replace(tables.models[key], owner="else")

    body = problem(api.post(f"{MODEL}/undo", headers=ANY), 409, "conflict")

    assert [each["place"] for each in body["problems"]] == ["owner"]


def test_what_is_archived_is_out_of_lists_and_can_be_read(api: Api) -> None:
    api.post(f"{MODEL}/archive", params={"reason": "old"})
    api.post(f"{MODEL}/versions/1/archive")

    def listed(path: str, **params: str) -> int:
        return len(api.get(path, params=params).json()["items"])

    assert (listed(MODELS), listed(MODELS, include="archived")) == (0, 1)
    assert (listed(f"{MODEL}/versions"), listed(f"{MODEL}/versions", include="archived")) == (1, 2)
    assert api.get(MODEL).json()["state"] == "archived"
    assert api.get(f"{MODEL}/versions/1").json()["retention"] == "archived"
    assert api.get(f"{MODEL}/versions/1/downloads").status_code == 200
    problem(api.put(f"{MODEL}/aliases/old", json={"version": "1"}), 409, "conflict")
    for path in (MODEL, f"{MODEL}/versions/1"):
        assert api.post(f"{path}/restore").status_code == 200
    assert (listed(MODELS), listed(f"{MODEL}/versions")) == (1, 2)


@pytest.mark.parametrize("verb", ["archive", "delete"])
def test_a_version_that_an_alias_points_to_stays(api: Api, verb: str) -> None:
    path = f"{MODEL}/versions/@champion"

    answer = (
        api.post(f"{path}/archive")
        if verb == "archive"
        else api.delete(path, params={"reason": "why"})
    )

    assert "@champion" in problem(answer, 409, "conflict")["detail"]


@pytest.mark.parametrize("path", [MODEL, f"{MODEL}/versions/1"])
def test_a_deletion_says_why_and_can_be_taken_back_in_time(api: Api, path: str) -> None:
    before = api.get(path).json()
    problem(api.delete(path), 422, "invalid")
    problem(api.delete(path, params={"reason": " "}), 422, "invalid")

    deleted = api.delete(path, params={"reason": "leaked data"})
    gone = api.get(path)
    history = api.get(f"{path}/history").json()["items"][0]
    api.world.clock.advance(seconds=59)
    back = api.post(f"{path}/undelete")

    assert deleted.json()["purge_at"] == time_text(api.world.clock.now() + timedelta(seconds=1))
    assert "can be undeleted until 2026-01-02T" in problem(gone, 404, "not-found")["detail"]
    assert history["reason"] == "leaked data"
    assert back.status_code == 200
    after = api.get(path).json()
    moved = {"revision", "updated_at", "updated_by"}
    assert {k: v for k, v in after.items() if k not in moved} == {
        k: v for k, v in before.items() if k not in moved
    }
    problem(api.post(f"{path}/undelete"), 409, "conflict")


def test_a_deleted_model_takes_its_versions_along_and_back(api: Api) -> None:
    then = {"as_of": moment(api)}
    api.world.clock.advance(seconds=1)
    api.delete(MODEL, params={"reason": "why"})

    for path in (
        f"{MODEL}/versions",
        f"{MODEL}/versions/1",
        f"{MODEL}/versions/@champion",
        f"{MODEL}/versions/latest/downloads",
        f"{MODEL}/aliases",
    ):
        body = problem(api.get(path), 404, "not-found")
        assert "can be undeleted until" in body["detail"], path
    assert api.get(f"{MODEL}/versions/1", params=then).json()["number"] == 1
    assert len(api.get(MODELS, params=then).json()["items"]) == 1
    problem(api.get(MODEL, params={"as_of": moment(api)}), 404, "not-found")
    assert api.post(f"{MODEL}/undelete").status_code == 200
    assert api.get(f"{MODEL}/versions/@champion").json()["number"] == 2


def sweep(api: Api) -> Any:
    return api.world.registry.purges.purge(system_caller("sweep"))


def test_after_the_grace_period_the_bytes_are_gone_and_the_name_stays(api: Api) -> None:
    then = {"as_of": moment(api)}
    keys = [f"default/iris/{number}/a" for number in (1, 2)]
    api.delete(MODEL, params={"reason": "why"})
    taken = problem(api.post(MODELS, json={"name": "iris"}), 409, "conflict")
    api.world.clock.advance(seconds=60)
    assert sweep(api) == 0
    api.world.clock.advance(seconds=0.001)

    assert sweep(api) == 3
    assert sweep(api) == 0

    assert "undelete" in taken["next_step"]
    assert [api.world.blobs.stat(key) for key in keys] == [None, None]
    problem(api.post(f"{MODEL}/undelete"), 409, "conflict")
    again = problem(api.post(MODELS, json={"name": "iris"}), 409, "conflict")
    assert "reuse_deleted" in again["next_step"]
    new = api.post(MODELS, json={"name": "iris"}, params={"reuse_deleted": "true"})
    assert (new.status_code, new.json()["last_version"], new.json()["aliases"]) == (201, 2, {})
    assert api.post(f"{MODEL}/versions", json={}).json()["number"] == 3
    problem(api.get(f"{MODEL}/versions/2"), 404, "not-found")
    assert api.get(f"{MODEL}/versions/@champion", params=then).status_code == 404
    problem(api.get(f"{MODEL}/versions/2/files", params=then), 404, "not-found")


def test_a_purged_version_leaves_its_number_and_its_digest(api: Api) -> None:
    digest = api.get(f"{MODEL}/versions/1").json()["digest"]
    then = {"as_of": moment(api)}
    api.world.clock.advance(seconds=1)
    api.delete(f"{MODEL}/versions/1", params={"reason": "why"})
    api.world.clock.advance(seconds=61)

    assert sweep(api) == 1

    assert "for good" in problem(api.get(f"{MODEL}/versions/1"), 404, "not-found")["detail"]
    assert api.get(f"{MODEL}/versions/1", params=then).json()["digest"] == digest
    problem(api.get(f"{MODEL}/versions/1/files", params=then), 409, "conflict")
    assert api.get(f"{MODEL}/versions/1/history").json()["items"][0]["action"] == "version.purged"
    assert api.world.database.versions.get("default", "iris", 1).digest == digest


def test_grants_and_events_are_read_as_of_a_time(api: Api) -> None:
    grants = "/api/v1/namespaces/default/grants"
    then = {"as_of": moment(api)}
    told = len(api.get("/api/v1/namespaces/default/events").json()["items"])
    api.world.clock.advance(seconds=1)
    api.put(grants, json={"grantee": "group:dev:team", "role": "reader"}, params={"reason": "new"})

    assert len(api.get(grants, params=then).json()["items"]) == 1
    assert len(api.get(grants).json()["items"]) == 2
    events = api.get("/api/v1/namespaces/default/events", params=then).json()["items"]
    assert len(events) == told
    now = api.get("/api/v1/namespaces/default/events").json()["items"]
    assert (len(now), now[0]["reason"]) == (told + 1, "new")


@pytest.mark.parametrize("name", ["2.0.0", "~=2.0"])
def test_a_version_is_named_by_its_semantic_version_as_of_a_time(api: Api, name: str) -> None:
    for minor in (0, 1):
        api.world.clock.advance(seconds=1)
        body = {"parameters": {"n": minor}, "version": f"2.{minor}.0"}
        assert api.post(f"{MODEL}/versions", json=body).status_code == 201

    found = api.get(f"{MODEL}/versions/{name}", params={"as_of": moment(api, 1)})
    before = api.get(f"{MODEL}/versions/{name}", params={"as_of": moment(api, 2)})

    assert found.json()["number"] == 3
    problem(before, 404, "not-found")


def test_the_semantic_version_of_a_deleted_version_is_not_used_again(api: Api) -> None:
    number = api.post(f"{MODEL}/versions", json={"version": "7.0.0"}).json()["number"]
    api.delete(f"{MODEL}/versions/{number}", params={"reason": "why"})

    again = api.post(f"{MODEL}/versions", json={"version": "7.0.0", "parameters": {"n": 1}})

    problem(again, 409, "conflict")
