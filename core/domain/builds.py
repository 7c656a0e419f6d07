"""What a version says of its build, typed where all clients must find the same thing in one place.

`BUILD_FIELDS` is the one list. Known keys inside the maps have types, unknown ones are kept. The
types are checked when a version is registered, never when it is read: what is stored stays
readable whatever rules come later.
"""

from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any

from core.domain.compliance_fields import COMPLIANCE, EXPLAINABILITY, FAIRNESS
from core.domain.documents import check_document
from core.domain.names import check_text
from core.domain.shapes import (
    Problem,
    Shape,
    boolean,
    count,
    either,
    fields,
    list_of,
    map_of,
    mapping,
    number,
    one_of,
    text,
    web_address,
)
from core.errors import Invalid, TooLarge

BUILD_FIELDS: Mapping[str, Any] = {
    "model_type": None,
    "parameters": {},
    "metrics": {},
    "training_metrics": {},
    "cross_validation_metrics": {},
    "inference_metrics": {},
    "confusion_matrix": {},
    "tuning": {},
    "datasets": (),
    "code": {},
    "signature": {},
    "environment": {},
    "framework": {},
    "explainability": {},
    "fairness": {},
    "compliance": {},
    "serving": {},
    "origin": {},
    "artifacts": (),
    "authors": (),
    "approval_note": None,
    "notes": "",
    "license": None,
}
"""What describes the build itself and is fixed at registration, with its defaults."""

METRICS = ("metrics", "training_metrics", "cross_validation_metrics", "inference_metrics")
"""The fields that map names to numbers: of the evaluation, the training, the folds, serving."""

MAPS = tuple(name for name, default in BUILD_FIELDS.items() if default == {})
LISTS = tuple(name for name, default in BUILD_FIELDS.items() if default == ())

MAX_MODEL_TYPE_CHARACTERS = 128
MAX_NOTES_BYTES = 64 << 10
_SHOWN = 20

_FEATURE = fields({"name": text, "type": text, "importance": number})
_DATASET = fields(
    {
        "name": text,
        "version": text,
        "digest": text,
        "uri": text,
        "size_bytes": count,
        "rows": count,
        "role": one_of("training", "validation", "test", "other"),
        "preprocessing": mapping,
        "features": list_of(_FEATURE),
    }
)
SHAPES: Mapping[str, Shape] = {
    "datasets": list_of(_DATASET),
    "framework": fields({"name": text, "version": text}),
    "confusion_matrix": lambda place, value: _confusion_matrix(place, value),
    "tuning": fields(
        {
            "method": text,
            "trials": count,
            "objective": either(text, mapping),
            "search_space": mapping,
            "best_trial": either(count, mapping),
        }
    ),
    "environment": fields(
        {
            "python": text,
            "operating_system": text,
            "hardware": either(text, mapping),
            "packages": map_of(text),
        }
    ),
    "code": fields(
        {
            "repository": text,
            "commit": text,
            "branch": text,
            "path": text,
            "dirty": boolean,
            "diff_sha256": text,
        }
    ),
    "serving": fields(
        {
            "environment": either(text, mapping),
            "scaling": mapping,
            "monitoring": list_of(fields({"name": text, "url": web_address}, required=["url"])),
        }
    ),
    "origin": fields(
        {"source": text, "uri": text, "run_id": text, "run_link": text, "model_id": text}
    ),
    "compliance": COMPLIANCE,
    "explainability": EXPLAINABILITY,
    "fairness": FAIRNESS,
    "authors": list_of(text),
    **{name: map_of(number) for name in METRICS},
}
"""The shape of each field that has one."""


def check_storable(build: Any) -> None:
    """Hold what is stored to what the database can hold. Raises `Invalid` or `TooLarge`."""
    for name in MAPS:
        check_document(name, getattr(build, name))
    for name in LISTS:
        if items := getattr(build, name):
            check_document(name, {name: items})
    for name in METRICS:
        for metric, value in getattr(build, name).items():
            if isinstance(value, bool) or not isinstance(value, (int, float)):
                raise Invalid(
                    f"The metric {metric!r} of {name} is no number.",
                    next_step="Send metrics as numbers; reports belong in metadata or a file.",
                    problems=[(f"{name}.{metric}", "must be a number")],
                )
    if build.license is not None:
        check_text("license", build.license, max_characters=255)
    if build.model_type is not None:
        check_model_type(build.model_type)
    for name in ("approval_note", "notes"):
        long = getattr(build, name)
        if long:
            check_document(name, {"text": long})
        if long and len(long.encode()) > MAX_NOTES_BYTES:
            raise TooLarge(
                f"The {name.replace('_', ' ')} is over {MAX_NOTES_BYTES >> 10} KiB.",
                next_step="Push long text as a file of the version.",
            )


def check_shapes(described: Mapping[str, Any]) -> None:
    """Raise `Invalid` naming each place where a field of a new build has not its shape."""
    found = (
        problem
        for name, shape in SHAPES.items()
        if name in described
        for problem in shape(name, described[name])
    )
    problems = list(islice(found, _SHOWN))
    if problems:
        place, message = problems[0]
        raise Invalid(
            f"What is said of the build does not fit: {place} {message}.",
            next_step="Correct these places. Keys that the registry does not know may hold"
            " anything.",
            problems=problems,
        )


def check_model_type(model_type: str) -> str:
    """Return the name of a kind of model (`classifier`); raise `Invalid` if it is none."""
    check_text("model type", model_type, max_characters=MAX_MODEL_TYPE_CHARACTERS)
    if model_type != model_type.strip() or "/" in model_type or model_type in {"*", ".", ".."}:
        raise Invalid(
            f"{model_type!r} is no model type.",
            next_step="Use a word such as 'classifier', without slashes.",
        )
    return model_type


def _confusion_matrix(place: str, value: Any) -> Iterator[Problem]:
    labels = list_of(either(text, number))
    matrix = list_of(list_of(number))
    shape = fields({"labels": labels, "matrix": matrix}, required=["matrix"] if value else [])
    wrong = False
    for problem in shape(place, value):
        wrong = True
        yield problem
    if wrong or not value:
        return
    rows = value["matrix"]
    size = len(rows)
    for at, row in enumerate(rows):
        if len(row) != size:
            yield f"{place}.matrix.{at}", f"must have {size} numbers, as there are {size} rows"
        for column, cell in enumerate(row):
            if cell < 0:
                yield f"{place}.matrix.{at}.{column}", "must not be negative"
    if value.get("labels") is not None and len(value["labels"]) != size:
        yield f"{place}.labels", f"must be {size}, one for each row of the matrix"
