"""What a team does with MLflow's own client; run by an interpreter that has it:
`python flow.py STEP FOLDER`, the server in the environment. It imports nothing of the project.

Both generations run it; what the later one calls otherwise is told apart by `LATER`.
"""

import json
import os
import pathlib
import sys
import warnings

warnings.simplefilter("ignore")

import mlflow  # noqa: E402  # warnings first: it warns while loading
import mlflow.sklearn  # noqa: E402  # as above
import sklearn  # noqa: E402  # as above
from mlflow import MlflowClient  # noqa: E402  # as above
from sklearn.datasets import load_iris  # noqa: E402  # as above
from sklearn.linear_model import LogisticRegression  # noqa: E402  # as above

LATER = mlflow.__version__.startswith("3")
GENERATION = "mlflow-3" if LATER else "mlflow-2"
FLOWERS = f"flowers-{GENERATION}"
NAMES = ["odd (1) +&=~'!@$,;.txt", "100%.txt", "ö/ü 😀.bin", "deep/er/x", "empty", "a=b"]
BIG = 11 << 20


def log(folder: pathlib.Path) -> None:
    """A run with parameters, metrics, files and a model that is registered with it."""
    features, labels = load_iris(return_X_y=True, as_frame=True)
    model = LogisticRegression(max_iter=500).fit(features, labels)
    mlflow.set_experiment(f"penguins {GENERATION}")
    with mlflow.start_run(run_name="first") as run:
        mlflow.log_param("C", 1.0)
        mlflow.log_metrics({"accuracy": 0.9, "loss": 0.2}, step=1)
        mlflow.set_tag("team", "birds")
        mlflow.log_text("hello", "notes/hello.txt")
        mlflow.log_dict({"a": 1}, "notes/a.json")
        mlflow.sklearn.log_model(
            model,
            **{"name" if LATER else "artifact_path": "model"},
            registered_model_name=FLOWERS,
            input_example=features.head(2),
            pip_requirements=[f"scikit-learn=={sklearn.__version__}"],  # finding out takes long
        )
    client = MlflowClient()
    versions = client.search_model_versions(f"name = '{FLOWERS}'")
    assert [(str(one.version), one.status) for one in versions] == [("1", "READY")]
    client.set_registered_model_alias(FLOWERS, "champion", "1")
    found = client.get_model_version_by_alias(FLOWERS, "champion")
    assert (str(found.version), found.run_id) == ("1", run.info.run_id)
    kept = client.get_run(run.info.run_id)
    assert (kept.data.params["C"], kept.data.metrics["accuracy"]) == ("1.0", 0.9)
    assert (kept.data.tags["team"], kept.info.status) == ("birds", "FINISHED")
    said = {"run_id": run.info.run_id, "predicted": model.predict(features.head(60)).tolist()}
    (folder / "said.json").write_text(json.dumps(said))


def load(folder: pathlib.Path) -> None:
    """Another process has the same model by every name, and predicts the same."""
    said = json.loads((folder / "said.json").read_text())
    features, _ = load_iris(return_X_y=True, as_frame=True)
    for name in (f"{FLOWERS}@champion", f"{FLOWERS}/1", f"{FLOWERS}/latest"):
        model = mlflow.sklearn.load_model(f"models:/{name}")
        assert model.predict(features.head(60)).tolist() == said["predicted"], name
    generic = mlflow.pyfunc.load_model(f"runs:/{said['run_id']}/model")
    assert list(generic.predict(features.head(60))) == said["predicted"]
    assert generic.metadata.signature is not None


def files(folder: pathlib.Path) -> None:
    """A folder of odd names, and a file in parts, there and back."""
    sent = folder / "sent"
    for name in NAMES:
        (sent / name).parent.mkdir(parents=True, exist_ok=True)
        (sent / name).write_bytes(b"" if name == "empty" else name.encode())
    (sent / "big.bin").write_bytes(os.urandom(BIG))
    client = MlflowClient()
    mlflow.set_experiment("files")
    with mlflow.start_run() as run:
        mlflow.log_artifacts(str(sent), "out")
    listed = client.list_artifacts(run.info.run_id, "out")
    assert {(one.path, one.is_dir, one.file_size) for one in listed} >= {
        ("out/100%.txt", False, 8),
        ("out/ö", True, None),
        ("out/big.bin", False, BIG),
    }
    assert client.list_artifacts(run.info.run_id, "out/empty") == []
    local = client.download_artifacts(run.info.run_id, "out", str(folder))
    for path in (*NAMES, "big.bin"):
        assert (pathlib.Path(local) / path).read_bytes() == (sent / path).read_bytes(), path


def pushed(folder: pathlib.Path) -> None:
    """A model that another client pushed, with MLflow's own description in it, is loaded."""
    features, _ = load_iris(return_X_y=True, as_frame=True)
    said = json.loads((folder / "said.json").read_text())
    generic = mlflow.pyfunc.load_model(f"models:/{GENERATION}/1")
    assert list(generic.predict(features.head(60))) == said["predicted"]


def save(folder: pathlib.Path) -> None:
    """A model saved to a folder, for another client to push."""
    features, labels = load_iris(return_X_y=True, as_frame=True)
    model = LogisticRegression(max_iter=500).fit(features, labels)
    mlflow.sklearn.save_model(
        model,
        str(folder / "saved"),
        pip_requirements=[f"scikit-learn=={sklearn.__version__}"],
    )


def again(folder: pathlib.Path) -> None:
    """Versions of what is there: of a run's folder, of a logged model, of another version."""
    client = MlflowClient()
    run_id = json.loads((folder / "said.json").read_text())["run_id"]
    second = mlflow.register_model(f"runs:/{run_id}/model", FLOWERS)
    assert (str(second.version), second.status) == ("2", "READY")
    copy = client.copy_model_version(f"models:/{FLOWERS}/1", f"copies-{GENERATION}")
    assert (copy.name, str(copy.version)) == (f"copies-{GENERATION}", "1")
    features, _ = load_iris(return_X_y=True, as_frame=True)
    said = json.loads((folder / "said.json").read_text())["predicted"]
    for name in (f"{FLOWERS}/2", f"copies-{GENERATION}/1"):
        model = mlflow.sklearn.load_model(f"models:/{name}")
        assert model.predict(features.head(60)).tolist() == said


STEPS = {step.__name__: step for step in (log, load, files, save, pushed, again)}

for name in sys.argv[1].split(","):
    STEPS[name](pathlib.Path(sys.argv[2]))
print("done")
