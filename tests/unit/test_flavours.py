"""What an `MLmodel` says, of the model and of nothing else, whatever is written in it."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.adapters.memory.blobs import MemoryBlobStore
from core.domain.flavours import described_by
from core.services.flavours import read_flavours

COLUMNS = [{"type": "double", "name": "length", "required": True}]
MLMODEL = """
artifact_path: mlflow-artifacts:/1/models/m-1/artifacts
flavors:
  python_function:
    env: {conda: conda.yaml, virtualenv: python_env.yaml}
    loader_module: mlflow.sklearn
    python_version: 3.11.7
  sklearn:
    code: null
    pickled_model: model.pkl
    sklearn_version: 1.9.1
mlflow_version: 3.18.0
model_uuid: abc
signature:
  inputs: '[{"type": "double", "name": "length", "required": true}]'
  outputs: '[{"type": "tensor"}]'
  params: null
utc_time_created: 2026-11-24 15:00:00.5
"""
REQUIREMENTS = "mlflow==3.18.0\nscikit-learn[x] == 1.9.1 ; python_version>'3'\nnumpy>=2\n# a\n\n"


def read(mlmodel: str, requirements: str | None = None) -> dict[str, Any]:
    blobs = MemoryBlobStore()
    blobs.put("k", mlmodel.encode())
    found = {"MLmodel": ("k", len(mlmodel))}
    if requirements is not None:
        blobs.put("r", requirements.encode())
        found["requirements.txt"] = ("r", len(requirements))
    return read_flavours(blobs, found)


def test_a_model_of_mlflow_says_what_it_takes_and_what_it_is_of() -> None:
    said = read(MLMODEL, REQUIREMENTS)

    assert said["signature"] == {"inputs": COLUMNS, "outputs": [{"type": "tensor"}]}
    assert said["framework"] == {"name": "sklearn", "version": "1.9.1"}
    assert said["environment"] == {
        "python": "3.11.7",
        "packages": {"mlflow": "3.18.0", "scikit-learn": "1.9.1"},
    }
    kept = said["metadata"]["mlflow"]
    assert (kept["model_uuid"], kept["mlflow_version"]) == ("abc", "3.18.0")
    assert kept["flavors"]["sklearn"]["pickled_model"] == "model.pkl"
    assert kept["utc_time_created"] == "2026-11-24 15:00:00.500000"


def test_a_generic_model_has_no_framework() -> None:
    said = read("flavors: {python_function: {python_version: 3.12.1}}")

    assert set(said) == {"environment", "metadata"}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[1, 2]",
        "a: [",
        "flavors: {a: &x [1], b: *x}",
        "!!python/object/apply:os.getcwd []",
        "- " * 5_000,
        "flavors: [1]",
        "signature: text",
        "\x00",
        "x: 1" + " " * (257 << 10),
    ],
)
def test_what_is_no_description_says_nothing(text: str) -> None:
    said = read(text)

    assert set(said) <= {"metadata"}
    assert said.get("metadata", {"mlflow": {"flavors": {}}}) == {"mlflow": {"flavors": {}}}


def test_what_cannot_be_stored_is_left_out() -> None:
    huge = json.dumps(COLUMNS * 60_000)

    said = described_by({"signature": {"inputs": huge}, "flavors": {"a": {"x": 1 << 70}}})

    assert set(said) == {"framework"}


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.dates(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text() | st.integers(), inner),
    max_leaves=10,
)


@given(st.dictionaries(st.sampled_from(["flavors", "signature", "run_id", "x"]), VALUES), st.text())
def test_nothing_that_yaml_can_hold_breaks_the_reading(
    mlmodel: dict[str, Any], requirements: str
) -> None:
    assert set(described_by(mlmodel, requirements)) <= {
        "signature",
        "framework",
        "environment",
        "metadata",
    }
