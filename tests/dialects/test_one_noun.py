"""Experiments, runs and their metrics are one noun: what a client of one dialect logs, the clients
of the others show."""

from typing import Any

import pytest

from core.domain.access import Role
from tests.api.client import Api, bearer

MLFLOW = "/api/2.0/mlflow"
KUBEFLOW = "/api/model_registry/v1alpha3"
NATIVE = "/api/v1/namespaces/default"
AT = 1_700_000_000_000


@pytest.fixture
def api() -> Api:
    made = Api()
    made.headers.update(bearer(made.world.token(("default", Role.OWNER))))
    return made


def done(api: Api, method: str, path: str, **options: Any) -> Any:
    answer = api.request(method, path, **options)
    assert answer.status_code in {200, 201}, answer.text
    return answer.json()


def test_what_mlflow_logs_is_what_kubeflow_and_modelry_show(api: Api) -> None:
    made = done(api, "POST", f"{MLFLOW}/experiments/create", json={"name": "churn"})
    experiment = made["experiment_id"]
    body = {"experiment_id": experiment, "run_name": "try", "start_time": AT}
    run = done(api, "POST", f"{MLFLOW}/runs/create", json=body)["run"]["info"]["run_id"]
    points = [{"key": "loss", "value": 1 / (n + 1), "timestamp": AT + n, "step": n} for n in (0, 1)]
    batch = {"run_id": run, "metrics": points, "params": [{"key": "lr", "value": "0.1"}]}
    done(api, "POST", f"{MLFLOW}/runs/log-batch", json=batch)
    done(api, "POST", f"{MLFLOW}/runs/update", json={"run_id": run, "status": "FINISHED"})

    (theirs,) = done(api, "GET", f"{KUBEFLOW}/experiments/{experiment}/experiment_runs")["items"]
    history = done(api, "GET", f"{KUBEFLOW}/experiment_runs/{run}/metric_history")["items"]
    ours = done(api, "GET", f"{NATIVE}/runs/{run}")

    assert (theirs["id"], theirs["name"], theirs["status"]) == (run, "try", "FINISHED")
    assert theirs["startTimeSinceEpoch"] == str(AT)
    assert [(each["value"], each["step"]) for each in history] == [(1.0, 0), (0.5, 1)]
    assert (ours["metrics"], ours["parameters"]) == ({"loss": 0.5}, {"lr": "0.1"})
    assert done(api, "GET", f"{NATIVE}/experiments/churn")["id"] == experiment


def test_what_kubeflow_logs_is_what_mlflow_shows(api: Api) -> None:
    made = done(api, "POST", f"{KUBEFLOW}/experiments", json={"name": "churn"})
    body = {"experimentId": made["id"], "name": "try", "startTimeSinceEpoch": str(AT)}
    run = done(api, "POST", f"{KUBEFLOW}/experiment_runs", json=body)["id"]
    for artifact in (
        {"artifactType": "metric", "name": "loss", "value": 0.25, "step": 3, "timestamp": str(AT)},
        {
            "artifactType": "parameter",
            "name": "lr",
            "value": "0.1",
            "parameterType": "number",
        },
    ):
        done(api, "POST", f"{KUBEFLOW}/experiment_runs/{run}/artifacts", json=artifact)

    found = done(api, "GET", f"{MLFLOW}/runs/get", params={"run_id": run})["run"]
    by_name = {"params": {"experiment_name": "churn"}}
    experiment = done(api, "GET", f"{MLFLOW}/experiments/get-by-name", **by_name)["experiment"]

    assert experiment["experiment_id"] == made["id"]
    assert (found["info"]["run_name"], found["info"]["start_time"]) == ("try", AT)
    point = {"key": "loss", "value": 0.25, "timestamp": AT, "step": 3}
    assert found["data"]["metrics"] == [point]
    assert found["data"]["params"] == [{"key": "lr", "value": "0.1"}]
    searched = {
        "experiment_ids": [made["id"]],
        "filter": "metrics.loss < 0.3 AND params.lr = '0.1'",
    }
    (same,) = done(api, "POST", f"{MLFLOW}/runs/search", json=searched)["runs"]
    assert same == found
    done(api, "POST", f"{MLFLOW}/runs/delete", json={"run_id": run})
    runs = done(api, "GET", f"{KUBEFLOW}/experiments/{made['id']}/experiment_runs")["items"]
    assert runs == []
