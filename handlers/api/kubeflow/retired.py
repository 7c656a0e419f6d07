"""Versions in a retired stage: this dialect has no stages, so that they are archived in it."""

from collections.abc import Collection, Mapping
from functools import cached_property
from typing import Any

from core.domain.access import Caller
from core.domain.retention import Retention
from core.domain.search import Comparison, In, Not, Operator, Or, Path, Tree, Value
from core.domain.versions import ModelVersion
from core.errors import Conflict
from core.registry import Registry
from handlers.api.kubeflow.filters import Known, Leaf, words
from handlers.api.kubeflow.known import being
from handlers.api.kubeflow.wire.common import STATES
from handlers.api.kubeflow.wire.model_versions import model_version

_WORDS = {word: kept.value for word, kept in STATES.items()}
_KEPT = Path("retention")


class RetiredStages:
    """The retired stages of a namespace, which are looked up when a version has a stage."""

    def __init__(self, registry: Registry, caller: Caller, namespace: str) -> None:
        self._registry = registry
        self._caller = caller
        self._namespace = namespace

    @cached_property
    def names(self) -> frozenset[str]:
        """What they are called."""
        return self._registry.stages.retired(self._caller, self._namespace)

    def hold(self, version: ModelVersion) -> bool:
        """Whether the version is in one of them."""
        return version.stage is not None and version.stage in self.names

    def shown(self, version: ModelVersion) -> Mapping[str, Any]:
        """The version, as archived if it is in one of them."""
        return model_version(version, is_retired=self.hold(version))

    def kept(self, version: ModelVersion, wanted: Retention | None) -> Retention | None:
        """How the version is to be kept, where a client wants it so that sees it archived: it
        sends back what it saw. Raises `Conflict` if it wants another state."""
        if wanted is None or not self.hold(version):
            return wanted
        if wanted is Retention.ACTIVE:
            raise Conflict(
                f"The version {version.id} is archived because it is in {version.stage}.",
                next_step="Bring it to another stage, with a client that knows stages.",
            )
        return None

    def known(self) -> Known:
        """The state of versions as a property to filter by."""
        return words(_KEPT, _WORDS, lambda leaf: _spread(leaf, self.names))


STATE = words(_KEPT, _WORDS)
"""The same where nothing is in a retired stage."""


def _spread(leaf: Leaf, retired: Collection[str]) -> Tree:
    match leaf:
        case Comparison(_, Operator.EQUAL, value):
            return _being(value, retired)
        case Comparison(_, Operator.DIFFERENT, value):
            return Not(_being(value, retired))
        case In(_, values) if values:
            return Or(tuple(_being(value, retired) for value in values))
    return leaf


def _being(value: Value, retired: Collection[str]) -> Tree:
    is_archived = being("retention", Retention.ARCHIVED.value)
    if retired:
        is_archived = Or((is_archived, In(Path("stage"), tuple(sorted(retired)))))
    if value == Retention.ARCHIVED:
        return is_archived
    if value == Retention.ACTIVE:
        return Not(is_archived)
    return Comparison(_KEPT, Operator.EQUAL, value)
