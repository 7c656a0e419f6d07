"""The rows of each value of a column: metrics of slices, and fairness between groups."""

import math
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from modelry.evaluation.classification import classification_metrics, defined
from modelry.evaluation.datasets import is_missing
from modelry.evaluation.labels import Labelled
from modelry.evaluation.needing import needed
from modelry.evaluation.regression import Numbered, regression_metrics

Rows = Labelled | Numbered

MAX_DISTINCT = 20
"""Numbers of more values than this are taken in bands."""
MAX_VALUES = 50
"""Of texts with more values, the commonest; the rest is one group."""
BANDS = 4
OTHERS = "(others)"


@dataclass(frozen=True, slots=True)
class Group:
    """The places of the rows that have one value of a column; None is for no value."""

    value: Any
    places: Any

    @property
    def rows(self) -> int:
        """How many."""
        return len(self.places)


def groups_of(column: Any) -> list[Group]:
    """Every row in one group: by value; numbers with many values in four bands of about as many
    rows, named by their bounds; texts with many values by the commonest and `(others)`."""
    numpy = needed("numpy", "Evaluating")
    array = numpy.asarray(column)
    if array.dtype.kind in "mM":
        array = array.astype(str)
    names = _named(numpy, [None if is_missing(each) else _plain(each) for each in array.tolist()])
    places: dict[Any, list[int]] = {}
    for at, name in enumerate(names):
        places.setdefault((type(name), name), []).append(at)
    order = sorted(places, key=lambda key: (key[1] is None, key[0].__name__, _rank(key[1])))
    return [Group(key[1], numpy.array(places[key])) for key in order]


def slices(rows: Rows, name: str, column: Any) -> list[dict[str, Any]]:
    """The metrics of each group of a column."""
    return [
        {
            "column": name,
            "value": group.value,
            "rows": group.rows,
            "metrics": metrics_of(rows.at(group.places)),
        }
        for group in groups_of(column)
    ]


def fairness(rows: Rows, name: str, column: Any) -> dict[str, Any]:
    """How groups fare, and the largest differences between two of them (0: all the same).

    Of a classifier: the share that is told the positive label (demographic parity), and of those
    who are, or are not, positive, the share that is told so (equal opportunity, equalized odds);
    a rate that no row can show is left out. Of a regression: errors and means.
    """
    found = [(group, group_metrics(rows.at(group.places))) for group in groups_of(column)]
    return {
        "column": name,
        "groups": [
            {"value": group.value, "rows": group.rows, "metrics": metrics}
            for group, metrics in found
        ],
        "differences": differences([metrics for _, metrics in found]),
    }


def metrics_of(rows: Rows) -> dict[str, float]:
    """What of these rows is reported."""
    if isinstance(rows, Numbered):
        return regression_metrics(rows)
    return classification_metrics(rows)


def group_metrics(rows: Rows) -> dict[str, float]:
    """What fairness compares of a group."""
    metrics = needed("sklearn.metrics", "Comparing groups")
    if isinstance(rows, Numbered):
        error = rows.values - rows.truth
        return defined(
            {
                "mae": lambda: metrics.mean_absolute_error(rows.truth, rows.values),
                "mean_error": lambda: error.mean(),
                "mean_prediction": lambda: rows.values.mean(),
            }
        )
    found: dict[str, Callable[[], float]] = {
        "accuracy": lambda: metrics.accuracy_score(rows.truth, rows.values)
    }
    if rows.positive is not None:
        is_it, said = rows.truth == rows.positive, rows.values == rows.positive
        found |= {
            "base_rate": lambda: is_it.mean(),
            "selection_rate": lambda: said.mean(),
            "true_positive_rate": lambda: metrics.recall_score(is_it, said, zero_division=math.nan),
            "false_positive_rate": lambda: metrics.recall_score(
                ~is_it, said, zero_division=math.nan
            ),
        }
    return defined(found)


def differences(groups: Sequence[dict[str, float]]) -> dict[str, float]:
    """The largest difference between two groups in each rate that two of them have."""
    found = {}
    for rate, name in _DIFFERENCES.items():
        rates = [metrics[rate] for metrics in groups if rate in metrics]
        if len(rates) > 1:
            found[name] = max(rates) - min(rates)
    selected = [metrics["selection_rate"] for metrics in groups if "selection_rate" in metrics]
    if len(selected) > 1 and max(selected) > 0:
        found["demographic_parity_ratio"] = min(selected) / max(selected)
    odds = ("equal_opportunity_difference", "false_positive_rate_difference")
    if all(name in found for name in odds):
        found["equalized_odds_difference"] = max(found[name] for name in odds)
    return found


_DIFFERENCES = {
    "accuracy": "accuracy_difference",
    "selection_rate": "demographic_parity_difference",
    "true_positive_rate": "equal_opportunity_difference",
    "false_positive_rate": "false_positive_rate_difference",
    "mae": "mae_difference",
    "mean_error": "mean_error_difference",
    "mean_prediction": "mean_prediction_difference",
}


def _named(numpy: Any, values: list[Any]) -> list[Any]:
    """The name of each row's group."""
    counts = Counter(value for value in values if value is not None)
    numbers = all(isinstance(value, int | float) for value in counts)
    if numbers and len(counts) > MAX_DISTINCT:
        return _bands(numpy, values)
    if len(counts) > MAX_VALUES:
        common = {value for value, _ in counts.most_common(MAX_VALUES)}
        return [value if value is None or value in common else OTHERS for value in values]
    return values


def _bands(numpy: Any, values: list[Any]) -> list[str | None]:
    present = [value for value in values if value is not None]
    bounds = numpy.unique(numpy.quantile(present, [at / BANDS for at in range(BANDS + 1)]))
    inner = bounds[1:-1].tolist()
    names = [
        f"{low:.6g} to {high:.6g}"
        for low, high in zip([bounds[0], *inner], [*inner, bounds[-1]], strict=True)
    ]
    return [
        None if value is None else names[int(numpy.searchsorted(inner, value, side="right"))]
        for value in values
    ]


def _plain(value: Any) -> Any:
    if isinstance(value, str | bool | int | float):
        return value
    return str(value)


def _rank(value: Any) -> Any:
    """What a group is sorted by among those of its type; bands by their lower bound."""
    if isinstance(value, str):
        head = value.partition(" to ")[0]
        try:
            return (0, float(head), value)
        except ValueError:
            return (1, 0.0, value)
    return 0 if value is None else (0, float(value), "")
