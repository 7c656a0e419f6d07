"""The evaluator `sklearn`: loads a scikit-learn estimator and asks it for predictions.

Pickles, and joblib files are pickles, run whatever code they hold when they are loaded. So they
are loaded with the caller's consent only; skops files are not, and are preferred.
"""

import importlib.metadata
import pickle
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from modelry.errors import Invalid
from modelry.evaluation.datasets import Dataset
from modelry.evaluation.findings import Predictions
from modelry.evaluation.needing import needed

PICKLES = (".joblib", ".pkl", ".pickle")


def version() -> str | None:
    """Which scikit-learn evaluates."""
    try:
        return importlib.metadata.version("scikit-learn")
    except importlib.metadata.PackageNotFoundError:
        return None


def evaluate(
    model: Path,
    dataset: Dataset,
    *,
    file: str | None = None,
    allow_pickle: bool = False,
    trusted: Sequence[str] = (),
) -> Predictions:
    """The predictions of the estimator in the model directory (its `file`, if it has several).

    `trusted` are types that a skops file may hold besides scikit-learn's own. Raises `Invalid`
    without consent to what loading would run, and for an estimator that does not fit the data.
    """
    base = needed("sklearn.base", "The evaluator sklearn")
    path = _model_file(Path(model), file)
    estimator = _loaded(path, allow_pickle=allow_pickle, trusted=trusted)
    task = _task(base, estimator)
    if task is None:
        raise Invalid(
            f"{path.name} is a {type(estimator).__name__}: neither a classifier nor a regressor.",
            next_step="Write an evaluator of your own and name it as module:function.",
        )
    names = getattr(estimator, "feature_names_in_", None)
    features = dataset.features(None if names is None else [str(name) for name in names])
    expected, shown = getattr(estimator, "n_features_in_", None), features.shape[1]
    if expected is not None and expected != shown:
        raise Invalid(
            f"{path.name} was trained on {expected} features; the data set shows it {shown}.",
            next_step="Name them with --feature, or leave others out with --drop.",
        )
    values = _asked(estimator, "predict", features)
    if task == "regression":
        return Predictions(task, values)
    classes = list(estimator.classes_)
    if hasattr(estimator, "predict_proba"):
        return Predictions(task, values, classes, _asked(estimator, "predict_proba", features))
    if hasattr(estimator, "decision_function"):
        scores = _asked(estimator, "decision_function", features)
        return Predictions(task, values, classes, scores, are_probabilities=False)
    return Predictions(task, values, classes)


def _task(base: Any, estimator: Any) -> str | None:
    try:
        if base.is_classifier(estimator):
            return "classification"
        return "regression" if base.is_regressor(estimator) else None
    except (AttributeError, TypeError):  # nothing of scikit-learn's kind
        return None


def _asked(estimator: Any, method: str, features: Any) -> Any:
    try:
        return getattr(estimator, method)(features)
    except (ValueError, TypeError, KeyError) as error:
        raise Invalid(
            f"The {type(estimator).__name__} cannot be asked about these rows: {error}",
            next_step="Show it the columns it was trained on, with --feature and --drop; one that"
            " was trained on a DataFrame may need pandas installed here.",
        ) from error


def _model_file(model: Path, named: str | None) -> Path:
    if model.is_file():
        return model
    if named is not None:
        file = (model / named).resolve()
        if file.is_file() and file.is_relative_to(model.resolve()):
            return file
        raise Invalid(f"{model} holds no file {named!r}.", next_step="Check its name.")
    for endings in ((".skops",), PICKLES):
        found = sorted(each for each in model.rglob("*") if each.suffix.lower() in endings)
        if len(found) == 1:
            return found[0]
        if found:
            names = ", ".join(each.relative_to(model).as_posix() for each in found[:10])
            raise Invalid(
                f"{model} holds several models: {names}.", next_step="Name one with --model-file."
            )
    raise Invalid(
        f"{model} holds no model of scikit-learn: no file that ends in .skops,"
        f" {', '.join(PICKLES)}.",
        next_step="Name the file with --model-file, or another evaluator with --evaluator.",
    )


def _loaded(path: Path, *, allow_pickle: bool, trusted: Sequence[str]) -> Any:
    if path.suffix.lower() == ".skops":
        return _from_skops(path, trusted)
    if not allow_pickle:
        raise Invalid(
            f"{path.name} is a pickle: loading it runs whatever code is in it.",
            next_step="If you made it, or trust who did, give --allow-pickle; better still, save"
            " the model with skops.",
        )
    joblib = needed("joblib", "Loading a model")
    try:
        return joblib.load(path)
    except (
        pickle.UnpicklingError, AttributeError, ImportError, EOFError, ValueError, KeyError,
        IndexError, TypeError, OSError,
    ) as error:  # fmt: skip
        raise Invalid(
            f"{path.name} cannot be loaded: {type(error).__name__}: {error}.",
            next_step="Install the packages that it was made with, in their versions.",
        ) from error


def _from_skops(path: Path, trusted: Sequence[str]) -> Any:
    skops = needed("skops.io", "Loading a .skops file", "skops")
    unknown = sorted(set(skops.get_untrusted_types(file=path)) - set(trusted))
    if unknown:
        raise Invalid(
            f"{path.name} holds types that nobody vouched for.",
            problems=[(name, "is not trusted") for name in unknown[:20]],
            next_step="Name those that you trust with --trust.",
        )
    return skops.load(path, trusted=list(trusted))
