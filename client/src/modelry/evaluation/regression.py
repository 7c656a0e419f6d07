"""How well a regression did: scikit-learn's own metrics."""

from dataclasses import dataclass
from typing import Any

from modelry.errors import Invalid
from modelry.evaluation.classification import defined
from modelry.evaluation.findings import Predictions
from modelry.evaluation.needing import needed


@dataclass(frozen=True, slots=True)
class Numbered:
    """Rows of a regression: what is true, and what was predicted."""

    truth: Any
    values: Any

    def at(self, rows: Any) -> "Numbered":
        """Only these rows."""
        return Numbered(self.truth[rows], self.values[rows])


def numbered(truth: Any, predictions: Predictions) -> Numbered:
    """Bring truth and predictions together. Raises `Invalid` if they are not finite numbers."""
    numpy = needed("numpy", "Evaluating")
    try:
        true = numpy.asarray(truth, dtype=float)
        said = numpy.asarray(predictions.values, dtype=float).reshape(-1)
    except (TypeError, ValueError) as error:
        raise Invalid(
            "The target or the predictions of a regression are no numbers.",
            next_step="Name a column of numbers as the target.",
        ) from error
    if len(true) != len(said) or not numpy.isfinite(true).all() or not numpy.isfinite(said).all():
        raise Invalid(
            f"The evaluator gave {len(said)} numbers for {len(true)} rows, or some that are not"
            " finite.",
            next_step="Give one finite prediction for each row, in order.",
        )
    return Numbered(true, said)


def regression_metrics(rows: Numbered) -> dict[str, float]:
    """The metrics that are defined for these rows."""
    metrics = needed("sklearn.metrics", "Evaluating a regression")
    truth, values = rows.truth, rows.values
    found = {
        "mae": lambda: metrics.mean_absolute_error(truth, values),
        "mse": lambda: metrics.mean_squared_error(truth, values),
        "rmse": lambda: metrics.mean_squared_error(truth, values) ** 0.5,
        "median_absolute_error": lambda: metrics.median_absolute_error(truth, values),
        "max_error": lambda: metrics.max_error(truth, values),
        "r2": lambda: metrics.r2_score(truth, values),
        "explained_variance": lambda: metrics.explained_variance_score(truth, values),
    }
    if (truth != 0).all():
        found["mape"] = lambda: metrics.mean_absolute_percentage_error(truth, values)
    if len(truth) < 2 or (truth == truth[0]).all():
        del found["r2"], found["explained_variance"]  # scikit-learn would say 0 or 1
    return defined(found)
