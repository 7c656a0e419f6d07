"""Evaluation reports: what a client says about how a version did on a data set, as JSON.

The format is versioned and its known parts have shapes; keys that the registry does not know are
kept as they are.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

from core.domain.builds import SHAPES
from core.domain.documents import check_document
from core.domain.moments import parse_moment
from core.domain.names import check_text
from core.domain.shapes import (
    Problem,
    count,
    either,
    fields,
    list_of,
    map_of,
    mapping,
    number,
    one_of,
    text,
)
from core.domain.versions import DIGEST
from core.errors import Invalid, TooLarge

SCHEMA_VERSION = 1
TASKS = ("classification", "regression", "other")

MAX_METRICS = 500
MAX_NAME_CHARACTERS = 255
MAX_CURVES = 100
MAX_POINTS = 1_000
MAX_SLICES = 1_000
_SHOWN = 20


def check_report(report: Any) -> Mapping[str, Any]:
    """Return the report if it is one.

    Raises `Invalid` naming each place that is wrong, `TooLarge` past 1 MiB (or 50 000 values).
    """
    check_document("report", report)
    if report.get("schema_version") != SCHEMA_VERSION:
        raise Invalid(
            f"The report is of schema version {str(report.get('schema_version'))[:40]!a};"
            f" this registry reads {SCHEMA_VERSION}.",
            next_step=f'Write "schema_version": {SCHEMA_VERSION}, as docs/guide/evaluation.md'
            " describes it.",
            problems=[("schema_version", f"must be {SCHEMA_VERSION}")],
        )
    problems = list(islice(_REPORT("report", report), _SHOWN))
    if problems:
        place, message = problems[0]
        raise Invalid(
            f"The evaluation report does not fit: {place} {message}.",
            next_step="Correct these places; `modelry evaluate` writes reports that fit.",
            problems=problems,
        )
    _check_number_of("metrics", report["metrics"], MAX_METRICS)
    _check_number_of("curves", report.get("curves") or (), MAX_CURVES)
    _check_number_of("slices", report.get("slices") or (), MAX_SLICES)
    for name in report["metrics"]:
        check_text("name of a metric", name, max_characters=MAX_NAME_CHARACTERS)
    for what, value in (
        ("name of the data set", report["dataset"]["name"]),
        ("name of the evaluator", report["evaluator"]["name"]),
    ):
        check_text(what, value, max_characters=MAX_NAME_CHARACTERS)
    return report


def canonical(report: Mapping[str, Any]) -> bytes:
    """The report as the bytes that its digest is over: JSON, keys sorted, no spaces, UTF-8."""
    return json.dumps(
        report, sort_keys=True, ensure_ascii=False, separators=(",", ":"), allow_nan=False
    ).encode()


def report_digest(content: bytes) -> str:
    """What tells one report from another: `sha256:` and the digest of its canonical form."""
    return f"sha256:{hashlib.sha256(content).hexdigest()}"


def _time(place: str, value: Any) -> Iterator[Problem]:
    try:
        parse_moment(value if isinstance(value, str) else "")
    except Invalid:
        yield place, "must be a time as RFC 3339 writes it"


def _digest(place: str, value: Any) -> Iterator[Problem]:
    if not isinstance(value, str) or not DIGEST.fullmatch(value):
        yield place, "must be sha256: and 64 hexadecimal digits"


def _duration(place: str, value: Any) -> Iterator[Problem]:
    yield from number(place, value)
    if isinstance(value, int | float) and value < 0:
        yield place, "must not be negative"


def _curve(place: str, value: Any) -> Iterator[Problem]:
    shape = fields(
        {"name": text, "label": _VALUE, "x": _NUMBERS, "y": _NUMBERS, "thresholds": list_of(_GAP)},
        required=["name", "x", "y"],
    )
    wrong = False
    for problem in shape(place, value):
        wrong = True
        yield problem
    if wrong:
        return
    size = len(value["x"])
    if size > MAX_POINTS:
        yield f"{place}.x", f"has {size} points; at most {MAX_POINTS} are kept of a curve"
    for name in ("y", "thresholds"):
        if value.get(name) is not None and len(value[name]) != size:
            yield f"{place}.{name}", f"must have {size} numbers, as x has"


def _gap(place: str, value: Any) -> Iterator[Problem]:
    if value is not None:
        yield from number(place, value)


def _value(place: str, value: Any) -> Iterator[Problem]:
    if value is not None and not isinstance(value, str | bool | int | float):
        yield place, "must be text, a number, true, false or null"


_GAP = _gap
_VALUE = _value
_NUMBERS = list_of(number)
_METRICS = map_of(number)
_PART = fields(
    {"column": text, "value": _VALUE, "rows": count, "metrics": _METRICS},
    required=["column", "rows", "metrics"],
)
_GROUP = fields({"value": _VALUE, "rows": count, "metrics": _METRICS}, required=["rows", "metrics"])
_FAIRNESS = fields(
    {"column": text, "groups": list_of(_GROUP), "differences": _METRICS},
    required=["column", "groups", "differences"],
)
_DATASET = fields(
    {
        "name": text,
        "version": text,
        "digest": text,
        "uri": text,
        "size_bytes": count,
        "rows": count,
        "target": text,
    },
    required=["name"],
)
_REPORT = fields(
    {
        "task": one_of(*TASKS),
        "evaluator": fields(
            {"name": text, "version": text, "parameters": mapping}, required=["name"]
        ),
        "dataset": _DATASET,
        "model": fields({"digest": _digest, "file_count": count, "size_bytes": count}),
        "metrics": _METRICS,
        "confusion_matrix": SHAPES["confusion_matrix"],
        "curves": list_of(_curve),
        "slices": list_of(_PART),
        "fairness": list_of(_FAIRNESS),
        "code": SHAPES["code"],
        "environment": SHAPES["environment"],
        "evaluated_at": _time,
        "duration_seconds": _duration,
        "notes": either(text, list_of(text)),
    },
    required=["evaluator", "dataset", "metrics", "evaluated_at"],
)


def _check_number_of(what: str, values: Sequence[Any] | Mapping[str, Any], most: int) -> None:
    if len(values) > most:
        raise TooLarge(
            f"The report has {len(values)} {what}; at most {most} are kept.",
            next_step="Leave out what nobody compares, or push it as a file of the version.",
        )
