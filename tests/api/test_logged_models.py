"""Logged models over HTTP."""

from typing import Any

import pytest

from tests.api.client import Api, problem

NAMESPACE = "/api/v1/namespaces/default"
HEX = "m-00000000000000000000000000000001"


@pytest.fixture
def api() -> Api:
    api = Api()
    for path, body in (
        ("experiments", {"name": "first"}),
        ("experiments/first/runs", {"name": "try"}),
        ("experiments/first/logged-models", {"name": "net", "run": "1", "model_type": "cnn"}),
    ):
        assert api.post(f"{NAMESPACE}/{path}", json=body).status_code == 201
    return api


def measured(api: Api, *points: Any) -> Any:
    """The model's metrics once these points are noted."""
    answer = api.post(f"{NAMESPACE}/runs/1/metrics", json={"points": list(points)})
    assert answer.status_code == 200, answer.text
    return api.get(f"{NAMESPACE}/logged-models/{HEX}").json()["metrics"]


def test_a_logged_model_is_found_by_either_id_and_told_of_when_it_is_ready(api: Api) -> None:
    found = api.get(f"{NAMESPACE}/logged-models/{HEX}")
    ready = api.patch(
        f"{NAMESPACE}/logged-models/1",
        json={"status": "ready"},
        headers={"If-Match": found.headers["etag"]},
    )

    told = ready.json()
    assert (told["model_id"], told["run_id"], told["status"]) == (HEX, "1", "ready")
    listed = api.get(f"{NAMESPACE}/experiments/first/logged-models", params={"run": 1}).json()
    assert listed["items"] == [told]
    searched = api.get("/api/v1/search/logged-models", params={"filter": "model_type = 'cnn'"})
    assert searched.json()["items"] == [told]
    changes = api.get(f"{NAMESPACE}/logged-models/1/history").json()["items"]
    assert [each["action"] for each in changes] == ["logged-model.updated", "logged-model.created"]
    problem(api.get(f"{NAMESPACE}/logged-models/m-2"), 404, "not-found")


def test_points_may_be_said_of_it_and_of_a_data_set(api: Api) -> None:
    point = {"key": "auc", "value": 0.9, "logged_model": "1"}

    (plain, on_iris) = measured(api, point, {**point, "value": "NaN", "dataset_name": "iris"})

    assert (plain["value"], plain["dataset_name"], plain["run_id"]) == (0.9, None, "1")
    assert (on_iris["value"], on_iris["dataset_name"]) == ("NaN", "iris")
    refused = api.post(
        f"{NAMESPACE}/runs/1/metrics", json={"points": [{**point, "logged_model": "9"}]}
    )
    problem(refused, 404, "not-found")


def test_it_is_deleted_for_a_reason_and_comes_back(api: Api) -> None:
    place = f"{NAMESPACE}/logged-models/1"
    problem(api.delete(place), 422, "invalid")

    gone = api.delete(place, params={"reason": "too bad"})

    assert gone.json()["state"] == "deleted"
    problem(api.get(place), 404, "not-found")
    assert api.post(f"{place}/undelete").json()["state"] == "active"
    assert api.post(f"{place}/parameters", json={"parameters": {"lr": 1}}).status_code == 200
    again = api.post(f"{place}/parameters", json={"parameters": {"lr": 2}})
    problem(again, 409, "conflict")
