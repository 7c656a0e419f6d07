"""MLflow's stages: those of the namespace's lifecycle, behind its gates."""

from typing import Any

import pytest
from starlette.testclient import TestClient

from core.domain.lifecycles import Stage, Transition
from tests.api.client import Api
from tests.builders import ADMIN
from tests.dialects.mlflow.conftest import Mlflow
from tests.dialects.mlflow.test_versions import INVALID, VERSIONS, create, get


@pytest.fixture
def mlflow(mlflow: Mlflow) -> Mlflow:
    """With a model `iris`."""
    mlflow.post("registered-models/create", name="iris")
    return mlflow


def move(mlflow: Mlflow, version: str, stage: str, **body: Any) -> Any:
    sent = {"name": "iris", "version": version, "stage": stage, **body}
    return mlflow.post(f"{VERSIONS}/transition-stage", **sent)["model_version"]


def test_stages_are_those_of_the_lifecycle(api: Api, mlflow: Mlflow) -> None:
    create(mlflow)

    assert move(mlflow, "1", "production")["current_stage"] == "Production"
    native = api.get("/api/v1/namespaces/default/models/iris/versions/1").json()
    assert native["stage"] == "Production"
    assert move(mlflow, "1", "NONE")["current_stage"] == "None"
    bad = {"name": "iris", "version": "1", "stage": "Canary"}
    mlflow.refused(INVALID, "POST", f"{VERSIONS}/transition-stage", json=bad)
    mlflow.refused(INVALID, "POST", f"{VERSIONS}/transition-stage", json={**bad, "stage": ""})


def test_what_was_in_the_stage_is_archived_if_that_is_asked_for(mlflow: Mlflow) -> None:
    for version in ("1", "2", "3"):
        create(mlflow)
        move(mlflow, version, "Staging")
    create(mlflow)

    move(mlflow, "4", "Staging", archive_existing_versions=True)

    stages = [get(mlflow, version)["current_stage"] for version in ("1", "2", "3", "4")]
    assert stages == ["Archived", "Archived", "Archived", "Staging"]
    for stage in ("None", "Archived"):
        body = {
            "name": "iris",
            "version": "1",
            "stage": stage,
            "archive_existing_versions": True,
        }
        mlflow.refused(INVALID, "POST", f"{VERSIONS}/transition-stage", json=body)


def test_a_closed_gate_is_a_permission_that_is_denied(api: Api, mlflow: Mlflow) -> None:
    gates = ({"rule": "metric", "require": "accuracy >= 0.9"},)
    api.world.registry.lifecycles.put(
        ADMIN,
        "default",
        stages=(Stage(name="Draft"), Stage(name="Staging"), Stage(name="Production")),
        transitions=(
            Transition(from_stage="Draft", to_stage="Staging"),
            Transition(from_stage="Staging", to_stage="Production", gates=gates),
        ),
        expected_revision=None,
    )
    create(mlflow)
    body = {"name": "iris", "version": "1", "stage": "Production"}

    message = mlflow.refused("PERMISSION_DENIED", "POST", f"{VERSIONS}/transition-stage", json=body)

    assert "accuracy" in message
    raising = TestClient(api.app, headers=api.headers)  # what an endpoint lets pass is an error
    assert raising.post(f"/api/2.0/mlflow/{VERSIONS}/transition-stage", json=body).is_error
    assert get(mlflow)["current_stage"] == "None"
    assert move(mlflow, "1", "Staging")["current_stage"] == "Staging"
    mlflow.refused(
        "PERMISSION_DENIED", "POST", f"{VERSIONS}/transition-stage", json={**body, "stage": "None"}
    )


def test_what_is_in_a_stage_that_matters_cannot_be_deleted(mlflow: Mlflow) -> None:
    create(mlflow)
    move(mlflow, "1", "Production")
    one = {"name": "iris", "version": "1"}

    message = mlflow.refused("RESOURCE_CONFLICT", "DELETE", f"{VERSIONS}/delete", json=one)

    assert "held by the stage Production" in message
    move(mlflow, "1", "Archived")
    assert mlflow.delete(f"{VERSIONS}/delete", **one) == {}
