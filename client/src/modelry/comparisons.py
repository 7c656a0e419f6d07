"""Versions side by side."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Self

from modelry.errors import Invalid
from modelry.references import Reference
from modelry.session import Session


@dataclass(frozen=True, slots=True)
class Row:
    """One thing compared: `values` has one for each version, `present` whether it has it.

    `deltas` are a metric's gains on the first version, `best` the positions of its best value.
    """

    section: str
    name: str
    values: tuple[Any, ...]
    present: tuple[bool, ...]
    deltas: tuple[float | None, ...]
    direction: str | None
    best: tuple[int, ...]

    @classmethod
    def read(cls, raw: Mapping[str, Any]) -> Self:
        """From the registry's JSON."""
        cells = raw["cells"]
        return cls(
            raw["section"],
            raw["name"],
            tuple(cell and cell["value"] for cell in cells),
            tuple(cell is not None for cell in cells),
            tuple(cell and cell["delta"] for cell in cells),
            raw["direction"],
            tuple(raw["best"]),
        )


@dataclass(frozen=True, slots=True)
class Comparison:
    """`versions` names them in the order asked for (`namespace/model:3`); `raw` is all there is."""

    versions: tuple[str, ...]
    rows: tuple[Row, ...]
    raw: Mapping[str, Any]


class Comparisons(Session):
    """Operations on several versions."""

    def compare(
        self,
        *references: str | Reference,
        everything: bool = False,
        namespace: str | None = None,
    ) -> Comparison:
        """What differs between 2 to 20 versions; with `everything` also what does not.

        A reference to a model means its latest version. Raises `Invalid` and `NotFound`.
        """
        if len(references) < 2:
            raise Invalid("One version alone compares with nothing.", next_step="Name a second.")
        named = [self.resolve(reference, namespace) for reference in references]
        asked = [str(replace(each, version=each.version or "latest")) for each in named]
        answer = self.transport.get(
            f"{self.in_namespace(namespace)}/compare",
            version=asked,
            all="true" if everything else None,
        )
        raw: Mapping[str, Any] = answer.document
        versions = tuple(
            f"{each['namespace']}/{each['model']}:{each['number']}" for each in raw["versions"]
        )
        return Comparison(versions, tuple(map(Row.read, raw["rows"])), raw)
