"""What a classifier was asked and said, as labels of one kind, with a score for each class."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from modelry.errors import Invalid
from modelry.evaluation.findings import Predictions
from modelry.evaluation.needing import needed


@dataclass(frozen=True, slots=True)
class Labelled:
    """Rows of a classification. `classes` are all labels there are, in order; `scores` has a
    column for each, None if the model gives none. `positive` is what binary metrics are about,
    None if there are more than two classes and none was named."""

    truth: Any
    values: Any
    classes: tuple[Any, ...]
    positive: Any
    scores: Any = None
    are_probabilities: bool = False

    @property
    def is_binary(self) -> bool:
        """Whether there are two classes."""
        return len(self.classes) == 2

    def at(self, rows: Any) -> "Labelled":
        """Only these rows; the classes stay."""
        scores = None if self.scores is None else self.scores[rows]
        return Labelled(
            self.truth[rows],
            self.values[rows],
            self.classes,
            self.positive,
            scores,
            self.are_probabilities,
        )


def labelled(truth: Any, predictions: Predictions, positive: Any = None) -> Labelled:
    """Bring truth and predictions together. Raises `Invalid` if they do not go together, or for
    a positive label that nothing has."""
    numpy = needed("numpy", "Evaluating")
    said, known = _plain(predictions.values), _plain(predictions.classes)
    true = _plain(truth)
    if len(said) != len(true):
        raise Invalid(
            f"The evaluator said something of {len(said)} rows; there are {len(true)}.",
            next_step="Give one prediction for each row, in order.",
        )
    true, said, known = _one_kind([true, said, known])
    if not {*true} & {*said, *known}:
        raise Invalid(
            f"None of the target's labels ({_few(true)}) is one of the model's"
            f" ({_few([*said, *known])}).",
            next_step="Name the column that the model predicts as the target.",
        )
    classes = tuple(sorted({*true, *said, *known}))
    return Labelled(
        numpy.asarray(true),
        numpy.asarray(said),
        classes,
        _positive(classes, positive),
        _scores(numpy, predictions.scores, known, classes, len(true), predictions),
        predictions.are_probabilities,
    )


def shown_label(label: Any) -> Any:
    """A label as a report holds it: text or a number."""
    plain = label.item() if hasattr(label, "item") else label
    return plain if isinstance(plain, int | float) or plain else "(empty)"


def _few(labels: Sequence[Any]) -> str:
    return ", ".join(map(str, sorted({*labels})[:5]))


def _plain(values: Any) -> list[Any]:
    plain = values.tolist() if hasattr(values, "tolist") else list(values)
    return [each.item() if hasattr(each, "item") else each for each in plain]


def _one_kind(lists: Sequence[list[Any]]) -> list[list[Any]]:
    """Labels that are all true or false become text, whole floats integers, so that what is
    equal looks the same. Raises `Invalid` for text beside numbers."""
    every = [label for labels in lists for label in labels]
    if all(isinstance(label, bool) for label in every):
        return [[str(label).lower() for label in labels] for labels in lists]
    if all(isinstance(label, str) for label in every):
        return [list(labels) for labels in lists]
    if all(isinstance(label, bool | int | float) for label in every):
        return [[_whole(each) for each in labels] for labels in lists]
    shown = ["/".join(sorted({type(label).__name__ for label in labels})) for labels in lists[:2]]
    raise Invalid(
        f"The target holds {shown[0]}, the predictions are {shown[1]}.",
        next_step="Use the labels that the model was trained with in the data set.",
    )


def _whole(number: float) -> float:
    if not math.isfinite(number):
        raise Invalid("A label is not a number.", next_step="Give a label for each row.")
    return int(number) if number == int(number) else number


def _positive(classes: tuple[Any, ...], named: Any) -> Any:
    if named is None:
        return classes[-1] if len(classes) == 2 else None
    wanted = str(named).lower() if isinstance(named, bool) else str(named)
    found = [label for label in classes if str(label) == wanted]
    if not found:
        raise Invalid(
            f"No row and no class is {named!r}.",
            next_step=f"The labels are: {', '.join(map(str, classes[:20]))}.",
        )
    return found[0]


def _scores(
    numpy: Any,
    scores: Any,
    known: list[Any],
    classes: tuple[Any, ...],
    rows: int,
    predictions: Predictions,
) -> Any:
    """A column for each class; zeros for one that the model does not know."""
    if scores is None:
        return None
    given = numpy.asarray(scores, dtype=float)
    if given.ndim == 1 and len(known) == 2:
        other = 1 - given if predictions.are_probabilities else -given
        given = numpy.column_stack([other, given])
    if given.shape != (rows, len(known)) or not numpy.isfinite(given).all():
        raise Invalid(
            f"The evaluator gave scores of the shape {given.shape}, or some that are no numbers.",
            next_step=f"Give {rows} rows with a finite score for each of {len(known)} classes.",
        )
    # Lowest where there is none: a class that the model never heard of is its last guess.
    least = 0.0 if predictions.are_probabilities else float(given.min()) - 1
    whole = numpy.full((rows, len(classes)), least)
    for at, label in enumerate(known):
        whole[:, classes.index(label)] = given[:, at]
    return whole
