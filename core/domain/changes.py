"""What changed between two builds of a model, and which step of the semantic version tells it."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from core.domain.builds import BUILD_FIELDS
from core.domain.documents import is_same
from core.domain.semantic_versions import Step
from core.domain.versions import ModelVersion

_FIRST = ("code", "environment", "framework", "metrics", "license")
_GREATER = ("signature", "parameters", "datasets")
_ANYTHING_ELSE = (*_FIRST, *(name for name in BUILD_FIELDS if name not in {*_FIRST, *_GREATER}))


@dataclass(frozen=True, slots=True)
class Change:
    """The step that the difference of two builds demands, and the parts that demand it."""

    step: Step
    parts: tuple[str, ...]

    def since(self, version: str) -> str:
        """In words: `parameters changed since 1.2.0`."""
        if not self.parts:
            return f"nothing changed since {version}"
        *others, last = self.parts
        what = f"{', '.join(others)} and {last}" if others else last
        return f"{what} changed since {version}"


def change_between(before: ModelVersion, after: ModelVersion) -> Change:
    """Signature: major. Parameters or data sets: minor. Files and all the rest: patch."""
    if not is_same(before.signature, after.signature):
        return Change(Step.MAJOR, ("signature",))
    minor = []
    if not is_same(before.parameters, after.parameters):
        minor.append("parameters")
    if not same_datasets(before.datasets, after.datasets):
        minor.append("data sets")
    if minor:
        return Change(Step.MINOR, tuple(minor))
    patch = [] if before.digest == after.digest else ["files"]
    patch += [
        part.replace("_", " ")
        for part in _ANYTHING_ELSE
        if not is_same(getattr(before, part), getattr(after, part))
    ]
    return Change(Step.PATCH, tuple(patch))


def dataset_identity(dataset: Mapping[str, Any]) -> Mapping[str, Any]:
    """What says which data it is: the digest; else name, version and URI; else all there is."""
    if dataset.get("digest"):
        return {"digest": dataset["digest"]}
    named = {
        part: dataset[part]
        for part in ("name", "version", "uri")
        if dataset.get(part) not in (None, "")
    }
    return named or dataset


def same_datasets(first: Iterable[Mapping[str, Any]], second: Iterable[Mapping[str, Any]]) -> bool:
    """Whether both are the same data sets, in whatever order and however described."""
    return _identities(first) == _identities(second)


def _identities(datasets: Iterable[Mapping[str, Any]]) -> list[str]:
    return sorted(json.dumps(dataset_identity(each), sort_keys=True) for each in datasets)
