"""Giving a model another name."""

import pytest

from tests.api.client import MODEL, Api, problem


@pytest.fixture
def api() -> Api:
    return Api()


def test_a_model_gets_another_name(api: Api) -> None:
    api.world.pushed({"a.bin": b"1"})

    renamed = api.post(f"{MODEL}/rename", json={"name": "rose"}, params={"reason": "clearer"})

    assert renamed.status_code == 200, renamed.text
    body = renamed.json()
    assert (body["name"], body["last_version"], body["id"]) == ("rose", 1, "1")
    assert renamed.headers["etag"] == f'"{body["revision"]}"'
    problem(api.get(MODEL), 404, "not-found")
    rose = "/api/v1/namespaces/default/models/rose"
    assert api.get(f"{rose}/versions/1/files/a.bin").status_code == 307
    (change,) = api.get(f"{rose}/history").json()["items"]
    assert (change["action"], change["reason"]) == ("model.renamed", "clearer")


def test_what_stands_in_the_way_is_named(api: Api) -> None:
    api.world.pushed({"a.bin": b"1"})
    grant = {"grantee": "subject:dev:bob", "role": "reader", "model": "iris"}
    api.put("/api/v1/namespaces/default/grants", json=grant).raise_for_status()

    refused = problem(api.post(f"{MODEL}/rename", json={"name": "rose"}), 409, "conflict")

    assert refused["problems"][0]["place"] == "grant subject:dev:bob"


def test_a_name_that_is_none_or_taken_is_refused(api: Api) -> None:
    api.world.pushed({"a.bin": b"1"})
    api.world.pushed({"a.bin": b"1"}, model="rose")
    stale = {"If-Match": '"99"'}

    problem(api.post(f"{MODEL}/rename", json={"name": "a/b"}), 422, "invalid")
    problem(api.post(f"{MODEL}/rename", json={}), 422, "invalid")
    problem(api.post(f"{MODEL}/rename", json={"name": "rose"}), 409, "conflict")
    problem(api.post(f"{MODEL}/rename", json={"name": "lily"}, headers=stale), 412, "stale")
