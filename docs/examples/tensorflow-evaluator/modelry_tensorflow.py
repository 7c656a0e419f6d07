"""An evaluator for `modelry evaluate`: Keras models (.keras) on TensorFlow.

It only predicts. Metrics, curves, slices and fairness follow from what it gives back.
"""

import json
from pathlib import Path

from modelry import Invalid
from modelry.evaluation import Dataset, Predictions

LABELS = "labels.json"
"""A file beside the model that lists the labels, in the order of the outputs; else 0, 1, 2 …"""


def evaluate(
    model: Path,
    dataset: Dataset,
    *,
    task: str = "classification",
    file: str | None = None,
    batch_size: int = 256,
    threshold: float = 0.5,
) -> Predictions:
    """The predictions of the Keras model in the directory `model`, or of its `file`.

    One output is the probability of the second label, which is said from `threshold` on; several
    are those of as many labels. Outputs must be probabilities: end in a sigmoid or a softmax.
    """
    import keras  # here, so that finding the evaluator does not start TensorFlow
    import numpy

    path = model / file if file else _only_model(model)
    # `safe_mode` refuses code that is stored in the model; `compile` is for training.
    network = keras.saving.load_model(path, compile=False, safe_mode=True)
    rows = numpy.asarray(dataset.features(), dtype="float32")
    outputs = numpy.asarray(network.predict(rows, batch_size=batch_size, verbose=0))
    if task == "regression":
        return Predictions("regression", outputs.reshape(-1))
    if outputs.ndim == 1 or outputs.shape[1] == 1:
        one = outputs.reshape(-1)
        outputs = numpy.column_stack([1 - one, one])
        chosen = (one >= threshold).astype(int)
    else:
        chosen = outputs.argmax(axis=1)
    labels = _labels(path.parent, outputs.shape[1])
    return Predictions("classification", [labels[at] for at in chosen], labels, outputs)


def _only_model(model: Path) -> Path:
    found = sorted(model.rglob("*.keras")) if model.is_dir() else [model]
    if len(found) != 1:
        raise Invalid(
            f"{model} holds {len(found)} .keras files.",
            next_step="Name one: --option file=model.keras",
        )
    return found[0]


def _labels(folder: Path, count: int) -> list[str | int]:
    file = folder / LABELS
    if not file.is_file():
        return list(range(count))
    labels = json.loads(file.read_text(encoding="utf-8"))
    if not isinstance(labels, list) or len(labels) != count:
        raise Invalid(f"{file} does not list {count} labels.", next_step="List one per output.")
    return labels
