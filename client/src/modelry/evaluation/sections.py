"""What there is to see of an evaluation report, as sections for a terminal or a notebook."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from modelry.progress import size
from modelry.sections import Section, cell_text

SHOWN_IN_SLICES = ("accuracy", "f1", "f1_macro", "roc_auc", "roc_auc_ovr", "mae", "rmse", "r2")
SHOWN_LABELS = 12
RATES = (
    "accuracy", "base_rate", "selection_rate", "true_positive_rate", "false_positive_rate", "mae",
    "mean_error", "mean_prediction",
)  # fmt: skip


def report_sections(report: Mapping[str, Any]) -> list[Section]:
    """Data set and evaluator, metrics, confusion matrix, slices, fairness by column, notes."""
    notes = report.get("notes") or []
    sections = [
        _title(report),
        Section("Metrics", tuple(_metrics(report["metrics"]))),
        _matrix(report.get("confusion_matrix") or {}),
        *_slices(report.get("slices") or []),
        *(section for each in report.get("fairness") or [] for section in _fairness(each)),
        Section("Notes", tuple((cell_text(each),) for each in _listed(notes))),
    ]
    return [section for section in sections if section.rows]


def evaluations_section(evaluations: Sequence[Any]) -> Section:
    """Evaluations of a version, a line for each, as `show` has them."""
    rows = (
        (cell_text(each.dataset.get("name")), metrics_text(each.metrics), each.id)
        for each in evaluations
    )
    return Section("Evaluations", tuple(rows), ("data set", "metrics", "id"))


def metrics_text(metrics: Mapping[str, Any], most: int = 3) -> str:
    """The few metrics that people ask about first."""
    names = [name for name in SHOWN_IN_SLICES if name in metrics]
    names = [*names, *(name for name in metrics if name not in names)][:most]
    return ", ".join(f"{cell_text(name)} {number_text(metrics[name])}" for name in names)


def number_text(value: Any) -> str:
    """A metric as people compare it."""
    return "-" if value is None else f"{value:.4g}"


def _title(report: Mapping[str, Any]) -> Section:
    dataset, evaluator = report["dataset"], report["evaluator"]
    model = report.get("model") or {}
    seconds = report.get("duration_seconds")
    version = evaluator.get("version")
    facts = [
        ("data set", dataset["name"], dataset.get("version")),
        ("", _count(dataset.get("rows"), "row"), _size(dataset), dataset.get("digest")),
        ("model", _count(model.get("file_count"), "file"), _size(model), model.get("digest")),
        ("evaluator", evaluator["name"], version and f"version {version}"),
        ("evaluated", report["evaluated_at"], None if seconds is None else f"in {seconds:g} s"),
    ]
    rows = []
    for name, *parts in facts:
        said = [cell_text(part) for part in parts if part]
        if said:
            rows.append((name or " ", ", ".join(said)))
    return Section("Evaluation", tuple(rows))


def _metrics(metrics: Mapping[str, Any]) -> Iterable[tuple[str, ...]]:
    """Those of all rows; differences between groups have a section of their own."""
    return (
        (cell_text(name), number_text(value))
        for name, value in metrics.items()
        if not name.startswith("fairness.")
    )


def _matrix(matrix: Mapping[str, Any]) -> Section:
    counts = matrix.get("matrix") or []
    labels = [cell_text(label) for label in matrix.get("labels") or range(len(counts))]
    if len(labels) > SHOWN_LABELS:
        return Section("Confusion matrix", ((f"of {len(labels)} classes, in the report",),))
    rows = ((label, *map(str, row)) for label, row in zip(labels, counts, strict=True))
    return Section("Confusion matrix", tuple(rows), ("is \\ said", *labels))


def _slices(slices: Sequence[Mapping[str, Any]]) -> list[Section]:
    columns = list(dict.fromkeys(each["column"] for each in slices))
    return [
        _table(f"By {column}", [each for each in slices if each["column"] == column])
        for column in columns
    ]


def _fairness(compared: Mapping[str, Any]) -> list[Section]:
    column = cell_text(compared["column"])
    rows = ((name, number_text(value)) for name, value in compared["differences"].items())
    return [
        _table(f"Fairness by {column}", compared["groups"], RATES),
        Section(f"Differences by {column}", tuple(rows)),
    ]


def _table(
    title: str, parts: Sequence[Mapping[str, Any]], wanted: Sequence[str] = SHOWN_IN_SLICES
) -> Section:
    names = [name for name in wanted if any(name in part["metrics"] for part in parts)]
    rows = (
        (
            "(none)" if part.get("value") is None else cell_text(part["value"]),
            str(part["rows"]),
            *(number_text(part["metrics"].get(name)) for name in names),
        )
        for part in parts
    )
    return Section(cell_text(title), tuple(rows), ("value", "rows", *names))


def _count(number: int | None, what: str) -> str | None:
    return None if number is None else f"{number:,} {what}{'' if number == 1 else 's'}"


def _size(of: Mapping[str, Any]) -> str | None:
    return None if of.get("size_bytes") is None else size(of["size_bytes"])


def _listed(notes: Any) -> Sequence[Any]:
    return [notes] if isinstance(notes, str) else list(notes)
