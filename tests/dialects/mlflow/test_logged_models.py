"""MLflow's logged models, as bytes on the wire."""

from typing import Any

import pytest

from tests.api.client import Api
from tests.builders import ADMIN
from tests.dialects.mlflow.conftest import Mlflow

BAD = "INVALID_PARAMETER_VALUE"


def log(mlflow: Mlflow, **fields: Any) -> str:
    made = mlflow.post("logged-models", **{"experiment_id": "0", **fields})
    return str(made["model"]["info"]["model_id"])


def found(mlflow: Mlflow, **fields: Any) -> list[str]:
    asked = {"experiment_ids": ["0"], **fields}
    models = mlflow.post("logged-models/search", **asked).get("models", [])
    return [each["info"].get("name", "") for each in models]


def test_a_logged_model_is_made_described_and_finalized(mlflow: Mlflow) -> None:
    run = mlflow.post("runs/create", experiment_id="0")["run"]["info"]["run_id"]
    id = log(
        mlflow,
        name="net",
        source_run_id=run,
        model_type="classifier",
        params=[{"key": "lr", "value": "0.1"}],
        tags=[{"key": "a", "value": "b"}],
    )
    place = f"logged-models/{id}"

    mlflow.patch(f"{place}/tags", tags=[{"key": "c/d e", "value": "f"}])
    mlflow.post(f"{place}/params", model_id=id, params=[{"key": "depth", "value": "3"}])
    told = mlflow.patch(place, model_id=id, status="LOGGED_MODEL_READY")["model"]

    assert told == mlflow.get(place)["model"]
    created = told["info"].pop("creation_timestamp_ms")
    assert created <= told["info"].pop("last_updated_timestamp_ms")
    assert told == {
        "info": {
            "model_id": id,
            "experiment_id": "0",
            "name": "net",
            "artifact_uri": f"mlflow-artifacts:/0/models/{id}/artifacts",
            "status": "LOGGED_MODEL_READY",
            "model_type": "classifier",
            "source_run_id": run,
            "tags": [{"key": "a", "value": "b"}, {"key": "c/d e", "value": "f"}],
        },
        "data": {"params": [{"key": "depth", "value": "3"}, {"key": "lr", "value": "0.1"}]},
    }
    mlflow.delete(f"{place}/tags/c/d e")
    told = mlflow.refused("RESOURCE_DOES_NOT_EXIST", "DELETE", f"{place}/tags/c")
    assert "No tag with key" in told
    for method, path, body in (
        ("POST", f"{place}/params", {"params": [{"key": "lr", "value": "0.2"}]}),
        ("PATCH", place, {"status": "DONE"}),
        ("PATCH", place, {}),
        ("POST", "logged-models/search", {}),
    ):
        mlflow.refused(BAD, method, path, json=body)
    for path in ("logged-models/m-1", "logged-models/x", f"logged-models/{id[:-1]}9"):
        mlflow.refused("RESOURCE_DOES_NOT_EXIST", "GET", path)


def test_what_was_measured_is_said_once_for_each_data_set(mlflow: Mlflow) -> None:
    run = mlflow.post("runs/create", experiment_id="0")["run"]["info"]["run_id"]
    id = log(mlflow, name="net")
    on = {"key": "auc", "model_id": id, "timestamp": 1}
    points = [
        {**on, "value": 0.5, "step": 1},
        {**on, "value": 0.6, "step": 2},
        {**on, "value": "NaN", "dataset_name": "a", "dataset_digest": "d1"},
    ]

    mlflow.post("runs/log-batch", run_id=run, metrics=points)
    mlflow.post("runs/log-metric", run_id=run, **on, value=0.9, dataset_name="a", step=3)

    metrics = mlflow.get(f"logged-models/{id}")["model"]["data"]["metrics"]
    told = {
        (each.get("dataset_name"), each.get("dataset_digest"), each["value"]) for each in metrics
    }
    assert told == {(None, None, 0.6), ("a", "d1", "NaN"), ("a", None, 0.9)}
    assert {(each["run_id"], each["model_id"]) for each in metrics} == {(run, id)}
    a, b = [{"dataset_name": "a"}], [{"dataset_name": "b"}]
    log(mlflow, name="other")
    assert found(mlflow, filter="metrics.auc > 0.8") == ["net"]
    assert found(mlflow, filter="metrics.auc > 0.8", datasets=a) == ["net"]
    assert found(mlflow, filter="metrics.auc > 0.8", datasets=b) == []
    by = {"field_name": "metrics.auc", "ascending": False}
    assert found(mlflow, order_by=[by]) == ["net", "other"]
    assert found(mlflow, order_by=[{**by, "dataset_name": "a"}]) == ["net", "other"]
    wrong = {**by, "dataset_digest": "d1"}
    asked = {"experiment_ids": ["0"], "order_by": [wrong]}
    mlflow.refused(BAD, "POST", "logged-models/search", json=asked)


@pytest.mark.parametrize(
    ("filter", "expected"),
    [
        ("name = 'b'", ["b"]),
        ("name LIKE '_' AND params.lr = '0.1'", ["a"]),
        ("status = 'PENDING'", ["b", "a"]),
        ("status = 'LOGGED_MODEL_READY'", []),
        ("attributes.status IN ('PENDING', 'READY')", ["b", "a"]),
        ("model_type = 'agent'", ["b"]),
        ("model_id IN ('m-00000000000000000000000000000001')", ["a"]),
        ("model_id = 'nonsense'", []),
        ("source_run_id = '1'", ["b"]),
        ("tags.team = 'x' and creation_timestamp_ms > 5", ["a"]),
        ("last_updated_timestamp < 5", []),
    ],
)
def test_logged_models_are_found_by_what_is_said_of_them(
    mlflow: Mlflow, filter: str, expected: list[str]
) -> None:
    mlflow.post("runs/create", experiment_id="0")
    tags, params = [{"key": "team", "value": "x"}], [{"key": "lr", "value": "0.1"}]
    log(mlflow, name="a", tags=tags, params=params)
    log(mlflow, name="b", model_type="agent", source_run_id="1")

    assert found(mlflow, filter=filter) == expected
    assert found(mlflow, filter=filter, experiment_ids=[]) == []
    assert found(mlflow, filter=filter, experiment_ids=["99"]) == []


def test_a_deleted_one_is_out_of_reach_unless_it_is_asked_for(mlflow: Mlflow) -> None:
    id = log(mlflow, name="a")
    mlflow.delete(f"logged-models/{id}", model_id=id)

    mlflow.refused("RESOURCE_DOES_NOT_EXIST", "GET", f"logged-models/{id}")
    mlflow.refused("RESOURCE_DOES_NOT_EXIST", "DELETE", f"logged-models/{id}", json={})
    assert mlflow.get(f"logged-models/{id}", allow_deleted="true")["model"]["info"]["name"] == "a"
    assert found(mlflow) == []


def test_versions_that_clients_noted_are_told_once(api: Api, mlflow: Mlflow) -> None:
    id = log(mlflow, name="a")
    noted = '[{"name": "iris", "version": 1}, {"name": "iris", "version": "1"}]'

    mlflow.patch(f"logged-models/{id}/tags", tags=[{"key": "mlflow.modelVersions", "value": noted}])

    info = mlflow.get(f"logged-models/{id}")["model"]["info"]
    assert info["registrations"] == [{"name": "iris", "version": "1"}]
    api.world.registry.logged_models.update(
        ADMIN, "default", id, {"tags": {"mlflow.modelVersions": "nonsense"}}
    )
    assert "registrations" not in mlflow.get(f"logged-models/{id}")["model"]["info"]
