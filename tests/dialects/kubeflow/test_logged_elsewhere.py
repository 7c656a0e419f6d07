"""What other clients logged in a run, as Kubeflow's clients of the first generation see it."""

from typing import Any

import pytest

from tests.api.client import Api
from tests.dialects.kubeflow.conftest import FIRST, Kubeflow

NATIVE = "/api/v1/namespaces/default"


@pytest.fixture
def kubeflow(api: Api) -> Kubeflow:
    return Kubeflow(api, FIRST)


@pytest.fixture
def run(api: Api) -> str:
    """The id of a run of which the native client logged two metrics and three parameters."""
    api.post(f"{NATIVE}/experiments", json={"name": "churn"})
    parameters = {"lr": 0.1, "shuffle": True, "net": "resnet"}
    started = {"name": "try", "parameters": parameters}
    made = api.post(f"{NATIVE}/experiments/churn/runs", json=started).json()
    points = [
        {"key": "loss", "value": 0.5, "step": 1, "at": "2026-01-01T00:00:00.000Z"},
        {"key": "loss", "value": 0.25, "step": 2, "at": "2026-01-01T00:01:00.000Z"},
        {"key": "auc", "value": 1, "step": 0},
        {"key": "broken", "value": "NaN"},
    ]
    api.post(f"{NATIVE}/runs/{made['id']}/metrics", json={"points": points})
    return str(made["id"])


def walked(kubeflow: Kubeflow, run: str, size: int, **params: Any) -> list[str]:
    """The names in all pages of this size."""
    names, token = [], ""
    while True:
        asked = {"pageSize": str(size), "nextPageToken": token, **params}
        page = kubeflow.get(f"/experiment_runs/{run}/artifacts", **asked)
        assert page["size"] == len(page["items"]) <= size
        names += [each["name"] for each in page["items"]]
        token = page["nextPageToken"]
        if not token:
            return names


def test_what_another_client_logged_is_among_the_artifacts(kubeflow: Kubeflow, run: str) -> None:
    found = kubeflow.get(f"/experiment_runs/{run}/artifacts")["items"]

    by_name = {each["name"]: each for each in found}
    assert list(by_name) == ["auc", "loss", "lr", "net", "shuffle"]  # NaN is no number of JSON's
    loss = by_name["loss"]
    assert (loss["artifactType"], loss["value"], loss["step"]) == ("metric", 0.25, 2)
    assert loss["timestamp"] == loss["createTimeSinceEpoch"] == "1767225660000"
    assert (loss["experimentRunId"], loss["experimentId"]) == (run, "1")
    kinds = {name: (each["value"], each.get("parameterType")) for name, each in by_name.items()}
    assert kinds["lr"] == ("0.1", "number")
    assert kinds["shuffle"] == ("true", "boolean")
    assert kinds["net"] == ("resnet", "string")
    assert len({each["id"] for each in found}) == 5
    kubeflow.get(f"/artifacts/{loss['id']}", 404)  # its id leads nowhere


def test_what_has_an_artifact_is_listed_once(kubeflow: Kubeflow, run: str) -> None:
    path = f"/experiment_runs/{run}/artifacts"
    made = kubeflow.post(path, artifactType="metric", name="loss", value=0.125, step=3)
    kubeflow.post(path, artifactType="parameter", name="auc", value="x")
    kubeflow.post(path, artifactType="doc-artifact", name="lr")

    found = kubeflow.get(path)["items"]

    assert [each["name"] for each in found] == [
        *("loss", "auc", "lr"),
        *("auc", "lr", "net", "shuffle"),
    ]
    assert found[0] == made


@pytest.mark.parametrize("size", [1, 2, 3, 4, 6, 7, 8])
def test_pages_of_both_follow_each_other_without_gaps(
    kubeflow: Kubeflow, run: str, size: int
) -> None:
    path = f"/experiment_runs/{run}/artifacts"
    for name in ("loss", "new"):
        kubeflow.post(path, artifactType="metric", name=name, value=1)
    names = ["loss", "new", "auc", "lr", "net", "shuffle"]

    assert walked(kubeflow, run, size) == names
    assert walked(kubeflow, run, size, sortOrder="DESC") == [
        *("new", "loss"),
        *("shuffle", "net", "lr", "auc"),
    ]
    assert walked(kubeflow, run, size, artifactType="metric") == ["loss", "new", "auc"]


def test_what_is_asked_for_is_asked_of_both(kubeflow: Kubeflow, run: str) -> None:
    path = f"/experiment_runs/{run}/artifacts"
    kubeflow.post(path, artifactType="metric", name="loss", value=0.125, externalId="x")

    def names(**params: str) -> list[str]:
        return kubeflow.names(path, **params)

    assert names(filterQuery="value > 0.2") == ["auc"]
    assert names(filterQuery="name LIKE '%o%' OR name = 'lr'") == ["loss", "lr"]
    assert names(filterQuery="externalId != 'y'") == ["loss"]
    assert names(name="loss") == ["loss"]
    assert names(name="net", artifactType="parameter") == ["net"]
    assert names(name="net", artifactType="metric") == names(externalId="y") == []
    kubeflow.get(path, 400, filterQuery="name =")
    kubeflow.get(path, 400, nextPageToken="~x")
    token = kubeflow.get(path, pageSize="2")["nextPageToken"]
    kubeflow.get(path, 400, pageSize="2", nextPageToken=token, name="loss")


def test_a_metric_that_another_client_began_goes_on_here(kubeflow: Kubeflow, run: str) -> None:
    path = f"/experiment_runs/{run}/artifacts"

    made = kubeflow.post(path, artifactType="metric", name="auc", value=0.75, step=9)

    assert kubeflow.get(f"/artifacts/{made['id']}")["value"] == 0.75
    history = kubeflow.get(f"/experiment_runs/{run}/metric_history", name="auc")["items"]
    assert [each["value"] for each in history] == [1, 0.75]
