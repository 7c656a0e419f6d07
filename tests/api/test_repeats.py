"""Automatic versions over HTTP: what the answer to a registration says."""

from typing import Any

import pytest

from tests.api.client import MODEL, Api, declared, problem

TRAINING: dict[str, Any] = {
    "parameters": {"depth": 3},
    "datasets": [{"name": "iris", "digest": "sha256:1"}],
    "code": {"commit": "c0ffee"},
    "signature": {"inputs": ["x"]},
}


@pytest.fixture
def api() -> Api:
    made = Api()
    made.post("/api/v1/namespaces/default/models", json={"name": "iris"})
    return made


def test_the_same_training_answers_with_the_version_that_exists(api: Api) -> None:
    first = api.post(f"{MODEL}/versions", json=TRAINING)
    second = api.post(f"{MODEL}/versions", json={**TRAINING, "on_repeat": "same"})
    third = api.post(f"{MODEL}/versions", json={**TRAINING, "on_repeat": "new"})

    said = [
        (each.status_code, each.headers["modelry-registration"]) for each in (first, second, third)
    ]
    assert said == [(201, "new"), (200, "existing"), (201, "new")]
    assert second.json() == first.json()
    assert second.headers["location"] == first.headers["location"] == f"{MODEL}/versions/1"
    assert second.headers["etag"] == first.headers["etag"]
    assert third.json()["number"] == 2


def test_an_unfinished_version_is_answered_as_resumed(api: Api) -> None:
    body = {**TRAINING, "files": [declared("a", b"a")]}

    answers = [api.post(f"{MODEL}/versions", json=body) for _ in range(2)]

    assert [each.headers["modelry-registration"] for each in answers] == ["new", "resumed"]


def test_a_version_says_which_it_is_and_why(api: Api) -> None:
    api.post(f"{MODEL}/versions", json=TRAINING)
    api.post(f"{MODEL}/versions", json={**TRAINING, "parameters": {"depth": 4}})

    first, second = (api.get(f"{MODEL}/versions/{number}").json() for number in (1, 2))

    assert (first["version"], first["version_reason"]) == ("1.0.0", "first version")
    assert (second["version"], second["version_reason"]) == (
        "1.1.0",
        "parameters changed since 1.0.0",
    )
    assert first["fingerprint"] != second["fingerprint"]
    assert first["fingerprint"].startswith("fingerprint:")


def test_a_given_version_is_kept_or_refused(api: Api) -> None:
    given = api.post(f"{MODEL}/versions", json={**TRAINING, "version": "2.1.0"})
    taken = api.post(f"{MODEL}/versions", json={"version": "2.1.0"})
    hiding = api.post(f"{MODEL}/versions", json={"version": "2.1.1"})

    assert (given.status_code, given.json()["version"]) == (201, "2.1.0")
    assert "taken" in problem(taken, 409, "conflict")["detail"]
    refused = problem(hiding, 409, "conflict")
    assert "signature changed since 2.1.0" in refused["detail"]
    assert "3.0.0" in refused["next_step"]


@pytest.mark.parametrize(
    "fields", [{"version": "2.1"}, {"version": 2}, {"on_repeat": "never"}, {"on_repeat": None}]
)
def test_a_version_or_choice_that_is_none_is_refused(api: Api, fields: dict[str, Any]) -> None:
    problem(api.post(f"{MODEL}/versions", json=fields), 422, "invalid")


@pytest.mark.parametrize(
    "name",
    ["1.0.0+a", "1.0.0", "==1.0.0", "%3D%3D1.0.0%2Ba", "~=1.0", "~%3D1.0.0", "fingerprint"],
)
def test_a_version_is_read_by_every_new_name(api: Api, name: str) -> None:
    made = api.post(f"{MODEL}/versions", json={**TRAINING, "version": "1.0.0+a"}).json()
    name = made["fingerprint"] if name == "fingerprint" else name

    for path in (f"{MODEL}/versions/{name}", f"{MODEL}/versions/{name}/files"):
        assert api.get(path).status_code == 200
    assert api.get(f"{MODEL}/versions/{name}").json() == made
    pointed = api.put(f"{MODEL}/aliases/champion", json={"version": made["version"]})
    assert pointed.json()["version"] == 1


@pytest.mark.parametrize("name", ["1.0", "~=1", "==1.0", "~=1.0.0-rc.1", "fingerprint:0"])
def test_what_names_no_version_is_refused(api: Api, name: str) -> None:
    problem(api.get(f"{MODEL}/versions/{name}"), 422, "invalid")
