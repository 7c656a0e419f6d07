"""What is said of a version on the command line and in a file, put together."""

from collections.abc import Mapping
from typing import Any

import click

FIELDS = frozenset(
    {
        "model_type", "parameters", "metrics", "training_metrics", "cross_validation_metrics",
        "inference_metrics", "confusion_matrix", "tuning", "datasets", "code", "signature",
        "environment", "framework", "explainability", "fairness", "compliance", "serving",
        "origin",
        "artifacts", "authors", "approval_note", "notes", "license", "description", "tags",
        "metadata", "custom_properties", "external_id", "owner",
    }
)  # fmt: skip
"""What `--document` may hold: the fields that `push` takes, by the registry's names."""


KINDS = ("model", "document", "dataset", "metric", "parameter")


def with_document(document: Mapping[str, Any], **given: Any) -> dict[str, Any]:
    """The document's fields and the given ones (None is not given): maps are merged, lists joined,
    and where both say something the given one counts. A usage error for unknown fields."""
    unknown = sorted(set(document) - FIELDS)
    if unknown:
        raise click.BadParameter(
            f"it holds {', '.join(unknown)}; there are {', '.join(sorted(FIELDS))}.",
            param_hint="--document",
        )
    merged = dict(document)
    for name, value in given.items():
        if value is None or value == []:
            continue
        before = merged.get(name)
        if isinstance(before, Mapping) and isinstance(value, Mapping):
            merged[name] = {**before, **value}
        elif isinstance(before, list) and isinstance(value, list):
            merged[name] = [*before, *value]
        else:
            merged[name] = value
    return merged


def artifact_of(name: str, place: str) -> dict[str, str]:
    """An artifact from NAME=URI or NAME=PATH, a model unless NAME is written KIND:NAME."""
    kind, colon, rest = name.partition(":")
    if not colon or kind not in KINDS:
        kind, rest = "model", name
    return {"name": rest, "kind": kind, ("uri" if "://" in place else "path"): place}
