"""What runs log: artifacts, and the histories of metrics, as the first generation handles them."""

from typing import Any

import pytest

from tests.api.client import Api
from tests.dialects.kubeflow.conftest import FIRST, V1, Kubeflow
from tests.dialects.kubeflow.test_artifacts import MODEL_ARTIFACT, OTHERS

NATIVE = "/api/v1/namespaces/default"


@pytest.fixture
def kubeflow(api: Api) -> Kubeflow:
    """The generation that has runs."""
    return Kubeflow(api, FIRST)


@pytest.fixture
def run(kubeflow: Kubeflow) -> dict[str, str]:
    """A run of an experiment."""
    experiment = kubeflow.post("/experiments", name="churn")["id"]
    made: dict[str, str] = kubeflow.post("/experiment_runs", name="a", experimentId=experiment)
    return made


def log(kubeflow: Kubeflow, run: dict[str, str], status: int = 201, /, **body: Any) -> Any:
    return kubeflow.post(f"/experiment_runs/{run['id']}/artifacts", status, **body)


def metric(kubeflow: Kubeflow, run: dict[str, str], status: int = 201, /, **body: Any) -> Any:
    return log(kubeflow, run, status, **{"artifactType": "metric", "name": "loss", **body})


def values(kubeflow: Kubeflow, path: str, **params: Any) -> list[float]:
    return [each["value"] for each in kubeflow.get(path, **params)["items"]]


@pytest.mark.parametrize("kind", ["model-artifact", *OTHERS])
def test_artifacts_of_all_kinds_come_back_with_their_run(
    kubeflow: Kubeflow, api: Api, run: dict[str, str], kind: str
) -> None:
    fields = MODEL_ARTIFACT if kind == "model-artifact" else {**OTHERS[kind], "name": "one"}

    made = log(kubeflow, run, **{**fields, "artifactType": kind})

    assert fields.items() <= made.items()
    assert made["experimentRunId"] == run["id"]
    assert made["experimentId"] == run["experimentId"]
    path = f"/experiment_runs/{run['id']}/artifacts"
    assert kubeflow.get(path)["items"] == [made]
    assert kubeflow.get(path, artifactType=kind, name=made["name"])["items"] == [made]
    assert kubeflow.get(path, name="other")["items"] == []
    assert kubeflow.get(f"/artifacts/{made['id']}") == made
    for query in (f"experimentRunId = {run['id']}", f"experimentId = '{run['experimentId']}'"):
        assert kubeflow.get("/artifacts", filterQuery=query)["items"] == [made]
    assert "experimentRunId" not in Kubeflow(api, V1).get(f"/artifacts/{made['id']}")


def test_metrics_and_parameters_of_one_name_are_changed_in_place(
    kubeflow: Kubeflow, run: dict[str, str]
) -> None:
    parameter = {"artifactType": "parameter", "name": "lr", "parameterType": "number"}
    first = [metric(kubeflow, run, value=1), log(kubeflow, run, **parameter, value="0.1")]

    again = [metric(kubeflow, run, 200, value=2), log(kubeflow, run, 200, **parameter, value="0.2")]

    assert [each["id"] for each in again] == [each["id"] for each in first]
    assert [each["value"] for each in again] == [2, "0.2"]
    document = {"artifactType": "doc-artifact", "name": "card"}
    log(kubeflow, run, **document)
    log(kubeflow, run, 409, **document)
    data = {"artifactType": "dataset-artifact", "name": "train"}
    assert log(kubeflow, run, **data)["id"] != log(kubeflow, run, **data)["id"]


def test_an_artifact_of_nobody_becomes_the_runs(kubeflow: Kubeflow, run: dict[str, str]) -> None:
    loose = kubeflow.post("/artifacts", artifactType="metric", name="loss", value=0.5)
    other = kubeflow.post("/experiment_runs", name="b", experimentId=run["experimentId"])

    made = metric(kubeflow, run, 200, id=loose["id"], value=0.25)

    assert (made["id"], made["value"]) == (loose["id"], 0.25)
    assert made["experimentRunId"] == run["id"]
    assert values(kubeflow, f"/experiment_runs/{run['id']}/metric_history") == [0.25]
    metric(kubeflow, other, 409, id=loose["id"], value=1)
    log(kubeflow, run, 400, artifactType="parameter", id=loose["id"], value="1")
    metric(kubeflow, run, 404, id="999", value=1)


def test_the_native_api_sees_what_was_logged(
    api: Api, kubeflow: Kubeflow, run: dict[str, str]
) -> None:
    metric(kubeflow, run, value=1, step=1, timestamp="1700000000000")
    metric(kubeflow, run, 200, value=0.5, step=2, timestamp="1700000001000")
    kinds = {"lr": ("0.1", "number"), "shuffle": ("True", "boolean"), "net": ("{}", "object")}
    for name, (value, kind) in kinds.items():
        log(kubeflow, run, artifactType="parameter", name=name, value=value, parameterType=kind)
    log(kubeflow, run, 200, artifactType="parameter", name="net", value="[]")

    native = api.get(f"{NATIVE}/runs/{run['id']}").json()
    points = api.get(f"{NATIVE}/runs/{run['id']}/metrics", params={"key": "loss"}).json()["items"]

    assert native["metrics"] == {"loss": 0.5}
    assert native["parameters"] == {"lr": 0.1, "shuffle": True, "net": "[]"}
    assert [(each["step"], each["value"]) for each in points] == [(1, 1), (2, 0.5)]
    assert points[0]["at"] == "2023-11-14T22:13:20.000Z"


def test_a_metric_that_is_corrected_by_its_id_is_another_point(
    kubeflow: Kubeflow, run: dict[str, str]
) -> None:
    made = metric(kubeflow, run, value=1)
    path = f"/artifacts/{made['id']}"

    kubeflow.patch(path, artifactType="metric", description="d")
    kubeflow.patch(path, artifactType="metric", value=2, step=1)

    assert values(kubeflow, f"/experiment_runs/{run['id']}/metric_history") == [1, 2]


@pytest.mark.parametrize(
    "body",
    [
        {"artifactType": "metric", "name": "m"},
        {"artifactType": "metric", "name": "m", "value": "1"},
        {"artifactType": "metric", "name": "m", "value": 1, "timestamp": "noon"},
        {"artifactType": "metric", "name": "m" * 251, "value": 1},
        {"artifactType": "parameter", "name": "p"},
        {"artifactType": "other", "name": "a"},
        {"name": "a"},
    ],
)
def test_what_is_no_artifact_is_refused_and_leaves_nothing(
    kubeflow: Kubeflow, run: dict[str, str], body: dict[str, Any]
) -> None:
    path = f"/experiment_runs/{run['id']}/artifacts"

    kubeflow("POST", path, 400, json=body)

    assert kubeflow.get(path)["items"] == []
    assert kubeflow.get(f"/experiment_runs/{run['id']}/metric_history")["items"] == []


def test_a_history_holds_each_step_and_artifacts_only_the_last(
    kubeflow: Kubeflow, run: dict[str, str]
) -> None:
    for step in range(5):
        metric(kubeflow, run, 200 if step else 201, value=step / 2, step=step)
    metric(kubeflow, run, name="accuracy", value=9)
    path = f"/experiment_runs/{run['id']}/metric_history"

    assert values(kubeflow, path) == [9, 0, 0.5, 1, 1.5, 2]
    assert values(kubeflow, path, name="loss") == [0, 0.5, 1, 1.5, 2]
    assert values(kubeflow, path, name="los") == [0, 0.5, 1, 1.5, 2]
    assert values(kubeflow, path, name="%") == values(kubeflow, path, name="l_ss") == []
    assert values(kubeflow, path, name="loss", stepIds="1,3,4,77") == [0.5, 1.5, 2]
    first = kubeflow.get(path, pageSize="4")
    assert first["size"] == 4
    assert values(kubeflow, path, pageSize="4", nextPageToken=first["nextPageToken"]) == [1.5, 2]
    point = first["items"][1]
    assert (point["name"], point["step"], point["artifactType"]) == ("loss", 0, "metric")
    assert (point["experimentRunId"], point["experimentId"]) == (run["id"], run["experimentId"])
    assert len({each["id"] for each in first["items"]}) == 4
    assert len(kubeflow.get(f"/experiment_runs/{run['id']}/artifacts")["items"]) == 2
    for wrong in ({"stepIds": "one"}, {"nextPageToken": "x"}, {"sortOrder": "UP"}):
        kubeflow.get(path, 400, **wrong)
    kubeflow.get("/experiment_runs/999/metric_history", 404)


def test_a_history_goes_either_way_a_page_at_a_time(
    kubeflow: Kubeflow, run: dict[str, str]
) -> None:
    other = kubeflow.post("/experiment_runs", experimentId=run["experimentId"])
    for step in range(4):
        metric(kubeflow, run, 200 if step else 201, value=step, step=step)
    metric(kubeflow, run, name="accuracy", value=9)
    metric(kubeflow, other, value=7)

    def walked(size: str, **params: Any) -> list[float]:
        seen, token = [], ""
        while True:
            asked = {"pageSize": size, "nextPageToken": token, **params}
            page = kubeflow.get("/experiment_runs/metric_history", **asked)
            seen += [each["value"] for each in page["items"]]
            token = page["nextPageToken"]
            if not token:
                return seen

    for size in "123":
        assert walked(size) == [9, 0, 1, 2, 3, 7]
        assert walked(size, sortOrder="DESC") == [7, 3, 2, 1, 0, 9]
        assert walked(size, sortOrder="DESC", stepIds="0,2,3", name="loss") == [7, 3, 2, 0]
    token = kubeflow.get("/experiment_runs/metric_history", pageSize="1")["nextPageToken"]
    turned = {"pageSize": "1", "nextPageToken": token, "sortOrder": "DESC"}
    kubeflow.get("/experiment_runs/metric_history", 400, **turned)


def test_the_histories_of_several_runs_are_one_list(
    api: Api, kubeflow: Kubeflow, run: dict[str, str]
) -> None:
    start = {"experimentId": run["experimentId"]}
    other, third = (kubeflow.post("/experiment_runs", **start) for _ in range(2))
    metric(kubeflow, run, value=1, step=1)
    metric(kubeflow, third, value=3, step=1)
    points = {"points": [{"key": "loss", "value": 2, "step": 7}, {"key": "x", "value": "NaN"}]}
    api.post(f"{NATIVE}/runs/{other['id']}/metrics", json=points)
    path = "/experiment_runs/metric_history"
    chosen = f"experimentRunId IN ('{other['id']}','{third['id']}')"

    assert values(kubeflow, path) == [1, 2, 3]
    assert values(kubeflow, path, filterQuery=chosen) == [2, 3]
    assert values(kubeflow, path, filterQuery=chosen, stepIds="7") == [2]
    assert values(kubeflow, path, filterQuery="experimentId = 999") == []
    seen, token = [], ""
    while True:
        page = kubeflow.get(path, name="loss", pageSize="1", nextPageToken=token)
        seen += [each["value"] for each in page["items"]]
        token = page["nextPageToken"]
        if not token:
            break
    assert seen == [1, 2, 3]
    kubeflow.get(path, 400, filterQuery="value > 1")
    kubeflow.get(path, 400, filterQuery="experimentRunId =")


def test_what_is_deleted_takes_its_artifacts_along_and_brings_them_back(
    api: Api, kubeflow: Kubeflow, run: dict[str, str]
) -> None:
    path = f"/artifacts/{metric(kubeflow, run, value=1)['id']}"
    for place in (f"runs/{run['id']}", "experiments/churn"):
        native = f"{NATIVE}/{place}"

        assert api.delete(native, params={"reason": "r"}).status_code < 300
        kubeflow.get(path, 404)
        assert kubeflow.get("/artifacts")["items"] == []
        assert values(kubeflow, "/experiment_runs/metric_history") == []
        assert api.post(f"{native}/undelete", json={}).status_code < 300

        assert kubeflow.get(path)["value"] == 1


def test_the_artifacts_of_a_run_that_is_not_there_are_not_found(kubeflow: Kubeflow) -> None:
    kubeflow.get("/experiment_runs/999/artifacts", 404)
    metric(kubeflow, {"id": "999"}, 404, value=1)
    kubeflow.get("/experiment_runs/a/artifacts", 400)
