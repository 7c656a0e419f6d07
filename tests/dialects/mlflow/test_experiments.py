"""MLflow's experiments, as bytes on the wire."""

import pytest

from core.domain.access import Role
from tests.api.client import Api, bearer
from tests.builders import ADMIN
from tests.dialects.mlflow.conftest import Mlflow


def create(mlflow: Mlflow, name: str, **fields: object) -> str:
    return str(mlflow.post("experiments/create", name=name, **fields)["experiment_id"])


def names(mlflow: Mlflow, **fields: object) -> list[str]:
    found = mlflow.post("experiments/search", **{"max_results": 9, **fields})
    return [each["name"] for each in found.get("experiments", [])]


def test_the_experiment_zero_is_there_before_anybody_made_it(mlflow: Mlflow) -> None:
    found = mlflow.get("experiments/get", experiment_id="0")["experiment"]

    assert found.pop("creation_time") == found.pop("last_update_time")
    assert found == {
        "experiment_id": "0",
        "name": "Default",
        "artifact_location": "mlflow-artifacts:/0",
        "lifecycle_stage": "active",
    }
    by_name = mlflow.get("experiments/get-by-name", experiment_name="Default")["experiment"]
    assert by_name["experiment_id"] == "0"
    run = mlflow.post("runs/create", experiment_id="0")["run"]["info"]
    assert run["experiment_id"] == "0"
    assert mlflow.post("runs/search", experiment_ids=["0"])["runs"][0]["info"] == run
    told = mlflow.refused(
        "INVALID_PARAMETER_VALUE",
        "POST",
        "experiments/update",
        json={"experiment_id": "0", "new_name": "x"},
    )
    assert "for all clients" in told


def test_a_reader_makes_nothing_and_sees_what_there_is(api: Api, mlflow: Mlflow) -> None:
    api.headers.update(bearer(api.world.token(("default", Role.READER))))

    for path, params in (
        ("experiments/get", {"experiment_id": "0"}),
        ("experiments/get-by-name", {"experiment_name": "Default"}),
    ):
        mlflow.refused("RESOURCE_DOES_NOT_EXIST", "GET", path, params=params)
    assert api.world.database.experiments.named("default", "Default") is None


def test_the_default_experiment_is_one_for_all_clients(api: Api, mlflow: Mlflow) -> None:
    made = api.world.registry.experiments.create(ADMIN, "default", "Default", {})
    run = api.world.registry.runs.create(ADMIN, "default", "Default", {})

    assert (
        mlflow.get("experiments/get", experiment_id=str(made.id))["experiment"]["experiment_id"]
        == "0"
    )
    assert mlflow.get("runs/get", run_id=str(run.id))["run"]["info"]["experiment_id"] == "0"


def test_an_experiment_is_described_deleted_and_restored(mlflow: Mlflow) -> None:
    id = create(mlflow, "first", tags=[{"key": "a", "value": "b"}], artifact_location="s3://x/y")
    place = {"experiment_id": id}

    mlflow.post("experiments/set-experiment-tag", **place, key="c", value="d")
    mlflow.post("experiments/delete-experiment-tag", **place, key="a")
    mlflow.post("experiments/update", **place, new_name="renamed")
    found = mlflow.get("experiments/get", **place)["experiment"]
    assert (found["name"], found["tags"]) == ("renamed", [{"key": "c", "value": "d"}])
    assert found["artifact_location"] == "s3://x/y"
    mlflow.refused("INVALID_PARAMETER_VALUE", "POST", "experiments/restore", json=place)
    mlflow.post("experiments/delete", **place)
    for path, more in (
        ("experiments/delete", {}),
        ("experiments/update", {"new_name": "x"}),
        ("experiments/set-experiment-tag", {"key": "c", "value": "d"}),
        ("runs/create", {}),
    ):
        told = mlflow.refused("INVALID_PARAMETER_VALUE", "POST", path, json={**place, **more})
        assert "must be in the 'active' state" in told
    assert names(mlflow) == ["Default"]
    assert names(mlflow, view_type="DELETED_ONLY") == ["renamed"]
    mlflow.refused(
        "RESOURCE_ALREADY_EXISTS", "POST", "experiments/create", json={"name": "renamed"}
    )
    mlflow.post("experiments/restore", **place)
    assert mlflow.get("experiments/get", **place)["experiment"]["lifecycle_stage"] == "active"


@pytest.mark.parametrize(
    ("filter", "expected"),
    [
        ("name = 'b'", ["b"]),
        ("name != 'b'", ["c", "a", "Default"]),
        ("attribute.name LIKE '_'", ["c", "b", "a"]),
        ("tags.team = 'x' AND name ILIKE 'A'", ["a"]),
        ("tag.`a.b` IS NULL and creation_time > 0", ["c", "b", "a", "Default"]),
        ("tags.team IS NOT NULL", ["a"]),
        ("creation_time < 5", []),
        ("experiment_id IN ('3', '4')", ["c", "b"]),
        ("last_update_time >= 1.5e9", ["c", "b", "a", "Default"]),
    ],
)
def test_experiments_are_found_by_what_is_said_of_them(
    mlflow: Mlflow, filter: str, expected: list[str]
) -> None:
    mlflow.get("experiments/get", experiment_id="0")
    create(mlflow, "a", tags=[{"key": "team", "value": "x"}])
    create(mlflow, "b")
    create(mlflow, "c")

    assert names(mlflow, filter=filter) == expected


@pytest.mark.parametrize(
    "wrong",
    [
        {"max_results": 0},
        {"max_results": None},
        {"filter": "nothing = 'x'"},
        {"filter": "name = x"},
        {"filter": "name = 'x' OR name = 'y'"},
        {"filter": "metrics.a = 1"},
        {"filter": "creation_time = '5'"},
        {"filter": "name IN ('x')"},
        {"order_by": ["nothing"]},
        {"order_by": ["metrics.x"]},
        {"order_by": ["name", "name"]},
        {"view_type": "SOME"},
        {"page_token": "none"},
    ],
)
def test_a_search_that_makes_no_sense_is_refused(mlflow: Mlflow, wrong: dict[str, object]) -> None:
    asked = {"max_results": 5, **wrong}

    mlflow.refused("INVALID_PARAMETER_VALUE", "POST", "experiments/search", json=asked)


def test_ids_that_are_none_are_refused_and_unknown_ones_not_found(mlflow: Mlflow) -> None:
    for id in ("x", "1.5", "-1"):
        mlflow.refused(
            "INVALID_PARAMETER_VALUE", "GET", "experiments/get", params={"experiment_id": id}
        )
    for id in ("7", "9" * 40):
        mlflow.refused(
            "RESOURCE_DOES_NOT_EXIST", "GET", "experiments/get", params={"experiment_id": id}
        )
    mlflow.refused(
        "RESOURCE_DOES_NOT_EXIST",
        "GET",
        "experiments/get-by-name",
        params={"experiment_name": "1"},
    )


def test_pages_follow_each_other(mlflow: Mlflow) -> None:
    for number in range(5):
        create(mlflow, f"e{number}")
    found: list[str] = []
    token = None

    while token is not None or not found:
        page = mlflow.post("experiments/search", max_results=2, page_token=token)
        found += [each["name"] for each in page["experiments"]]
        token = page.get("next_page_token")

    assert found == ["Default", "e4", "e3", "e2", "e1", "e0"]
