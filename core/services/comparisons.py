"""The use case of comparing versions."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from core.domain.access import Action, Caller
from core.domain.comparison import Compared, Row, compare
from core.domain.evaluations import Evaluation
from core.domain.files import File
from core.domain.versions import ModelVersion, VersionReference
from core.errors import Invalid
from core.ports import Database
from core.services.lookups import version_of

MAX_COMPARED = 20
_FILES_AT_ONCE = 1_000


@dataclass(frozen=True, slots=True)
class Named:
    """A version as it is named across namespaces and models."""

    namespace: str
    model: str
    reference: VersionReference


@dataclass(frozen=True, slots=True)
class Comparison:
    """The versions that were compared, in the order asked for, and the rows."""

    versions: tuple[ModelVersion, ...]
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Comparisons:
    """Put versions side by side, of one model or of several."""

    database: Database

    def compare(self, caller: Caller, names: Sequence[Named]) -> Comparison:
        """Compare 2 to 20 versions and what stands of their evaluations; one query each, one per
        thousand files, and one per model.

        Raises `NotFound` for one that the caller may not read, `Invalid` for another number.
        """
        for name in names:
            caller.require(Action.MODEL_READ, name.namespace, model=name.model)
        if not 2 <= len(names) <= MAX_COMPARED:
            raise Invalid(
                f"{len(names)} versions were named.",
                next_step=f"Name 2 to {MAX_COMPARED} versions to compare.",
            )
        compared = self._evaluated([self._compared(name) for name in names])
        versions = tuple(each.version for each in compared)
        return Comparison(versions, compare(compared))

    def _evaluated(self, compared: Sequence[Compared]) -> list[Compared]:
        numbers: dict[tuple[str, str], set[int]] = {}
        for each in compared:
            version = each.version
            numbers.setdefault((version.namespace, version.model), set()).add(version.number)
        standing: dict[tuple[str, str, int], list[Evaluation]] = {}
        for model, among in numbers.items():
            for evaluation in self.database.evaluations.of(*model, among):
                standing.setdefault((*model, evaluation.number), []).append(evaluation)
        return [
            replace(each, evaluations=standing.get(_place(each.version), ())) for each in compared
        ]

    def _compared(self, name: Named) -> Compared:
        version = version_of(self.database, name.namespace, name.model, name.reference)
        files: list[File] = []
        after: str | None = None
        while len(files) < version.file_count and (
            page := self.database.files.page(version.id, after=after, limit=_FILES_AT_ONCE)
        ):
            files += page
            after = page[-1].path
        return Compared(version, files)


def _place(version: ModelVersion) -> tuple[str, str, int]:
    return (version.namespace, version.model, version.number)
