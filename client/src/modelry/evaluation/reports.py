"""Evaluation reports as files: written by `modelry evaluate`, registered by `push`."""

import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from modelry.errors import Invalid

SCHEMA_VERSION = 1


@dataclass(frozen=True, slots=True)
class EvaluationReport:
    """What an evaluation found, as JSON; the guide to evaluation describes the form."""

    document: Mapping[str, Any]

    @property
    def metrics(self) -> Mapping[str, float]:
        """The metrics over all rows, and the differences between groups."""
        metrics: Mapping[str, float] = self.document["metrics"]
        return metrics

    @property
    def digest(self) -> str:
        """What the registry calls this very report: over its JSON with sorted keys."""
        text = json.dumps(self.document, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
        return f"sha256:{hashlib.sha256(text.encode()).hexdigest()}"

    def _repr_html_(self) -> str:
        from modelry.evaluation.sections import report_sections
        from modelry.notebooks import html_of

        return html_of(report_sections(self.document))

    def write(self, path: str | os.PathLike[str]) -> Path:
        """Write it to a file, in one step."""
        file = Path(path)
        half = file.with_name(f"{file.name}.part")
        text = json.dumps(self.document, indent=2, ensure_ascii=False, allow_nan=False)
        half.write_text(text + "\n", encoding="utf-8")
        half.replace(file)
        return file


def report_of(document: Any) -> EvaluationReport:
    """The report that a JSON document is. Raises `Invalid` for one that is none."""
    try:
        text = json.dumps(document, allow_nan=False)
    except (TypeError, ValueError) as error:
        raise Invalid(
            f"The report cannot be written as JSON: {error}.",
            next_step="Give finite numbers, text, lists and maps: numpy's are none of these.",
        ) from error
    whole = json.loads(text)
    needs = ("evaluator", "dataset", "metrics", "evaluated_at")
    if not isinstance(whole, dict) or whole.get("schema_version") != SCHEMA_VERSION:
        raise Invalid(
            f"This is no evaluation report of schema version {SCHEMA_VERSION}.",
            next_step="Write one with `modelry evaluate --output report.json`.",
        )
    missing = [name for name in needs if not isinstance(whole.get(name), dict | str)]
    if missing:
        raise Invalid(f"The report has no {missing[0]}.", next_step="Evaluate again.")
    return EvaluationReport(whole)


def read_report(path: str | os.PathLike[str]) -> EvaluationReport:
    """The report in a file. Raises `Invalid` for a file that holds none."""
    try:
        document = json.loads(Path(path).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise Invalid(
            f"{path} holds no evaluation report: {error}.",
            next_step="Write one with `modelry evaluate --output report.json`.",
        ) from error
    return report_of(document)
