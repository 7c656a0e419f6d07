"""How often each value occurs among what a search found."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from core.domain.fields import FieldKind, Fields, bound_path
from core.domain.matching import value_type
from core.domain.places import values_at
from core.domain.search import Path
from core.errors import Invalid

MAX_FACETS = 8
MAX_FACET_VALUES = 20
RANKS = {"number": 0, "text": 1, "bool": 2}


@dataclass(frozen=True, slots=True)
class Count:
    """A value, and how many of the matches have it."""

    value: bool | int | float | str
    count: int


@dataclass(frozen=True, slots=True)
class Facet:
    """The most frequent values at the path, first the commonest; `is_cut` if there are more."""

    path: Path
    counts: tuple[Count, ...]
    is_cut: bool = False

    @classmethod
    def of(cls, path: Path, counts: Iterable[Count]) -> "Facet":
        """The facet with these counts, in order and cut."""
        ordered = sorted(
            counts,
            key=lambda one: (-one.count, RANKS[str(value_type(one.value))], one.value),
        )
        return cls(path, tuple(ordered[:MAX_FACET_VALUES]), len(ordered) > MAX_FACET_VALUES)


def bound_facets(paths: Sequence[Path], fields: Fields) -> tuple[Path, ...]:
    """The paths, checked. Raises `Invalid` for unknown ones, times, and too many."""
    if len(paths) > MAX_FACETS:
        raise Invalid(f"{len(paths)} facets.", next_step=f"Ask for at most {MAX_FACETS}.")
    whole = tuple(dict.fromkeys(bound_path(path, fields) for path in paths))
    for path in whole:
        if fields[path].kind is FieldKind.TIME or path.field in {"id", "description", "notes"}:
            raise Invalid(
                f"{path.field} has as many values as there are objects.",
                next_step="Ask for a facet on something that they share, such as state.",
            )
    return whole


def facet(entities: Iterable[Any], path: Path, fields: Fields) -> Facet:
    """Count by looking at each one; lists and maps are not counted."""
    counted: Counter[tuple[str, Any]] = Counter()
    for entity in entities:
        for each in values_at(entity, path, fields):
            if (kind := value_type(each)) in RANKS:
                counted[str(kind), each] += 1
    return Facet.of(path, (Count(value, count) for (_, value), count in counted.items()))
