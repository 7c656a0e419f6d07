"""Experiments and their runs, as Kubeflow's clients of the first generation handle them."""

from typing import Any

import pytest

from tests.api.client import Api
from tests.dialects.kubeflow.conftest import FIRST, V1, Kubeflow, integer

NATIVE = "/api/v1/namespaces/default"


@pytest.fixture
def kubeflow(api: Api) -> Kubeflow:
    """The generation that has experiments."""
    return Kubeflow(api, FIRST)


@pytest.fixture
def experiment(kubeflow: Kubeflow) -> str:
    """The id of an experiment."""
    return str(kubeflow.post("/experiments", name="churn")["id"])


def start(kubeflow: Kubeflow, experiment: str, status: int = 201, /, **fields: Any) -> Any:
    return kubeflow.post("/experiment_runs", status, experimentId=experiment, **fields)


@pytest.mark.parametrize(
    "path",
    [
        "/experiment",
        "/experiments",
        "/experiments/1",
        "/experiments/1/experiment_runs",
        "/experiment_run",
        "/experiment_runs",
        "/experiment_runs/1",
        "/experiment_runs/1/artifacts",
        "/experiment_runs/1/metric_history",
        "/experiment_runs/metric_history",
    ],
)
def test_the_second_generation_has_no_experiments(api: Api, path: str) -> None:
    second = Kubeflow(api, V1)

    second.get(path, 404, externalId="x")
    second("POST", path, 404, json={"name": "a"})


def test_an_experiment_comes_back_as_it_was_sent(kubeflow: Kubeflow) -> None:
    sent = {
        "name": "churn: who/leaves?",
        "description": "d",
        "externalId": "x",
        "owner": "team",
        "state": "ARCHIVED",
        "customProperties": {"a": integer(1)},
    }

    made = kubeflow.post("/experiments", **sent)

    assert sent.items() <= made.items()
    assert kubeflow.get(f"/experiments/{made['id']}") == made
    assert kubeflow.get("/experiment", name=sent["name"]) == made
    assert kubeflow.get("/experiment", externalId="x") == made
    assert kubeflow.names("/experiments") == [sent["name"]]


def test_what_is_no_experiment_is_refused(kubeflow: Kubeflow, experiment: str) -> None:
    kubeflow.post("/experiments", name="77")

    kubeflow.post("/experiments", 409, name="churn")
    kubeflow.post("/experiments", 422)
    kubeflow.post("/experiments", 422, name="")
    kubeflow.post("/experiments", 400, name="a\x00")
    kubeflow.post("/experiments", 400, name="a", state="GONE")
    kubeflow.post("/experiments", 400, name="a", unknown=1)
    kubeflow.patch(f"/experiments/{experiment}", 400, name="other")
    kubeflow.get("/experiment", 404, name="chur_")
    kubeflow.get("/experiment", 400)
    kubeflow.get("/experiments/77", 404)
    kubeflow.get("/experiments/churn", 400)
    kubeflow.patch("/experiments/77", 404, description="d")


def test_a_state_and_fields_of_an_experiment_change_in_one_revision(
    api: Api, kubeflow: Kubeflow, experiment: str
) -> None:
    path = f"/experiments/{experiment}"

    changed = kubeflow.patch(path, state="ARCHIVED", description="d", owner="me")
    kept = kubeflow.patch(path, description="", customProperties={"a": integer(1)})

    assert (changed["state"], changed["description"], changed["owner"]) == ("ARCHIVED", "d", "me")
    assert (kept["state"], kept["owner"]) == ("ARCHIVED", "me")
    assert "description" not in kept
    native = api.get(f"{NATIVE}/experiments/churn").json()
    assert (native["state"], native["revision"]) == ("archived", 3)
    assert kubeflow.patch(path, state="LIVE")["state"] == "LIVE"


def test_a_run_comes_back_as_it_was_sent(kubeflow: Kubeflow, experiment: str) -> None:
    sent = {
        "name": "try",
        "description": "d",
        "externalId": "x",
        "owner": "me",
        "status": "FINISHED",
        "state": "ARCHIVED",
        "startTimeSinceEpoch": "1700000000000",
        "endTimeSinceEpoch": "1700000001000",
        "customProperties": {"a": integer(1)},
    }

    made = start(kubeflow, experiment, **sent)

    assert {**sent, "experimentId": experiment}.items() <= made.items()
    assert kubeflow.get(f"/experiment_runs/{made['id']}") == made
    assert kubeflow.get("/experiment_run", name="try", parentResourceId=experiment) == made
    assert kubeflow.get("/experiment_run", externalId="x") == made
    assert kubeflow.get("/experiment_runs")["items"] == [made]
    of_experiment = f"/experiments/{experiment}/experiment_runs"
    assert kubeflow.get(of_experiment, name="try")["items"] == [made]
    assert kubeflow.get(of_experiment, name="other")["items"] == []


def test_a_run_has_a_name_a_state_and_a_status_though_none_were_sent(
    kubeflow: Kubeflow, experiment: str
) -> None:
    path = f"/experiments/{experiment}/experiment_runs"

    made = kubeflow.post(path, experimentId="999")  # the path wins

    assert (made["state"], made["status"], made["experimentId"]) == ("LIVE", "RUNNING", experiment)
    assert made["name"]
    assert "endTimeSinceEpoch" not in made


def test_a_name_belongs_to_one_run_of_its_experiment(kubeflow: Kubeflow, experiment: str) -> None:
    other = kubeflow.post("/experiments", name="other")["id"]
    start(kubeflow, experiment, name="try")

    start(kubeflow, experiment, 409, name="try")
    start(kubeflow, other, name="try")


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"experimentId": None}, 400),
        ({"experimentId": "999"}, 404),
        ({"experimentId": "churn"}, 400),
        ({"status": "GONE"}, 400),
        ({"startTimeSinceEpoch": "yesterday"}, 400),
        ({"startTimeSinceEpoch": 1}, 400),
        ({"startTimeSinceEpoch": "2", "endTimeSinceEpoch": "1"}, 400),
        ({"unknown": 1}, 400),
    ],
)
def test_what_is_no_run_is_refused(
    kubeflow: Kubeflow, experiment: str, fields: dict[str, Any], status: int
) -> None:
    kubeflow("POST", "/experiment_runs", status, json={"experimentId": experiment, **fields})


def test_runs_that_are_not_there_are_not_found(kubeflow: Kubeflow, experiment: str) -> None:
    kubeflow.post("/experiment_runs", 422)
    kubeflow.get("/experiments/999/experiment_runs", 404)
    kubeflow.post("/experiments/999/experiment_runs", 404, experimentId=experiment)
    kubeflow.get("/experiment_runs/999", 404)
    kubeflow.get("/experiment_runs/9999999999", 404)
    kubeflow.get("/experiment_runs/try", 400)
    kubeflow.get("/experiment_run", 400, name="try")
    kubeflow.get("/experiment_run", 400)
    kubeflow.get("/experiment_run", 404, externalId="x")
    kubeflow.patch("/experiment_runs/999", 404, description="d")


def test_a_patch_ends_a_run_and_keeps_what_it_does_not_hold(
    api: Api, kubeflow: Kubeflow, experiment: str
) -> None:
    made = start(kubeflow, experiment, name="try", startTimeSinceEpoch="1700000000000")
    path = f"/experiment_runs/{made['id']}"

    ended = kubeflow.patch(
        path, status="FAILED", state="ARCHIVED", endTimeSinceEpoch="1700000005000", owner="me"
    )
    described = kubeflow.patch(path, description="d")

    assert (ended["status"], ended["endTimeSinceEpoch"]) == ("FAILED", "1700000005000")
    assert (described["status"], described["state"]) == ("FAILED", "ARCHIVED")
    native = api.get(f"{NATIVE}/runs/{made['id']}").json()
    assert (native["status"], native["state"], native["revision"]) == ("failed", "archived", 3)
    assert native["ended_at"] == "2023-11-14T22:13:25.000Z"
    kubeflow.patch(path, 400, endTimeSinceEpoch="1600000000000")
    kubeflow.patch(path, 400, name="other")
    kubeflow.patch(path, 400, startTimeSinceEpoch="1")
    kubeflow.patch(path, 400, status="GONE")


def test_a_run_that_ends_without_a_time_ends_now(kubeflow: Kubeflow, experiment: str) -> None:
    made = start(kubeflow, experiment)

    ended = kubeflow.patch(f"/experiment_runs/{made['id']}", status="FINISHED")

    assert int(ended["endTimeSinceEpoch"]) >= int(made["startTimeSinceEpoch"])


def test_runs_are_filtered_by_their_fields_and_paged(kubeflow: Kubeflow, experiment: str) -> None:
    other = kubeflow.post("/experiments", name="other", owner="team")["id"]
    start(kubeflow, experiment, name="a", status="FINISHED", startTimeSinceEpoch="1700000000000")
    start(kubeflow, experiment, name="b", state="ARCHIVED")
    start(kubeflow, other, name="c", owner="me", customProperties={"deep": integer(3)})

    def named(query: str) -> list[str]:
        return kubeflow.names("/experiment_runs", filterQuery=query)

    assert named("status = 'FINISHED'") == named("startTimeSinceEpoch = 1700000000000") == ["a"]
    assert named("state = 'ARCHIVED'") == ["b"]
    assert named(f"experimentId = {other}") == named("deep > 2") == named("owner = 'me'") == ["c"]
    assert kubeflow.names("/experiments", filterQuery="owner = 'team'") == ["other"]
    page = kubeflow.get("/experiment_runs", pageSize="2", sortOrder="DESC")
    assert [each["name"] for each in page["items"]] == ["c", "b"]
    rest = {"pageSize": "2", "sortOrder": "DESC", "nextPageToken": page["nextPageToken"]}
    assert kubeflow.names("/experiment_runs", **rest) == ["a"]
    kubeflow.get("/experiment_runs", 400, filterQuery="status =")


def test_what_the_native_api_starts_is_there(api: Api, kubeflow: Kubeflow) -> None:
    api.post(f"{NATIVE}/experiments", json={"name": "native", "tags": {"team": "fraud"}})
    made = api.post(f"{NATIVE}/experiments/native/runs", json={"name": "try"}).json()

    found = kubeflow.get("/experiment", name="native")
    run = kubeflow.get(f"/experiment_runs/{made['id']}")

    assert found["customProperties"]["team"]["string_value"] == "fraud"
    assert (run["name"], run["experimentId"], run["status"]) == ("try", found["id"], "RUNNING")
