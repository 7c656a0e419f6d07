"""What an evaluator gives back: predictions, or findings of its own."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Predictions:
    """What a model says of each row; metrics, curves, slices and fairness follow from it.

    `values` has one label or number for each row. `scores`, of a classifier, has a column for
    each of `classes`; probabilities unless `are_probabilities` says otherwise. `task` is
    classification or regression.
    """

    task: str
    values: Any
    classes: Sequence[Any] = ()
    scores: Any = None
    are_probabilities: bool = True


@dataclass(frozen=True, slots=True)
class Findings:
    """What an evaluator found out by itself, as a report holds it."""

    metrics: Mapping[str, float] = field(default_factory=dict)
    task: str = "other"
    confusion_matrix: Mapping[str, Any] | None = None
    curves: Sequence[Mapping[str, Any]] = ()
    slices: Sequence[Mapping[str, Any]] = ()
    fairness: Sequence[Mapping[str, Any]] = ()
    notes: Sequence[str] = ()
