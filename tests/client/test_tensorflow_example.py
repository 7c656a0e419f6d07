"""The example of an evaluator package, on a stand-in for Keras: TensorFlow is not installed here.

What Keras itself does, loading a network and running it, is not tested.
"""

import importlib.util
import json
import sys
import tomllib
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import numpy
import pytest

from core.domain.reports import check_report
from modelry import Invalid
from modelry.evaluation import Evaluator, evaluate

EXAMPLE = Path(__file__).parents[2] / "docs/examples/tensorflow-evaluator"


class Network:
    """Answers as a Keras model does: an array with a row of outputs for each row."""

    def __init__(self, outputs: Any) -> None:
        self.outputs = numpy.array(outputs, dtype="float32")
        self.asked: list[Any] = []

    def predict(self, rows: Any, batch_size: int, verbose: int) -> Any:
        self.asked.append((rows.dtype.name, rows.shape, batch_size, verbose))
        return self.outputs


@pytest.fixture
def module() -> ModuleType:
    spec = importlib.util.spec_from_file_location(
        "modelry_tensorflow", EXAMPLE / "modelry_tensorflow.py"
    )
    assert spec is not None
    assert spec.loader is not None
    loaded = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(loaded)
    return loaded


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "model").mkdir()
    (tmp_path / "model" / "model.keras").write_bytes(b"x")
    (tmp_path / "holdout.csv").write_text("a,b,y,z\n1,2,no,0\n3,4,yes,1\n5,6,yes,2\n")
    return tmp_path


def run(
    module: ModuleType,
    folder: Path,
    network: Network,
    monkeypatch: pytest.MonkeyPatch,
    target: str = "y",
    **options: Any,
) -> Any:
    loaded: list[Any] = []

    def load_model(path: Path, **how: Any) -> Network:
        loaded.append((path.name, how))
        return network

    keras = SimpleNamespace(saving=SimpleNamespace(load_model=load_model))
    monkeypatch.setitem(sys.modules, "keras", keras)
    report = evaluate(
        folder / "model",
        folder / "holdout.csv",
        target=target,
        evaluator=Evaluator("tensorflow", module.evaluate),
        features=["a", "b"],
        options=options,
    )
    assert loaded == [("model.keras", {"compile": False, "safe_mode": True})]
    assert check_report(report.document)
    return report


def test_the_entry_point_names_the_function(module: ModuleType) -> None:
    project = tomllib.loads((EXAMPLE / "pyproject.toml").read_text())["project"]

    (named,) = project["entry-points"]["modelry.evaluators"].values()

    where, _, function = named.partition(":")
    assert (EXAMPLE / f"{where}.py").is_file()
    assert callable(getattr(module, function))


def test_one_output_is_the_probability_of_the_second_label(
    module: ModuleType, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "model" / "labels.json").write_text(json.dumps(["no", "yes"]))
    network = Network([[0.2], [0.4], [0.9]])

    report = run(module, folder, network, monkeypatch, threshold=0.3, batch_size=2)

    assert network.asked == [("float32", (3, 2), 2, 0)]
    assert report.metrics["accuracy"] == 1
    assert report.metrics["roc_auc"] == 1
    assert report.document["evaluator"]["parameters"]["threshold"] == 0.3


def test_several_outputs_are_those_of_as_many_labels(
    module: ModuleType, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    network = Network(numpy.eye(3))

    report = run(module, folder, network, monkeypatch, target="z")

    assert report.metrics["accuracy"] == 1
    assert report.document["confusion_matrix"]["labels"] == [0, 1, 2]


def test_a_regression_has_one_output(
    module: ModuleType, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    network = Network([[0], [1], [4]])

    report = run(module, folder, network, monkeypatch, target="z", task="regression")

    assert report.metrics["mae"] == pytest.approx(2 / 3)


def test_a_model_that_cannot_be_told_apart_or_labelled_is_refused(
    module: ModuleType, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    labels = folder / "model" / "labels.json"
    labels.write_text(json.dumps(["only"]))
    with pytest.raises(Invalid, match="does not list 3 labels"):
        run(module, folder, Network(numpy.eye(3)), monkeypatch)
    labels.unlink()
    (folder / "model" / "other.keras").write_bytes(b"x")
    with pytest.raises(Invalid, match=r"2 \.keras files"):
        run(module, folder, Network(numpy.eye(3)), monkeypatch)
