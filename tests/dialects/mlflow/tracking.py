"""Every tracking method of MLflow's client, in an environment that has it and nothing of ours."""

import math
import time

import mlflow
from mlflow import MlflowClient
from mlflow.entities import Dataset, DatasetInput, InputTag, Metric, Param, RunTag, ViewType
from mlflow.exceptions import MlflowException

IS_NEWEST = int(mlflow.__version__.partition(".")[0]) >= 3
client = MlflowClient()


def refused(code: str, call, *arguments, **more) -> None:
    """The call raises an error with this code."""
    said = "nothing"
    try:
        call(*arguments, **more)
    except MlflowException as error:
        said = error.error_code
    assert said == code, f"{call} was refused with {said}"


def experiments() -> str:
    default = client.get_experiment("0")
    assert (default.name, default.experiment_id, default.lifecycle_stage) == (
        "Default",
        "0",
        "active",
    )
    made = client.create_experiment("churn é", tags={"team": "risk"})
    found = client.get_experiment(made)
    assert (found.name, found.tags) == ("churn é", {"team": "risk"})
    assert found.artifact_location == f"mlflow-artifacts:/{made}"
    assert found.creation_time <= found.last_update_time
    assert client.get_experiment_by_name("churn é").experiment_id == made
    assert client.get_experiment_by_name("nothing") is None
    refused("RESOURCE_ALREADY_EXISTS", client.create_experiment, "churn é")
    refused("RESOURCE_DOES_NOT_EXIST", client.get_experiment, "999")
    client.set_experiment_tag(made, "stage", "try")
    client.rename_experiment(made, "churn")
    other = client.create_experiment("other")
    names = [each.name for each in client.search_experiments()]
    assert names == ["other", "churn", "Default"], names
    by = client.search_experiments(filter_string="tags.stage = 'try'", order_by=["name ASC"])
    assert [each.name for each in by] == ["churn"]
    by = client.search_experiments(filter_string="name ILIKE 'CH%'", max_results=1)
    assert [each.name for each in by] == ["churn"]
    first = client.search_experiments(max_results=2, order_by=["name DESC"])
    rest = client.search_experiments(max_results=2, order_by=["name DESC"], page_token=first.token)
    assert [each.name for each in [*first, *rest]] == ["other", "churn", "Default"]
    assert not rest.token
    client.delete_experiment(other)
    assert client.get_experiment(other).lifecycle_stage == "deleted"
    refused("INVALID_PARAMETER_VALUE", client.create_run, other)
    deleted = client.search_experiments(view_type=ViewType.DELETED_ONLY)
    assert [each.name for each in deleted] == ["other"]
    assert len(client.search_experiments(view_type=ViewType.ALL)) == 3
    client.restore_experiment(other)
    assert client.get_experiment(other).lifecycle_stage == "active"
    return made


def runs(experiment: str) -> str:
    run = client.create_run(experiment, tags={"a": "b"}, run_name="first try")
    id = run.info.run_id
    assert (run.info.status, run.info.lifecycle_stage) == ("RUNNING", "active")
    assert run.info.artifact_uri == f"mlflow-artifacts:/{experiment}/{id}/artifacts"
    assert run.data.tags["mlflow.runName"] == run.info.run_name == "first try"
    unnamed = client.create_run(experiment, start_time=1_000)
    assert unnamed.info.run_name
    assert unnamed.info.start_time == 1_000
    client.log_param(id, "lr", 0.1)
    client.log_param(id, "lr", 0.1)
    refused("INVALID_PARAMETER_VALUE", client.log_param, id, "lr", 0.2)
    for step, value in enumerate((0.9, 0.5, math.nan, math.inf, -math.inf, 0.25)):
        client.log_metric(id, "loss", value, step=step, timestamp=1_000 + step)
    client.log_metric(id, "loss", 0.9, step=0, timestamp=1_000)
    history = client.get_metric_history(id, "loss")
    values = [point.value for point in history]
    assert values[:2] == [0.9, 0.5]
    assert math.isnan(values[2])
    assert len(values) == 6
    assert values[3] > 1e308
    assert values[4] < -1e308
    assert [(point.timestamp, point.step) for point in history][-1] == (1_005, 5)
    assert client.get_metric_history(id, "nothing") == []
    client.set_tag(id, "note", "x" * 5_000)
    client.set_tag(id, "gone", "soon")
    client.delete_tag(id, "gone")
    refused("RESOURCE_DOES_NOT_EXIST", client.delete_tag, id, "gone")
    client.log_batch(
        id,
        metrics=[Metric("auc", n / 1_000, 2_000 + n, n) for n in range(1_000)],
        params=[Param(f"p{n}", str(n)) for n in range(100)],
        tags=[RunTag("batch", "yes")],
    )
    batch = {"params": [Param("new", "1"), Param("lr", "0.3")], "tags": [RunTag("no", "no")]}
    refused("INVALID_PARAMETER_VALUE", client.log_batch, id, **batch)
    dataset = Dataset("customers", "9f86d081", "s3", '{"uri": "s3://sets/c"}', '{"c": []}', "{}")
    training = [InputTag("mlflow.data.context", "training")]
    client.log_inputs(id, [DatasetInput(dataset, training)])
    found = client.get_run(id)
    assert found.data.metrics == {"loss": 0.25, "auc": 0.999}
    assert found.data.params["lr"] == "0.1"
    assert "new" not in found.data.params
    assert len(found.data.params) == 101
    assert "no" not in found.data.tags
    (went_in,) = found.inputs.dataset_inputs
    assert (went_in.dataset.name, went_in.dataset.source_type) == ("customers", "s3")
    assert [(tag.key, tag.value) for tag in went_in.tags] == [("mlflow.data.context", "training")]
    client.update_run(id, name="renamed")
    client.set_terminated(id, status="FINISHED", end_time=int(time.time() * 1_000))
    done = client.get_run(id)
    assert (done.info.status, done.info.run_name) == ("FINISHED", "renamed")
    assert done.info.end_time >= done.info.start_time
    client.delete_run(unnamed.info.run_id)
    assert client.get_run(unnamed.info.run_id).info.lifecycle_stage == "deleted"
    refused("INVALID_PARAMETER_VALUE", client.log_metric, unnamed.info.run_id, "x", 1)
    client.restore_run(unnamed.info.run_id)
    refused("RESOURCE_DOES_NOT_EXIST", client.get_run, "f" * 32)
    return id


def searches(experiment: str, finished: str) -> None:
    def found(filter: str, *order: str, **more) -> list[str]:
        page = client.search_runs([experiment], filter, order_by=list(order), **more)
        return [run.info.run_name for run in page]

    with mlflow.start_run(experiment_id=experiment, run_name="outer") as outer:
        mlflow.log_metrics({"loss": 0.1, "auc": 0.7})
        with mlflow.start_run(experiment_id=experiment, run_name="inner", nested=True):
            mlflow.log_params({"lr": 0.3, "model.depth": 4})
    latest = found("", max_results=2)
    assert latest == ["inner", "outer"], latest
    assert found("metrics.loss < 0.2") == ["outer"]
    assert found("metrics.loss <= 0.25 and params.lr = '0.1'") == ["renamed"]
    assert found("params.`model.depth` = '4'") == ["inner"]
    assert found("attributes.status = 'FINISHED' AND tags.batch LIKE 'y%'") == ["renamed"]
    assert found(f"run_id IN ('{finished}', '99')") == ["renamed"]
    assert found(f"tags.mlflow.parentRunId = '{outer.info.run_id}'") == ["inner"]
    assert found("run_name ILIKE 'OUT%'") == ["outer"]
    assert found("datasets.name = 'customers' AND datasets.context = 'training'") == ["renamed"]
    assert found("", "metrics.auc DESC", "start_time DESC")[:2] == ["renamed", "outer"]
    assert found("metrics.loss > 0", "metrics.loss ASC") == ["outer", "renamed"]
    refused("INVALID_PARAMETER_VALUE", found, "metrics.loss < 'x'")
    refused("INVALID_PARAMETER_VALUE", found, "params.lr = 1 OR params.lr = 2")
    refused("INVALID_PARAMETER_VALUE", found, "nothing = 'x'")
    assert client.search_runs([], "") == []
    first = client.search_runs([experiment], max_results=3)
    rest = client.search_runs([experiment], max_results=3, page_token=first.token)
    assert (len(first), len(rest), rest.token) == (3, 1, None)
    client.delete_run(outer.info.run_id)
    assert found("", run_view_type=ViewType.DELETED_ONLY) == ["outer"]
    assert len(found("", run_view_type=ViewType.ALL)) == 4
    assert list(mlflow.search_runs([experiment], "params.lr = '0.3'")["params.lr"]) == ["0.3"]


def fluent() -> None:
    with mlflow.start_run() as run:
        assert run.info.experiment_id == "0"
        mlflow.log_param("flag", True)
        mlflow.log_metric("loss", 0.5)
        mlflow.set_tag("team", "risk")
        mlflow.log_param("long", "x" * 5_999)
    assert mlflow.get_run(run.info.run_id).data.params["flag"] == "True"
    assert len(mlflow.search_runs(["0"])) == 1
    mlflow.set_experiment("made at once")
    assert mlflow.start_run().info.experiment_id not in {"0", None}
    mlflow.end_run("FAILED")
    assert mlflow.last_active_run().info.status == "FAILED"


def logged_models(experiment: str) -> None:
    from mlflow.entities import LoggedModelOutput, LoggedModelStatus

    with mlflow.start_run(experiment_id=experiment) as run:
        model = client.create_logged_model(
            experiment,
            "net",
            run.info.run_id,
            tags={"team": "risk"},
            params={f"p{n}": str(n) for n in range(150)},
            model_type="classifier",
        )
        assert model.model_id.startswith("m-")
        assert len(model.model_id) == 34
        assert model.artifact_location == (
            f"mlflow-artifacts:/{experiment}/models/{model.model_id}/artifacts"
        )
        client.log_outputs(run.info.run_id, [LoggedModelOutput(model.model_id, 3)])
        mlflow.log_metric("auc", 0.9, step=1, model_id=model.model_id)
        client.log_metric(
            run.info.run_id,
            "auc",
            0.8,
            step=2,
            model_id=model.model_id,
            dataset_name="holdout",
            dataset_digest="d1",
        )
    assert model.status == LoggedModelStatus.PENDING
    client.finalize_logged_model(model.model_id, LoggedModelStatus.READY)
    client.set_logged_model_tags(model.model_id, {"note/x": "y"})
    client.log_model_params(model.model_id, {"late": "1"})
    found = client.get_logged_model(model.model_id)
    assert (found.status, found.model_type) == (LoggedModelStatus.READY, "classifier")
    assert found.source_run_id == run.info.run_id
    assert len(found.params) == 151
    assert found.tags == {"team": "risk", "note/x": "y"}
    measured = {(m.key, m.value, m.dataset_name, m.run_id) for m in found.metrics}
    id = run.info.run_id
    assert measured == {("auc", 0.9, None, id), ("auc", 0.8, "holdout", id)}, measured
    (came_out,) = client.get_run(id).outputs.model_outputs
    assert (came_out.model_id, came_out.step) == (model.model_id, 3)
    client.delete_logged_model_tag(model.model_id, "note/x")
    refused("RESOURCE_DOES_NOT_EXIST", client.delete_logged_model_tag, model.model_id, "note/x")
    other = client.create_logged_model(experiment)

    def search(filter: str | None = None, **more) -> list[str]:
        page = client.search_logged_models([experiment], filter, **more)
        return [each.model_id for each in page]

    assert search() == [other.model_id, model.model_id]
    assert search("name = 'net' AND params.p7 = '7' AND tags.team = 'risk'") == [model.model_id]
    assert search("status = 'PENDING'") == [other.model_id]
    assert search("metrics.auc < 0.85") == [model.model_id]
    holdout = [{"dataset_name": "holdout"}]
    assert search("metrics.auc < 0.85", datasets=holdout) == [model.model_id]
    assert search("metrics.auc > 0.85", datasets=holdout) == []
    by = [{"field_name": "metrics.auc", "ascending": False}]
    assert search(order_by=by, max_results=1) == [model.model_id]
    by = [{"field_name": "creation_time", "ascending": True}]
    assert search(order_by=by) == [model.model_id, other.model_id]
    client.delete_logged_model(other.model_id)
    refused("RESOURCE_DOES_NOT_EXIST", client.get_logged_model, other.model_id)
    assert search() == [model.model_id]


made = experiments()
searches(made, runs(made))
fluent()
if IS_NEWEST:
    logged_models(made)
print("done")
