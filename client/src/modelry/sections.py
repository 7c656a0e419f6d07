"""What there is to see of a model or version, in the order in which people look for it.

Terminal and notebook show the same sections; nothing that is empty takes a line.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from modelry.progress import size
from modelry.records import Model, RemoteFile, Version
from modelry.retirements import deprecation_of

MAX_CELL_CHARACTERS = 100


@dataclass(frozen=True, slots=True)
class Section:
    """Rows under a title, with a heading if they are columns of a table. The first section of an
    object is what it is called. Cells are plain text."""

    title: str
    rows: tuple[tuple[str, ...], ...]
    heading: tuple[str, ...] = ()


def model_sections(model: Model) -> list[Section]:
    """A model's name, state and description, then what is known of it."""
    count = model.last_version
    versions = "no versions" if not count else f"{count} version{'' if count == 1 else 's'}"
    name = f"{model.namespace}/{model.name}"
    top = [(name, model.raw.get("model_type") or "", versions, _unusual(model.state))]
    aliases = (
        (f"@{cell_text(alias)}", f"version {number}") for alias, number in model.aliases.items()
    )
    stages = ((cell_text(stage), f"version {number}") for stage, number in model.stages.items())
    return _filled(
        _title(top, model.description),
        Section("Aliases", tuple(sorted(aliases))),
        Section("Stages", tuple(sorted(stages))),
        Section("Card", tuple(_flat(_card(model.card)))),
        Section("Compliance", tuple(_flat(model.compliance))),
        _holds(model.holds),
        *_described(model),
    )


def _card(card: Mapping[str, Any]) -> dict[str, Any]:
    """The card as a few lines: of long texts their first ones."""
    return {
        name: value.strip().partition("\n")[0] if isinstance(value, str) else value
        for name, value in card.items()
    }


def version_sections(
    version: Version, files: Sequence[RemoteFile] = (), evaluated: Section | None = None
) -> list[Section]:
    """A version's name and description, its build, metrics, data, files and the rest."""
    aliases = " ".join(f"@{alias}" for alias in sorted(version.aliases))
    top = [
        (
            version.reference,
            version.version or "",
            aliases,
            version.stage or "",
            version.state,
            _unusual(version.retention),
        )
    ]
    build = {
        "name": version.name,
        "model type": version.model_type,
        "framework": " ".join(str(version.framework.get(n) or "") for n in ("name", "version")),
        "license": version.license,
        "authors": ", ".join(version.authors),
        "semantic version": version.version_reason,
        "digest": version.digest,
        "fingerprint": version.fingerprint,
        "size": f"{size(version.size_bytes)} in {version.file_count} files"
        if version.file_count
        else None,
        "deprecated": deprecation_of(version),
        "approval note": version.approval_note,
    }
    return _filled(
        _title(top, version.description),
        Section("Build", tuple(_pairs(build))),
        Section("Metrics", tuple(_numbers(version.metrics))),
        Section("Training metrics", tuple(_numbers(version.training_metrics))),
        Section("Cross-validation metrics", tuple(_numbers(version.cross_validation_metrics))),
        Section("Inference metrics", tuple(_numbers(version.inference_metrics))),
        evaluated or Section("Evaluations", ()),
        _confusion(version.confusion_matrix),
        Section("Parameters", tuple(_flat(version.parameters))),
        Section("Tuning", tuple(_flat(version.tuning))),
        _table("Data sets", version.datasets, _DATASET),
        _importances(version.datasets),
        _table("Artifacts", version.artifacts, _ARTIFACT),
        Section("Code", tuple(_flat(version.code))),
        Section("Environment", tuple(_flat(version.environment))),
        Section("Signature", tuple(_flat(version.signature))),
        Section("Serving", tuple(_flat(version.serving))),
        Section("Origin", tuple(_flat(version.origin))),
        Section("Explainability", tuple(_flat(version.explainability))),
        Section("Fairness", tuple(_flat(version.fairness))),
        Section("Compliance", tuple(_flat(version.compliance))),
        _holds(version.holds),
        Section("Notes", _lines(version.notes)),
        *_described(version),
        Section(
            "Files",
            tuple((cell_text(file.path), size(file.size_bytes), file.sha256) for file in files),
            ("path", "size", "SHA-256"),
        ),
    )


_DATASET = ("name", "version", "role", "rows", "size_bytes", "digest", "uri")
_ARTIFACT = ("name", "kind", "path", "uri", "size_bytes", "digest", "description")


def _holds(holds: Sequence[Mapping[str, Any]]) -> Section:
    return _table("Legal holds", holds, ("reference", "reason", "by", "at"))


def _title(top: Sequence[tuple[str, ...]], description: str) -> Section:
    words = (cell_text(part) for part in top[0] if part)
    return Section("  ".join(words), _lines(description) or (("",),))


def _lines(text: str) -> tuple[tuple[str, ...], ...]:
    return tuple((cell_text(line),) for line in text.splitlines())


def _described(kept: Model | Version) -> Iterator[Section]:
    yield Section("Tags", tuple(_flat(kept.tags)))
    yield Section("Metadata", tuple(_flat(kept.metadata)))
    yield Section("Custom properties", tuple(_flat(kept.custom_properties)))
    record = {
        "owner": kept.owner,
        "external id": kept.external_id,
        "created": _by(kept.created_at, kept.created_by),
        "updated": _by(kept.updated_at, kept.updated_by) if kept.revision > 1 else None,
        "deleted until": kept.raw.get("purge_at"),
        "revision": kept.revision,
    }
    yield Section("Record", tuple(_pairs(record)))


def _by(at: datetime | None, who: str) -> str | None:
    return None if at is None else f"{at:%Y-%m-%d %H:%M:%S} UTC by {who}"


def _unusual(state: str) -> str:
    return "" if state == "active" else state


def _filled(*sections: Section) -> list[Section]:
    return [section for section in sections if section.rows]


def _pairs(fields: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    return (
        (name, shown)
        for name, value in fields.items()
        if (shown := cell_text(value).strip()) and value not in ({}, [], ())
    )


def _flat(value: Mapping[str, Any], place: str = "") -> Iterator[tuple[str, str]]:
    """The leaves of nested maps, each with the way to it."""
    for name, item in value.items():
        here = f"{place}.{cell_text(name)}" if place else cell_text(name)
        if isinstance(item, Mapping) and item:
            yield from _flat(item, here)
        else:
            yield here, cell_text(item, maximum=MAX_CELL_CHARACTERS)


def _numbers(metrics: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Numbers with their points one under another."""
    shown = {
        cell_text(name): f"{value:.6g}" if isinstance(value, float) else cell_text(value)
        for name, value in metrics.items()
    }
    whole = max((len(text.partition(".")[0]) for text in shown.values()), default=0)
    for name, text in sorted(shown.items()):
        yield name, " " * (whole - len(text.partition(".")[0])) + text


def _confusion(matrix: Mapping[str, Any]) -> Section:
    rows = matrix.get("matrix") or []
    labels = [cell_text(label) for label in matrix.get("labels") or range(len(rows))]
    return Section(
        "Confusion matrix",
        tuple(
            (label, *(cell_text(value) for value in row))
            for label, row in zip(labels, rows, strict=False)
        ),
        ("actual \\ predicted", *labels),
    )


def _table(title: str, items: Iterable[Mapping[str, Any]], columns: Sequence[str]) -> Section:
    """Those of the columns that any item has."""
    listed = list(items)
    shown = [name for name in columns if any(item.get(name) is not None for item in listed)]
    heading = tuple(name.removesuffix("_bytes").replace("_", " ") for name in shown)
    rows = tuple(tuple(_cell_of(item, name) for name in shown) for item in listed)
    return Section(title, rows if shown else (), heading)


def _cell_of(item: Mapping[str, Any], name: str) -> str:
    value = item.get(name)
    if name == "size_bytes" and isinstance(value, int):
        return size(value)
    return "" if value is None else cell_text(value)


def _importances(datasets: Iterable[Mapping[str, Any]]) -> Section:
    found = [
        (
            cell_text(feature.get("name")),
            cell_text(feature.get("type")),
            feature["importance"],
        )
        for dataset in datasets
        for feature in dataset.get("features") or ()
        if feature.get("importance") is not None
    ]
    found.sort(key=lambda row: -row[2])
    rows = tuple((name, kind, f"{importance:.4g}") for name, kind, importance in found[:20])
    return Section("Features", rows, ("name", "type", "importance"))


def cell_text(value: Any, *, maximum: int | None = None) -> str:
    """A value as one line of text; what others wrote must not steer the terminal."""
    if value is None:
        return ""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
    text = "".join(c if c.isprintable() else "\ufffd" for c in text)
    return text if maximum is None or len(text) <= maximum else f"{text[: maximum - 1]}…"
