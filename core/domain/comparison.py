"""Versions side by side: what differs, in which direction, and which is best."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from core.domain.builds import METRICS
from core.domain.documents import is_same
from core.domain.evaluations import Evaluation
from core.domain.files import File
from core.domain.versions import ModelVersion

SECTIONS = (
    "parameters",
    *METRICS,
    "evaluation",
    "confusion_matrix",
    "tuning",
    "datasets",
    "artifacts",
    "signature",
    "code",
    "environment",
    "framework",
    "serving",
    "explainability",
    "fairness",
    "compliance",
    "tags",
)


EVALUATION_ON = "evaluation on "
"""What the section of each data set begins with, its name behind it."""

DATASET_DIGEST = "data set digest"
"""The row of such a section that tells whether it was the same data; all others are metrics."""


class Direction(StrEnum):
    """Which values of a metric are good."""

    HIGHER = "higher"
    LOWER = "lower"


# Words in the names of metrics, and what is good; the first that fits counts.
_GOOD = (
    (Direction.LOWER, ("loss", "error", "rmse", "mse", "mae", "mape", "perplexity", "latency")),
    (Direction.LOWER, ("duration", "seconds", "brier", "divergence", "drift", "difference")),
    (Direction.HIGHER, ("accuracy", "precision", "recall", "auc", "f1", "fbeta", "score", "r2")),
    (Direction.HIGHER, ("bleu", "rouge", "ndcg", "kappa", "corrcoef", "parity", "throughput")),
)
# Words that end or begin others (power, cancer, mapping), so only as they stand.
_GOOD_WHOLE = {
    **dict.fromkeys(("wer", "cer", "nll"), Direction.LOWER),
    **dict.fromkeys(("map", "iou", "miou", "dice"), Direction.HIGHER),
}
_OTHER = {Direction.LOWER: Direction.HIGHER, Direction.HIGHER: Direction.LOWER}


@dataclass(frozen=True, slots=True)
class Cell:
    """One version's value; for a metric also what it gained on the first version that has one.

    `relative` is the delta as a share of the first value, None if that is zero.
    """

    value: Any
    delta: float | None = None
    relative: float | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """One thing compared: a cell for each version, None where a version does not have it.

    `best` holds the positions of the best value of a metric whose direction is known.
    """

    section: str
    name: str
    cells: tuple[Cell | None, ...]
    direction: Direction | None = None
    best: tuple[int, ...] = ()

    @property
    def differs(self) -> bool:
        """Whether the versions are not all the same in this."""
        first, *others = self.cells
        return any(
            (cell is None) != (first is None)
            or (cell is not None and first is not None and not is_same(cell.value, first.value))
            for cell in others
        )


@dataclass(frozen=True, slots=True)
class Compared:
    """A version, its files and what stands of its evaluations, as a comparison sees them."""

    version: ModelVersion
    files: Sequence[File] = field(default=())
    evaluations: Sequence[Evaluation] = field(default=())


def compare(compared: Sequence[Compared]) -> tuple[Row, ...]:
    """Every row, section by section, names in order; `Row.differs` tells which ones matter.

    Nested maps and lists of named things (data sets, columns) are compared item by item.
    """
    directions: dict[str, str] = {}
    for each in reversed(compared):
        stated = each.version.metadata.get("metric_directions")
        directions |= stated if isinstance(stated, Mapping) else {}
    return rows_of([_flat(each) for each in compared], directions)


def rows_of(
    columns: Sequence[Mapping[tuple[str, str], tuple[Any]]], directions: Mapping[str, Any]
) -> tuple[Row, ...]:
    """The rows of columns that hold each value, in a tuple, under its section and name."""
    names = sorted({name for column in columns for name in column}, key=_order)
    return tuple(
        _row(section, name, [column.get((section, name)) for column in columns], directions)
        for section, name in names
    )


def direction_of(metric: str, stated: Mapping[str, Any]) -> Direction | None:
    """What is good for a metric: what the versions' metadata say (`metric_directions`), else what
    its name says, else nobody knows."""
    if stated.get(metric) in {*Direction}:
        return Direction(stated[metric])
    words = re.split(r"[^a-z0-9]+", metric.casefold())
    if words[0] == "neg":  # as scikit-learn names what it turns round: neg_log_loss
        turned = direction_of("_".join(words[1:]), {})
        return turned and _OTHER[turned]
    for direction, known in _GOOD:
        if any(word.startswith(known) or word.endswith(known) for word in words):
            return direction
    return next((_GOOD_WHOLE[word] for word in words if word in _GOOD_WHOLE), None)


def _order(key: tuple[str, str]) -> tuple[int, str, str]:
    section, name = key
    kind = "evaluation" if section.startswith(EVALUATION_ON) else section
    return (SECTIONS.index(kind) if kind in SECTIONS else len(SECTIONS), section, name)


def _row(
    section: str, name: str, values: Sequence[tuple[Any] | None], directions: Mapping[str, Any]
) -> Row:
    of_data = section.startswith(EVALUATION_ON) and name != DATASET_DIGEST
    if section not in METRICS and not of_data:
        return Row(section, name, tuple(value and Cell(*value) for value in values))
    numbers = [value[0] for value in values if value is not None]
    base = numbers[0]
    cells = tuple(
        value
        and Cell(
            value[0],
            value[0] - base,
            (value[0] - base) / abs(base) if base else None,
        )
        for value in values
    )
    direction = direction_of(name, directions)
    if direction is None or len(numbers) < 2 or min(numbers) == max(numbers):
        return Row(section, name, cells, direction)
    wanted = max(numbers) if direction is Direction.HIGHER else min(numbers)
    best = tuple(at for at, value in enumerate(values) if value is not None and value[0] == wanted)
    return Row(section, name, cells, direction, best)


def _flat(compared: Compared) -> dict[tuple[str, str], tuple[Any]]:
    """Each leaf under its section and name, in a tuple so that a value of None is a value."""
    version = compared.version
    flat: dict[tuple[str, str], tuple[Any]] = {}
    for section in SECTIONS:
        whole = getattr(version, section, None)
        for name, value in _leaves(whole, ()) if whole else ():
            flat[section, name or section] = (value,)
    for evaluation in compared.evaluations:
        section = f"{EVALUATION_ON}{evaluation.dataset.name}"
        for name, metric in evaluation.metrics.items():
            flat[section, name] = (metric,)
        if evaluation.dataset.digest is not None:
            flat[section, DATASET_DIGEST] = (evaluation.dataset.digest,)
    flat["license", "license"] = (version.license,)
    for file in compared.files:
        flat["files", file.path] = ({"sha256": file.sha256, "size_bytes": file.size_bytes},)
    return flat


def _leaves(value: Any, path: tuple[str, ...]) -> Iterator[tuple[str, Any]]:
    named = _named(value)
    if named is None:
        yield ".".join(_quoted(step) for step in path), value
        return
    for name, item in named.items():
        yield from _leaves(item, (*path, name))


def _named(value: Any) -> Mapping[str, Any] | None:
    """The parts of a value by name; None for a leaf (an empty map or list is one)."""
    if isinstance(value, Mapping):
        return value or None
    if isinstance(value, list | tuple) and value:
        names = [item.get("name") if isinstance(item, Mapping) else None for item in value]
        if all(isinstance(name, str) for name in names) and len(set(names)) == len(names):
            return {
                str(name): {key: part for key, part in item.items() if key != "name"}
                for name, item in zip(names, value, strict=True)
            }
    return None


def _quoted(step: str) -> str:
    return json.dumps(step, ensure_ascii=False) if set(step) & set('."\\') else step
