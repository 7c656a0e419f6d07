"""Running an evaluator on a model and a data set: what comes of it is a report."""

import os
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from types import MappingProxyType
from typing import Any

from modelry.build import record_code, record_environment
from modelry.errors import Invalid
from modelry.evaluation.classification import confusion_matrix, curves
from modelry.evaluation.datasets import Dataset, load_dataset
from modelry.evaluation.evaluators import Evaluator, find_evaluator
from modelry.evaluation.findings import Findings, Predictions
from modelry.evaluation.groups import Rows, fairness, metrics_of, slices
from modelry.evaluation.labels import Labelled, labelled
from modelry.evaluation.regression import numbered
from modelry.evaluation.reports import SCHEMA_VERSION, EvaluationReport, report_of
from modelry.files import HashedFile, find_files, hash_files, manifest_digest


def evaluate(
    model: str | os.PathLike[str],
    data: str | os.PathLike[str] | Dataset,
    *,
    target: str | None = None,
    evaluator: str | Evaluator | Callable[..., Any] = "sklearn",
    slice_by: Sequence[str] = (),
    group_by: Sequence[str] = (),
    positive: Any = None,
    features: Sequence[str] | None = None,
    drop: Sequence[str] = (),
    dataset_name: str | None = None,
    dataset_version: str | None = None,
    options: Mapping[str, Any] = MappingProxyType({}),
    code: Mapping[str, Any] | None = None,
    environment: Mapping[str, Any] | None = None,
) -> EvaluationReport:
    """Evaluate the model in a directory (or file) on a data set, here, and report.

    `target` is the column that holds what is true; the model is shown `features`, by default all
    other columns but those to `drop`. Metrics are of all rows, of each value of the columns
    `slice_by`, and compared between the groups of `group_by` (fairness). `positive` is the label
    that binary metrics and fairness are about, by default the last of two. `options` are the
    evaluator's own; `code` and `environment` are recorded unless given.

    Raises `Invalid` for what does not fit together; what the evaluator raises passes.
    """
    used = find_evaluator(evaluator)
    used.check_options(options)
    dataset = _dataset(data, target, dataset_name, dataset_version)
    if features or drop:
        dataset = dataset.shown(features, drop)
    for name in (*slice_by, *group_by):
        dataset.column(name)
    started = time.monotonic()
    files = hash_files(find_files(model))
    result = used.run(Path(model), dataset, **options)
    for file in files:
        file.check_unchanged()
    findings = _findings(result, dataset, slice_by, group_by, positive)
    said = {"positive": positive, "features": list(features or ()), "drop": list(drop)}
    parameters = _filled({**said, **options})
    return report_of(
        {
            "schema_version": SCHEMA_VERSION,
            "task": findings.task,
            "evaluator": _filled(
                {"name": used.name, "version": used.version, "parameters": parameters}
            ),
            "dataset": dataset.document(),
            "model": _model(files),
            **_found(findings),
            "code": record_code() if code is None else code,
            "environment": record_environment() if environment is None else environment,
            "evaluated_at": _now(),
            "duration_seconds": round(time.monotonic() - started, 3),
        }
    )


def _model(files: Sequence[HashedFile]) -> dict[str, Any]:
    """Which files were evaluated, by the digest that a version of them has."""
    return {
        "digest": manifest_digest((file.path, file.size_bytes, file.sha256) for file in files),
        "file_count": len(files),
        "size_bytes": sum(file.size_bytes for file in files),
    }


def _found(findings: Findings) -> dict[str, Any]:
    """The findings as a report has them, the differences between groups among the metrics, so
    that gates can hold them to a limit."""
    headlines = {
        f"fairness.{each['column']}.{name}": value
        for each in findings.fairness
        for name, value in each["differences"].items()
    }
    parts = {
        "confusion_matrix": findings.confusion_matrix,
        "curves": list(findings.curves),
        "slices": list(findings.slices),
        "fairness": list(findings.fairness),
        "notes": list(findings.notes),
    }
    return {"metrics": {**findings.metrics, **headlines}, **_filled(parts)}


def _dataset(
    data: str | os.PathLike[str] | Dataset,
    target: str | None,
    name: str | None,
    version: str | None,
) -> Dataset:
    if not isinstance(data, Dataset):
        return load_dataset(data, target=target, name=name, version=version)
    if target or name or version:
        raise Invalid(
            "A data set that was made already has its name, version and target.",
            next_step="Give them to `Dataset` or `load_dataset`.",
        )
    return data


def _findings(
    result: Any,
    dataset: Dataset,
    slice_by: Sequence[str],
    group_by: Sequence[str],
    positive: Any,
) -> Findings:
    match result:
        case Predictions():
            rows = _rows(dataset, result, positive)
            return _measured(rows, dataset, slice_by, group_by)
        case Findings():
            found = result
        case Mapping():
            found = Findings(metrics={name: _plain(value) for name, value in result.items()})
        case _:
            raise Invalid(
                f"The evaluator gave a {type(result).__name__}.",
                next_step="Give `Predictions`, `Findings`, or a map of metrics.",
            )
    if slice_by or group_by:
        raise Invalid(
            "The evaluator measures by itself, so that nothing can be sliced or grouped.",
            next_step="Leave out slices and groups, or let the evaluator give `Predictions`.",
        )
    return found


def _rows(dataset: Dataset, predictions: Predictions, positive: Any) -> Rows:
    if predictions.task == "classification":
        return labelled(dataset.truth, predictions, positive)
    if predictions.task == "regression":
        return numbered(dataset.truth, predictions)
    raise Invalid(
        f"Predictions of the task {predictions.task!r} cannot be measured.",
        next_step="Say classification or regression, or give `Findings`.",
    )


def _measured(
    rows: Rows, dataset: Dataset, slice_by: Sequence[str], group_by: Sequence[str]
) -> Findings:
    by_label = isinstance(rows, Labelled)
    return Findings(
        metrics=metrics_of(rows),
        task="classification" if by_label else "regression",
        confusion_matrix=confusion_matrix(rows) if isinstance(rows, Labelled) else None,
        curves=curves(rows) if isinstance(rows, Labelled) else (),
        slices=[each for name in slice_by for each in slices(rows, name, dataset.column(name))],
        fairness=[fairness(rows, name, dataset.column(name)) for name in group_by],
        notes=_notes(rows, group_by),
    )


def _notes(rows: Rows, group_by: Sequence[str]) -> list[str]:
    if not isinstance(rows, Labelled):
        return []
    notes = []
    if rows.positive is not None:
        notes.append(f"the positive label is {rows.positive}")
    elif group_by:
        notes.append("no positive label was named, so that groups are compared by accuracy alone")
    if rows.scores is None:
        notes.append("the model gives no scores: no curves, and no metrics of scores")
    return notes


def _plain(value: Any) -> Any:
    return value.item() if hasattr(value, "item") else value


def _filled(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value not in (None, [], {}, ())}


def _now() -> str:
    now = datetime.now(UTC)
    return f"{now:%Y-%m-%dT%H:%M:%S}.{now.microsecond // 1000:03d}Z"
