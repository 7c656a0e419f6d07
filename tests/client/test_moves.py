"""Moving in from a real MLflow server, and from a Kubeflow registry; again and again."""

import json
import os
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from local.ports import free_port
from local.processes import Program
from local.programs import answers
from modelry import Invalid, Modelry
from modelry.network import Network
from modelry.origins.mlflow import MlflowOrigin
from modelry.retries import RetryPolicy
from tests.client.commands import Command
from tests.client.servers import answer, scripted
from tests.parts import ROOT, LocalRegistry, running

API = "/api/2.0/mlflow"
WEIGHTS = b"weights of the second"


@dataclass(frozen=True)
class Server:
    """A server of another maker, as its clients speak to it."""

    url: str

    def call(self, method: str, path: str, body: Any = None) -> Any:
        sent = body if isinstance(body, bytes) or body is None else json.dumps(body)
        headers = {"Content-Type": "application/json"}
        done = Network().request(method, self.url + path, headers=headers, body=sent)
        assert done.status < 300, done.data
        return json.loads(done.data or b"{}")

    def post(self, path: str, **body: Any) -> Any:
        return self.call("POST", f"{API}/{path}", body)


@pytest.fixture(scope="module")
def mlflow(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The genuine server, with a run and a model of three numbers, the first of them deleted."""
    folder, port = tmp_path_factory.mktemp("mlflow"), free_port()
    python = ROOT / ".venv-clients/mlflow-3/bin"
    command = [str(python / "mlflow"), "server", "--port", str(port), "--workers", "1"]
    command += ["--backend-store-uri", f"sqlite:///{folder}/mlflow.db"]
    command += ["--artifacts-destination", str(folder / "artifacts")]
    program = Program(
        name="mlflow",
        command=command,
        environment={"PATH": f"{python}:{os.environ['PATH']}", "HOME": str(folder)},
        is_ready=lambda: answers(f"127.0.0.1:{port}", "/health"),
    )
    with running(folder, program, seconds=240):
        server = Server(f"http://127.0.0.1:{port}")
        _fill(server)
        yield server


def _fill(server: Server) -> None:
    made = server.post("experiments/create", name="churn")["experiment_id"]
    run = server.post(
        "runs/create", experiment_id=made, run_name="first", start_time=1_700_000_000_000
    )["run"]["info"]["run_id"]
    server.post("runs/log-parameter", run_id=run, key="C", value="0.5")
    for step, value in enumerate((0.7, 0.8, 0.9)):
        point = {"key": "auc", "value": value, "step": step, "timestamp": 1_700_000_001_000 + step}
        server.post("runs/log-metric", run_id=run, **point)
    server.post("runs/update", run_id=run, status="FINISHED", end_time=1_700_000_100_000)
    proxy = f"/api/2.0/mlflow-artifacts/artifacts/{made}/{run}/artifacts/model"
    server.call("PUT", f"{proxy}/weights.bin", WEIGHTS)
    server.call("PUT", f"{proxy}/deep/a%20b.txt", b"words")
    server.post("registered-models/create", name="churn", description="Who leaves")
    for _ in range(2):
        server.post("model-versions/create", name="churn", source="dbfs:/models/churn")
    server.call("DELETE", f"{API}/model-versions/delete", {"name": "churn", "version": "1"})
    source = f"mlflow-artifacts:/{made}/{run}/artifacts/model"
    server.post("model-versions/create", name="churn", source=source, run_id=run)
    server.post("registered-models/alias", name="churn", alias="champion", version="3")
    server.post(
        "model-versions/transition-stage",
        name="churn",
        version="3",
        stage="Staging",
        archive_existing_versions=False,
    )


@pytest.fixture
def room(local_registry: LocalRegistry, owner_token: str) -> Iterator[Modelry]:
    """An empty namespace."""
    name = f"moved-{uuid.uuid4().hex[:8]}"
    with Modelry(local_registry.url, local_registry.token("admin"), namespace=name) as client:
        client.create_namespace(name)
        yield client


def test_what_an_mlflow_server_keeps_is_moved_in(
    mlflow: Server, room: Modelry, tmp_path: Path
) -> None:
    moved = list(room.move_from("mlflow", mlflow.url))

    assert {row.outcome for row in moved if row.name != "churn:2"} == {"moved"}
    run = next(room.runs("churn"))
    assert (run.name, run.status, run.parameters) == ("first", "finished", {"C": "0.5"})
    points = room.metric_history(run.id, "auc")
    assert [(point.step, point.value) for point in points] == [(0, 0.7), (1, 0.8), (2, 0.9)]
    version = room.version("churn@champion")
    assert (version.number, version.raw["stage"], version.raw["run_id"]) == (3, "Staging", run.id)
    room.pull("churn:3", tmp_path / "pulled")
    assert (tmp_path / "pulled/weights.bin").read_bytes() == WEIGHTS
    assert (tmp_path / "pulled/deep/a b.txt").read_bytes() == b"words"
    assert room.model("churn").description == "Who leaves"
    assert [each.path for each in room.run_files(run.id, "model")] == [
        "model/deep",
        "model/weights.bin",
    ]
    room.fetch_run_file(run.id, "model/deep/a b.txt", tmp_path / "fetched")
    assert (tmp_path / "fetched").read_bytes() == b"words"
    room.remove_run_files(run.id, "model/deep")
    assert [each.path for each in room.run_files(run.id, "model")] == ["model/weights.bin"]


def test_bytes_that_cannot_be_had_are_said_and_the_rest_is_moved(
    mlflow: Server, room: Modelry
) -> None:
    moved = {row.name: row for row in room.move_from("mlflow", mlflow.url, runs=False)}

    assert moved["churn:2"].outcome == "partly"
    assert "dbfs:/models/churn" in moved["churn:2"].why
    assert moved["churn:3"].outcome == "moved"
    assert room.version("churn:2").raw["metadata"]["mlflow"]["source"] == "dbfs:/models/churn"


def test_moving_again_changes_nothing(mlflow: Server, room: Modelry) -> None:
    once = list(room.move_from("mlflow", mlflow.url, files=False))
    before = [room.version(f"churn:{number}").etag for number in (2, 3)]

    again = list(room.move_from("mlflow", mlflow.url, files=False))

    assert {row.outcome for row in once} == {"moved"}
    assert {row.outcome for row in again} == {"there"}
    assert [room.version(f"churn:{number}").etag for number in (2, 3)] == before
    assert len(list(room.runs("churn"))) == 1


def test_a_move_that_was_broken_off_goes_on(
    mlflow: Server, room: Modelry, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = list(room.move_from("mlflow", mlflow.url, files=False))[:0]
    rows = room.move_from("mlflow", mlflow.url, files=False)
    for row in rows:
        broken.append(row)
        if row.kind == "run":
            break

    rest = list(room.move_from("mlflow", mlflow.url, files=False))

    assert {row.outcome for row in rest} == {"there"}
    assert [run.name for run in room.runs("churn")] == ["first"]


def test_a_kubeflow_registry_is_moved_in_with_what_its_people_said(
    local_registry: LocalRegistry, room: Modelry, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = local_registry.token("admin")
    origin = f"origin-{uuid.uuid4().hex[:8]}"
    with Modelry(local_registry.url, token, namespace=origin) as there:
        there.create_namespace(origin)
        there.register_model("iris", description="Flowers", custom_properties={"team": "green"})
        version = there.push(None, "iris", name="first", code={}, environment={})
        auc = {"artifactType": "metric", "name": "auc", "value": 0.5}
        _send(f"{there.url}/ns/{origin}", token, f"/model_versions/{version.id}/artifacts", auc)
        with there.start_run("trial", "one", parameters={"lr": 0.1}) as run:
            run.log_metric("loss", 0.25, step=2)
    monkeypatch.setenv("KUBEFLOW_TOKEN", token)

    moved = list(room.move_from("kubeflow", f"{local_registry.url}/ns/{origin}"))

    assert {(row.kind, row.outcome) for row in moved} == {
        (kind, "moved") for kind in ("experiment", "run", "model", "version")
    }
    assert room.model("iris").custom_properties == {"team": "green"}
    version = room.version("iris:1")
    assert (version.name, version.metrics) == ("first", {"auc": 0.5})
    run_here = next(room.runs("trial"))
    assert [(p.step, p.value) for p in room.metric_history(run_here.id, "loss")] == [(2, 0.25)]


def _send(url: str, token: str, path: str, body: Any) -> None:
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    url = f"{url}/api/model_registry/v1{path}"
    done = Network().request("POST", url, headers=headers, body=json.dumps(body))
    assert done.status < 300, done.data


def test_the_command_says_what_became_of_each_and_counts(
    mlflow: Server, room: Modelry, local_registry: LocalRegistry, tmp_path: Path
) -> None:
    command = Command(local_registry, local_registry.token("admin"), tmp_path)

    done = command("import", "mlflow", mlflow.url, "--no-files", namespace=room.namespace_name)

    assert done.returncode == 0, done.stderr
    assert "moved   version    churn:3" in done.stdout
    assert "alias       moved    1" in done.stdout


@pytest.mark.parametrize(
    ("kind", "url", "said"),
    [
        ("mlflow", "ftp://models.example.org", "no address"),
        ("mlflow", "http://models.example.org", "for all to read"),
        ("sagemaker", "https://models.example.org", "no kind of registry"),
    ],
)
def test_what_is_no_registry_is_refused(room: Modelry, kind: str, url: str, said: str) -> None:
    with pytest.raises(Invalid, match=said):
        next(room.move_from(kind, url))


def test_a_token_stays_behind_where_bytes_lie_on_another_host() -> None:
    environment = {"MLFLOW_TRACKING_TOKEN": "secret"}
    with scripted(answer(200, b"bytes")) as store:
        away = answer(307, Location=f"{store.url}/object")
        with scripted(away) as server:
            origin = MlflowOrigin.open(server.url, Network(), RetryPolicy(), environment)
            assert b"".join(origin.reading.blocks("/file")) == b"bytes"

    assert server.asked[0].headers["Authorization"] == "Bearer secret"
    assert "Authorization" not in store.asked[0].headers
