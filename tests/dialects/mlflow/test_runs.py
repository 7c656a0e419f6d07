"""MLflow's runs and what is logged to them, as bytes on the wire."""

from typing import Any

import pytest

from tests.api.client import Api
from tests.builders import ADMIN
from tests.dialects.mlflow.conftest import Mlflow

BAD = "INVALID_PARAMETER_VALUE"


@pytest.fixture
def run(mlflow: Mlflow) -> str:
    """The id of a run."""
    return str(
        mlflow.post("runs/create", experiment_id="0", run_name="try")["run"]["info"]["run_id"]
    )


def data(mlflow: Mlflow, run: str) -> Any:
    return mlflow.get("runs/get", run_id=run)["run"]["data"]


def test_a_run_says_what_it_is_in_the_words_of_both_generations(mlflow: Mlflow, run: str) -> None:
    told = mlflow.get("runs/get", run_uuid=run)["run"]

    started = told["info"].pop("start_time")
    assert started > 1_600_000_000_000
    user = told["info"].pop("user_id")
    assert user.startswith("subject:dev:")
    assert told == {
        "info": {
            "run_id": run,
            "run_uuid": run,
            "experiment_id": "0",
            "run_name": "try",
            "status": "RUNNING",
            "artifact_uri": f"mlflow-artifacts:/0/{run}/artifacts",
            "lifecycle_stage": "active",
        },
        "data": {"tags": [{"key": "mlflow.runName", "value": "try"}]},
        "inputs": {},
    }


def test_the_name_of_a_run_is_a_tag_of_it(mlflow: Mlflow) -> None:
    tags = [{"key": "mlflow.runName", "value": "of the tag"}]
    made = mlflow.post("runs/create", experiment_id="0", tags=tags, user_id="ann", start_time="5")
    info = made["run"]["info"]
    assert (info["run_name"], info["user_id"], info["start_time"]) == ("of the tag", "ann", 5)

    mlflow.post("runs/set-tag", run_id=info["run_id"], key="mlflow.runName", value="again")
    mlflow.post(
        "runs/log-batch", run_id=info["run_id"], tags=[{"key": "mlflow.runName", "value": "last"}]
    )
    changed = mlflow.post("runs/update", run_id=info["run_id"], status="FAILED", end_time=9)

    assert changed["run_info"]["run_name"] == "last"
    assert (changed["run_info"]["status"], changed["run_info"]["end_time"]) == ("FAILED", 9)
    found = mlflow.post("runs/search", experiment_ids=["0"], filter="tags.mlflow.runName = 'last'")
    assert len(found["runs"]) == 1


def test_what_is_no_number_is_text_and_what_is_infinite_the_largest_number(
    mlflow: Mlflow, run: str
) -> None:
    for step, value in enumerate((1, "NaN", "Infinity", "-Infinity", "0.5")):
        mlflow.post(
            "runs/log-metric", run_id=run, key="m", value=value, timestamp=str(step), step=str(step)
        )

    told = mlflow.get("metrics/get-history", run_id=run, metric_key="m")["metrics"]

    assert [each["value"] for each in told] == [
        1.0,
        "NaN",
        1.7976931348623157e308,
        -1.7976931348623157e308,
        0.5,
    ]
    assert told[4] == {"key": "m", "value": 0.5, "timestamp": 4, "step": 4}
    assert data(mlflow, run)["metrics"] == [told[4]]


def test_the_highest_step_and_then_time_is_shown_whenever_it_came(mlflow: Mlflow, run: str) -> None:
    points = [(3, 10, 0.3), (1, 99, 0.1), (3, 12, 0.32), (3, 11, 0.31), (3, 12, 0.32)]
    for step, at, value in points:
        mlflow.post("runs/log-metric", run_id=run, key="m", value=value, timestamp=at, step=step)

    assert data(mlflow, run)["metrics"][0]["value"] == 0.32
    assert len(mlflow.get("metrics/get-history", run_id=run, metric_key="m")["metrics"]) == 4


def test_a_batch_is_stored_whole_or_not_at_all(mlflow: Mlflow, run: str) -> None:
    mlflow.post("runs/log-parameter", run_id=run, key="lr", value="0.1")
    before = mlflow.get("runs/get", run_id=run)
    good = {
        "metrics": [{"key": "m", "value": 1, "timestamp": 1}],
        "tags": [{"key": "t", "value": ""}],
    }

    for wrong in (
        {"params": [{"key": "new", "value": "1"}, {"key": "lr", "value": "0.2"}]},
        {"params": [{"key": "new", "value": "1"}, {"key": "new", "value": "1"}]},
        {"metrics": [*good["metrics"], {"key": "m", "value": "x", "timestamp": 1}]},
        {"metrics": [*good["metrics"], {"key": "m", "value": 1}]},
        {"metrics": [*good["metrics"], {"key": "", "value": 1, "timestamp": 1}]},
        {"metrics": [{"key": "m", "value": 1, "timestamp": 1 << 62}]},
        {"metrics": good["metrics"] * 1_001},
        {"metrics": [{"key": f"m{n}", "value": 1, "timestamp": 1} for n in range(1_001)]},
        {"params": [{"key": f"p{n}", "value": "1"} for n in range(101)]},
        {"tags": [{"key": f"t{n}", "value": "1"} for n in range(101)]},
    ):
        mlflow.refused(BAD, "POST", "runs/log-batch", json={"run_id": run, **good, **wrong})
    unknown = [{"key": "m", "value": 1, "timestamp": 1, "model_id": "m-1"}]
    mlflow.refused(
        "RESOURCE_DOES_NOT_EXIST",
        "POST",
        "runs/log-batch",
        json={"run_id": run, **good, "metrics": unknown},
    )
    assert mlflow.get("runs/get", run_id=run) == before

    batch = {**good, "params": [{"key": "lr", "value": "0.1"}, {"key": "p", "value": "x" * 7_000}]}
    for _ in range(2):
        mlflow.post("runs/log-batch", run_id=run, **batch)
    told = data(mlflow, run)
    assert told["params"][1]["value"] == "x" * 6_000
    assert {"key": "t", "value": ""} in told["tags"]


def test_inputs_and_outputs_are_noted_once(mlflow: Mlflow, run: str) -> None:
    model = mlflow.post("logged-models", experiment_id="0")["model"]["info"]["model_id"]
    dataset = {"name": "iris", "digest": "d1", "source_type": "http", "source": "{}"}
    datasets = [{"dataset": dataset, "tags": [{"key": "mlflow.data.context", "value": "train"}]}]
    for _ in range(2):
        mlflow.post("runs/log-inputs", run_id=run, datasets=datasets, models=[{"model_id": model}])
        mlflow.post("runs/outputs", run_id=run, models=[{"model_id": model, "step": "7"}])

    told = mlflow.get("runs/get", run_id=run)["run"]

    assert told["inputs"] == {
        "dataset_inputs": [{"dataset": dataset, "tags": datasets[0]["tags"]}],
        "model_inputs": [{"model_id": model}],
    }
    assert told["outputs"] == {"model_outputs": [{"model_id": model, "step": 7}]}
    mlflow.refused(BAD, "POST", "runs/log-inputs", json={"run_id": run, "datasets": [{}]})


def test_what_older_clients_say_of_a_model_is_kept_in_a_tag(mlflow: Mlflow, run: str) -> None:
    said = '{"artifact_path": "m", "flavors": {}, "utc_time_created": "x", "run_id": "1"}'
    for _ in range(2):
        mlflow.post("runs/log-model", run_id=run, model_json=said)

    tags = {each["key"]: each["value"] for each in data(mlflow, run)["tags"]}
    assert tags["mlflow.log-model.history"] == f"[{said}, {said}]"
    for wrong in ("x", "[]", '{"run_id": "1"}'):
        mlflow.refused(BAD, "POST", "runs/log-model", json={"run_id": run, "model_json": wrong})


def test_a_deleted_run_can_be_read_and_restored_and_nothing_else(mlflow: Mlflow, run: str) -> None:
    mlflow.post("runs/log-metric", run_id=run, key="m", value=1, timestamp=1)
    mlflow.refused(BAD, "POST", "runs/restore", json={"run_id": run})
    mlflow.post("runs/delete", run_id=run)

    assert mlflow.get("runs/get", run_id=run)["run"]["info"]["lifecycle_stage"] == "deleted"
    for path, more in (
        ("update", {"status": "FINISHED"}),
        ("delete", {}),
        ("set-tag", {"key": "a", "value": "b"}),
        ("delete-tag", {"key": "a"}),
        ("log-parameter", {"key": "a", "value": "b"}),
        ("log-metric", {"key": "a", "value": 1, "timestamp": 1}),
        ("log-batch", {}),
        ("log-inputs", {}),
        ("outputs", {}),
    ):
        told = mlflow.refused(BAD, "POST", f"runs/{path}", json={"run_id": run, **more})
        assert "must be in the 'active' state" in told
    assert mlflow.post("runs/search", experiment_ids=["0"]) == {}
    mlflow.post("runs/restore", run_id=run)
    assert mlflow.get("runs/get", run_id=run)["run"]["info"]["lifecycle_stage"] == "active"
    mlflow.refused("RESOURCE_DOES_NOT_EXIST", "GET", "runs/get", params={"run_id": "f" * 32})
    mlflow.refused(BAD, "GET", "runs/get")


def test_what_native_clients_log_is_what_these_see_and_the_other_way_round(
    api: Api, mlflow: Mlflow, run: str
) -> None:
    registry = api.world.registry
    inner = registry.runs.create(
        ADMIN,
        "default",
        "Default",
        {},
        parent=run,
        parameters={"lr": 0.5, "on": True},
        inputs=[{"kind": "dataset", "uri": "s3://sets/c", "digest": "sha256:0"}],
        outputs=[{"kind": "version", "model": "iris", "number": 1}],
    )
    mlflow.post("runs/log-parameter", run_id=str(inner.id), key="lr", value="0.5")

    told = mlflow.get("runs/get", run_id=str(inner.id))["run"]

    assert {"key": "mlflow.parentRunId", "value": run} in told["data"]["tags"]
    assert [each["value"] for each in told["data"]["params"]] == ["0.5", "True"]
    (went_in,) = told["inputs"]["dataset_inputs"]
    assert went_in["dataset"]["source"] == '{"uri": "s3://sets/c"}'
    assert "outputs" not in told
    for filter in (
        f"tags.mlflow.parentRunId = '{run}'",
        "params.lr = '0.5' AND params.on = 'True'",
    ):
        (found,) = mlflow.post("runs/search", experiment_ids=["0"], filter=filter)["runs"]
        assert found["info"]["run_id"] == str(inner.id)


def test_histories_of_several_runs_come_at_once_whole_or_down_sampled(
    mlflow: Mlflow, run: str
) -> None:
    other = mlflow.post("runs/create", experiment_id="0")["run"]["info"]["run_id"]
    for step in range(0, 3_000, 1_000):
        points = [
            {"key": "m", "value": at / 2, "timestamp": at, "step": at}
            for at in range(step, step + 1_000)
        ]
        mlflow.post("runs/log-batch", run_id=run, metrics=points)
    mlflow.post("runs/log-metric", run_id=other, key="m", value=7, timestamp=1, step=4)
    both = {"run_id": [run, other], "metric_key": "m"}

    whole = mlflow.get("metrics/get-history-bulk", **both)["metrics"]
    some = mlflow.get("metrics/get-history-bulk", **both, max_results=5)["metrics"]
    few = mlflow.get(
        "metrics/get-history-bulk-interval", run_ids=[run, other], metric_key="m", max_results=10
    )["metrics"]
    cut = mlflow.get(
        "metrics/get-history-bulk-interval",
        run_ids=run,
        metric_key="m",
        start_step=100,
        end_step=200,
        max_results=300,
    )["metrics"]

    assert len(whole) == 3_001
    assert [each["step"] for each in some] == [0, 1, 2, 3, 4]
    steps = [each["step"] for each in few if each["run_id"] == run]
    assert steps[0] == 0
    assert steps[-1] == 2_999
    assert len(steps) <= 12
    assert all(each["value"] == each["step"] / 2 for each in few if each["run_id"] == run)
    assert few[-1]["run_id"] == other
    assert [each["step"] for each in cut] == list(range(100, 201))
    first = mlflow.get("metrics/get-history", run_id=run, metric_key="m", max_results=2_000)
    assert len(first["metrics"]) == 2_000
    rest = mlflow.get(
        "metrics/get-history",
        run_id=run,
        metric_key="m",
        max_results=2_000,
        page_token=first["next_page_token"],
    )
    assert len(rest["metrics"]) == 1_000
    assert "next_page_token" not in rest
    assert mlflow.get("metrics/get-history-bulk", run_id=other, metric_key="no") == {}
    for path in ("get-history-bulk", "get-history-bulk-interval"):
        mlflow.refused(BAD, "GET", f"metrics/{path}", params={"metric_key": "m"})


def test_a_version_that_is_registered_of_a_run_is_what_came_out_of_it(
    api: Api, mlflow: Mlflow, run: str
) -> None:
    mlflow.post("registered-models/create", name="iris")
    for source, of in (("s3://elsewhere/m", run), ("s3://elsewhere/n", "f" * 32)):
        mlflow.post("model-versions/create", name="iris", source=source, run_id=of)

    found = api.world.registry.runs.get(ADMIN, "default", run)
    assert found.outputs == ({"kind": "version", "model": "iris", "number": 1},)
    versions = api.get("/api/v1/namespaces/default/models/iris/versions").json()["items"]
    assert [each["run_id"] for each in versions] == [None, run]
