"""Requests for approval over HTTP: what is answered, and what each refusal says."""

from typing import Any

import pytest

from core.domain.access import Role
from tests.api.client import MODEL, Api, bearer, problem
from tests.builders import gated

VERSION = f"{MODEL}/versions/1"
TWO = {"rule": "approval", "count": 2}


@pytest.fixture
def api() -> Api:
    """Version 1 of `iris`; the way to Staging needs two approvals."""
    made = Api()
    made.world.pushed({"a": b"1"})
    gated(made.world, "Development", "Staging", TWO)
    return made


def ask(api: Api, **said: Any) -> Any:
    return api.post(f"{VERSION}/approvals", json={"to": "Staging", **said})


def step(api: Api, asked: Any, verb: str, who: str = "", **said: Any) -> Any:
    headers = bearer(api.world.token(("default", Role.APPROVER), subject=who)) if who else {}
    place = f"{MODEL}/approvals/{asked.json()['id']}/{verb}"
    return api.post(place, json=said or None, headers=headers)


def test_a_request_is_made_decided_and_read(api: Api) -> None:
    asked = ask(api, comment="please", expires_in_seconds=3_600)
    digest = asked.json()["today"]["digest"]
    step(api, asked, "comment", "bob", text="looks good")
    first = step(api, asked, "approve", "bob", digest=digest, comment="fine")
    second = step(api, asked, "approve", "carol", digest=digest)
    read = api.get(asked.headers["location"])

    assert asked.status_code == 201
    assert asked.json()["needs"] == {"approver": 2}
    assert asked.json()["today"]["missing"] == {"approver": 2}
    assert first.json()["today"]["missing"] == {"approver": 1}
    assert second.json()["today"]["missing"] == {}
    assert read.json() == second.json()
    assert read.json()["state"] == "approved"
    assert read.json()["today"]["approved_by"] == ["subject:dev:bob", "subject:dev:carol"]
    assert [each["text"] for each in read.json()["comments"]] == ["please", "looks good"]


def test_asking_again_is_answered_with_the_request_that_stands(api: Api) -> None:
    first, second = ask(api), ask(api)

    assert (first.status_code, second.status_code) == (201, 200)
    assert first.json() == second.json()
    assert first.headers["location"] == second.headers["location"]


def test_a_copy_is_not_good_any_more_when_what_is_judged_has_changed(api: Api) -> None:
    place = ask(api).headers["location"]
    before = api.get(place).headers["etag"]
    same = api.get(place, headers={"If-None-Match": before})
    api.patch(VERSION, json={"metadata": {"a": 1}}, headers={"If-Match": "*"})

    after = api.get(place, headers={"If-None-Match": before})

    assert (same.status_code, after.status_code) == (304, 200)
    assert after.json()["today"]["changed"] == ["metadata"]


def test_a_digest_that_is_not_todays_is_refused_naming_what_changed(api: Api) -> None:
    asked = ask(api)
    api.patch(VERSION, json={"tags": {"a": "1"}}, headers={"If-Match": "*"})

    refused = step(api, asked, "approve", "bob", digest=asked.json()["digest"])

    body = problem(refused, 412, "stale")
    assert "since the request, tags changed" in body["detail"]
    assert body["problems"] == [{"place": "tags", "message": "changed since the request"}]


def test_refusals_have_their_status(api: Api) -> None:
    asked = ask(api)
    digest = asked.json()["digest"]
    bob = {"digest": digest}
    step(api, asked, "approve", "bob", **bob)

    problem(step(api, asked, "approve", **bob), 403, "forbidden")  # who asked for it
    problem(step(api, asked, "approve", "bob", **bob), 409, "conflict")  # twice
    problem(step(api, asked, "withdraw", "bob"), 403, "forbidden")
    assert step(api, asked, "withdraw").json()["state"] == "withdrawn"
    problem(step(api, asked, "reject", "carol", **bob), 409, "conflict")  # closed
    problem(api.get(f"{MODEL}/approvals/nothing"), 404, "not-found")
    problem(step(api, asked, "approve", "carol", comment="fine"), 422, "invalid")  # no digest


@pytest.mark.parametrize(
    ("said", "status"),
    [
        ({"to": "Heaven"}, 404),
        ({"to": "Production"}, 409),
        ({"to": ""}, 404),
        ({"expires_in_seconds": 0}, 422),
        ({"expires_in_seconds": 10**30}, 422),
        ({"expires_in_seconds": 91 * 86_400}, 422),
        ({"comment": "x" * 5_000}, 422),
        ({"until": "tomorrow"}, 422),
    ],
)
def test_a_request_that_makes_no_sense_is_refused(
    api: Api, said: dict[str, Any], status: int
) -> None:
    assert ask(api, **said).status_code == status


def test_what_waits_is_listed_for_who_can_decide_it(api: Api) -> None:
    asked = ask(api)
    waiting = "/api/v1/namespaces/default/approvals"
    bob = bearer(api.world.token(("default", Role.APPROVER), subject="bob"))

    def ids(**request: Any) -> list[str]:
        return [each["id"] for each in api.get(waiting, **request).json()["items"]]

    assert ids(headers=bob) == [asked.json()["id"]]
    assert ids() == []
    assert ids(params={"all": "true"}) == [asked.json()["id"]]
    of_version = api.get(f"{VERSION}/approvals").json()["items"]
    assert [each["id"] for each in of_version] == [asked.json()["id"]]


def test_a_request_has_a_history_and_a_past(api: Api) -> None:
    asked = ask(api)
    then = asked.json()["requested_at"]
    api.world.clock.advance(seconds=60)
    step(api, asked, "approve", "bob", digest=asked.json()["digest"])
    place = asked.headers["location"]

    history = api.get(f"{place}/history").json()["items"]
    past = api.get(place, params={"as_of": then}).json()

    assert [each["action"] for each in history] == ["approval.approved", "approval.requested"]
    assert {each["field"] for each in history[0]["changes"]} == {"/decisions"}
    assert (past["decisions"], past["today"], past["state"]) == ([], None, "open")


def test_a_repeated_creation_says_so(api: Api) -> None:
    headers = {"Idempotency-Key": "once"}
    body = {"to": "Staging"}
    first = api.post(f"{VERSION}/approvals", json=body, headers=headers)
    again = api.post(f"{VERSION}/approvals", json=body, headers=headers)

    assert again.json()["id"] == first.json()["id"]
    assert again.headers["idempotency-replayed"] == "true"
