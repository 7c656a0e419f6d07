"""How well a classifier did: scikit-learn's own metrics, its confusion matrix, its curves."""

import math
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

from modelry.evaluation.labels import Labelled, shown_label
from modelry.evaluation.needing import needed

MAX_CLASSES = 100
"""How many classes a confusion matrix has at most."""
MAX_CURVE_CLASSES = 10
MAX_POINTS = 200


def classification_metrics(rows: Labelled) -> dict[str, float]:
    """The metrics that scikit-learn defines for these rows; others are left out.

    Of two classes they are about the positive one; of more, averages (`…_macro`: each class
    counts the same).
    """
    metrics = needed("sklearn.metrics", "Evaluating a classifier")
    truth, values = rows.truth, rows.values
    found: dict[str, Callable[[], float]] = {
        "accuracy": lambda: metrics.accuracy_score(truth, values),
        "balanced_accuracy": lambda: metrics.balanced_accuracy_score(truth, values),
        "matthews_corrcoef": lambda: metrics.matthews_corrcoef(truth, values),
    }
    about: dict[str, Any] = {"labels": list(rows.classes), "average": "macro", "zero_division": 0}
    ending = "_macro"
    if rows.is_binary:
        about = {"pos_label": rows.positive, "zero_division": math.nan}
        ending = ""
    for name in ("precision", "recall", "f1"):
        score = getattr(metrics, f"{name}_score")
        found[name + ending] = partial(score, truth, values, **about)
    if not rows.is_binary:
        weighted = {**about, "average": "weighted"}
        found["f1_weighted"] = lambda: metrics.f1_score(truth, values, **weighted)
    if rows.scores is not None and len(rows.classes) > 1:
        found |= _by_scores(metrics, rows)
    return defined(found)


def confusion_matrix(rows: Labelled) -> dict[str, Any] | None:
    """How often each class (rows) was taken for each (columns); None past 100 classes."""
    if len(rows.classes) > MAX_CLASSES:
        return None
    metrics = needed("sklearn.metrics", "Evaluating a classifier")
    matrix = metrics.confusion_matrix(rows.truth, rows.values, labels=list(rows.classes))
    return {"labels": [shown_label(label) for label in rows.classes], "matrix": matrix.tolist()}


def curves(rows: Labelled) -> list[dict[str, Any]]:
    """ROC and precision-recall curves of the positive class, or of each of up to ten, of at most
    200 points."""
    metrics = needed("sklearn.metrics", "Evaluating a classifier")
    if rows.scores is None or len(rows.classes) > MAX_CURVE_CLASSES:
        return []
    wanted = [rows.positive] if rows.positive is not None else list(rows.classes)
    found = []
    for label in wanted:
        is_it = rows.truth == label
        if is_it.all() or not is_it.any():
            continue
        scores = rows.scores[:, rows.classes.index(label)]
        false, true, thresholds = metrics.roc_curve(is_it, scores)
        found.append(_curve("roc", label, false, true, thresholds))
        precision, recall, thresholds = metrics.precision_recall_curve(is_it, scores)
        found.append(_curve("precision_recall", label, recall, precision, [*thresholds, math.inf]))
    return found


def defined(found: dict[str, Callable[[], float]]) -> dict[str, float]:
    """The numbers of those that can be computed, and are numbers."""
    numbers = {}
    with _quietly():
        for name, compute in found.items():
            try:
                number = float(compute())
            except ValueError:  # how some versions say that it is not defined
                continue
            if math.isfinite(number):
                numbers[name] = number
    return numbers


def _by_scores(metrics: Any, rows: Labelled) -> dict[str, Callable[[], float]]:
    truth, scores, labels = rows.truth, rows.scores, list(rows.classes)
    found: dict[str, Callable[[], float]] = {}
    if rows.is_binary:
        is_it, score = truth == rows.positive, scores[:, labels.index(rows.positive)]
        found["roc_auc"] = lambda: metrics.roc_auc_score(is_it, score)
        if is_it.any():
            found["average_precision"] = lambda: metrics.average_precision_score(is_it, score)
        if rows.are_probabilities:
            found["brier"] = lambda: metrics.brier_score_loss(is_it, score)
    elif rows.are_probabilities:
        found["roc_auc_ovr"] = lambda: metrics.roc_auc_score(
            truth, scores, multi_class="ovr", labels=labels
        )
    if rows.are_probabilities:
        found["log_loss"] = lambda: metrics.log_loss(truth, scores, labels=labels)
    return found


def _curve(name: str, label: Any, x: Any, y: Any, thresholds: Any) -> dict[str, Any]:
    chosen = _thinned(len(x))
    return {
        "name": name,
        "label": shown_label(label),
        "x": [round(float(x[at]), 6) for at in chosen],
        "y": [round(float(y[at]), 6) for at in chosen],
        "thresholds": [_finite(float(thresholds[at])) for at in chosen],
    }


def _thinned(count: int) -> list[int]:
    """At most 200 places of so many, evenly, the first and the last among them."""
    if count <= MAX_POINTS:
        return list(range(count))
    return [at * (count - 1) // (MAX_POINTS - 1) for at in range(MAX_POINTS)]


def _finite(number: float) -> float | None:
    return number if math.isfinite(number) else None


@contextmanager
def _quietly() -> Iterator[None]:
    """Without warnings of undefined metrics: those are left out."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield
