"""Experiments, runs and metrics through the SDK and the command, against the whole registry."""

import json
import math
import secrets
from typing import Any

import httpx2
import pytest
from click.testing import CliRunner

from modelry import Conflict, Modelry, NotFound
from modelry.cli import modelry as command
from tests.parts import LocalRegistry


@pytest.fixture
def experiment() -> str:
    return f"team/{secrets.token_hex(4)}"


def test_a_run_is_logged_to_and_ends_by_itself(registry: Modelry, experiment: str) -> None:
    with registry.start_run(experiment, "first", parameters={"lr": 0.1}) as run:
        for step in range(1_500):
            run.log_metrics({"loss": 1 / (step + 1), "accuracy": step / 1_500}, step)
        run.log_metric("odd", math.nan)
        run.log_parameters(depth=3)
        run.log_input(name="iris", digest="sha256:0")
        run.log_output("iris", 3)

    ended = registry.run(run.id)
    assert ended.status == "finished"
    assert ended.parameters == {"lr": 0.1, "depth": 3}
    assert (ended.metrics["loss"], ended.metrics["odd"]) == (1 / 1_500, "NaN")
    assert ended.latest["loss"]["count"] == 1_500
    assert [each["kind"] for each in (*ended.inputs, *ended.outputs)] == ["dataset", "version"]
    history = list(registry.metric_history(run.id, "loss"))
    assert [point.step for point in history] == list(range(1_500))
    assert math.isnan(next(registry.metric_history(run.id, "odd")).value)
    plot = registry.plot(run.id, "loss", "accuracy", buckets=10)
    assert [len(plot[key]) for key in ("loss", "accuracy")] == [10, 10]
    assert (plot["accuracy"][0].low, plot["accuracy"][0].high) == (0.0, 149 / 1_500)
    with pytest.raises(Conflict, match="written once"):
        registry.log_parameters(run.id, {"lr": 0.2})


def test_what_raises_fails_the_run(registry: Modelry, experiment: str) -> None:
    active = registry.start_run(experiment)

    with pytest.raises(ZeroDivisionError), active as run:
        run.log_metric("loss", 1 / len(run.id[:0]))

    assert registry.run(active.id).status == "failed"
    assert registry.run(active.id).metrics == {}


def test_runs_are_listed_searched_compared_and_deleted(registry: Modelry, experiment: str) -> None:
    ids = []
    for rate, accuracy in ((0.1, 0.8), (0.2, 0.9)):
        with registry.start_run(experiment, parameters={"lr": rate}) as run:
            run.log_metric("accuracy", accuracy)
        ids.append(run.id)
    with registry.start_run(experiment, parent=ids[0]) as part:
        pass

    found = registry.runs(experiment, order_by="metrics.accuracy desc")
    assert [run.id for run in found] == [*reversed(ids), part.id]
    assert [run.id for run in registry.runs(experiment, parent=ids[0])] == [part.id]
    (best,) = registry.best_runs(experiment, "accuracy")
    assert best.id == ids[1]
    owner = registry.experiment(experiment)
    text = f"experiment_id = {owner.id} AND parameters.lr > 0.1"
    assert [run.id for run in registry.search_runs(filter=text)] == [ids[1]]
    rows = {row["name"]: row for row in registry.compare_runs(*ids)["rows"]}
    assert rows["accuracy"]["best"] == [1]
    registry.delete_run(ids[0], reason="too bad")
    with pytest.raises(NotFound):
        registry.run(ids[0])
    assert registry.undelete_run(ids[0]).state == "active"
    registry.delete_experiment(experiment, reason="over")
    assert list(registry.search_runs(filter=text)) == []
    assert registry.undelete_experiment(owner.id).name == experiment


def test_the_commands_log_and_show(
    local_registry: LocalRegistry, owner_token: str, experiment: str
) -> None:
    settings = {"MODELRY_URL": local_registry.url, "MODELRY_TOKEN": owner_token}

    def done(*arguments: str) -> str:
        result = CliRunner().invoke(command, arguments, env=settings)
        assert result.exit_code == 0, result.output
        return result.output.strip()

    first = done("log", experiment, "--start", "--name", "first", "-p", "lr=0.1", "-m", "auc=0.8")
    second = done("log", experiment, "--start", "-p", "lr=0.2", "-m", "auc=0.9")
    assert done("log", first, "-m", "auc=0.7", "--step", "1", "--status", "finished") == (
        f"Run {first} is finished."
    )
    shown: dict[str, Any] = json.loads(done("run", first, "--json"))
    assert (shown["metrics"], shown["parameters"]) == ({"auc": 0.7}, {"lr": 0.1})
    assert done("runs", experiment, "--best", "auc").splitlines()[1].startswith(second)
    assert "0.9 *" in done("run", first, second)
    assert "auc  █▁  0.7 to 0.8, last 0.7" in done("run", first, "-p", "auc")
    assert "run.updated" in done("run", first, "--history")
    sent = httpx2.put(  # as MLflow's client does
        f"{local_registry.url}/api/2.0/mlflow-artifacts/artifacts/1/{first}/artifacts/a/b",
        headers={"Authorization": f"Bearer {owner_token}"},
        content=b"any",
        trust_env=False,
    )
    assert sent.status_code == 200, sent.text
    assert done("run", first, "--files", "/").splitlines()[1].split() == ["a/"]
    assert json.loads(done("run", first, "--files", "a", "--json")) == [
        {"path": "a/b", "is_folder": False, "size_bytes": 3}
    ]
    assert experiment in done("experiments")


def test_a_model_is_logged_measured_and_listed(
    registry: Modelry, local_registry: LocalRegistry, owner_token: str, experiment: str
) -> None:
    with registry.start_run(experiment) as run:
        model = registry.create_logged_model(experiment, "net", run=run.id, parameters={"lr": 0.1})
        point = {"key": "auc", "value": 0.9, "logged_model": model.model_id}
        registry.log_metrics(run.id, [{**point, "dataset_name": "holdout"}])
        came_out = [{"kind": "logged-model", "name": model.model_id}]
        registry.link_run(run.id, outputs=came_out)

    ready = registry.update_logged_model(model.id, status="ready")
    assert (ready.status, ready.metrics[0]["value"]) == ("ready", 0.9)
    assert [each.id for each in registry.logged_models(experiment, run=run.id)] == [model.id]
    settings = {"MODELRY_URL": local_registry.url, "MODELRY_TOKEN": owner_token}
    arguments = ["logged-models", experiment, "-f", "metrics.auc > 0.5"]
    shown = CliRunner().invoke(command, arguments, env=settings)
    assert len(shown.output.splitlines()) == 2, shown.output + repr(shown.exception)
    assert shown.output.splitlines()[1].split() == [
        *(model.model_id, "net", "ready", run.id),
        *("auc", "0.9", "on", "holdout"),
    ]
    one = CliRunner().invoke(command, ["logged-models", model.model_id, "--json"], env=settings)
    assert json.loads(one.output)["name"] == "net"
    registry.delete_logged_model(model.model_id, reason="over")
    with pytest.raises(NotFound):
        registry.logged_model(model.model_id)
    assert registry.undelete_logged_model(model.model_id).state == "active"
