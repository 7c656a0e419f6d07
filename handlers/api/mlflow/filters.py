"""MLflow's filter language: read into clauses, and those into the core's trees. Lark is imported
when there is a filter."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path as FilePath
from typing import TYPE_CHECKING

from core.domain.search import And, Comparison, Exists, In, Like, Not, Operator, Path, Tree
from core.errors import Invalid

if TYPE_CHECKING:
    from lark import Lark

GRAMMAR = FilePath(__file__).with_name("filters.lark")
MAX_CHARACTERS = 10_000

Literal = str | int | float
Read = Callable[[Literal], str | int | float]


@dataclass(frozen=True, slots=True)
class Clause:
    """One condition: `entity` is what stands before the dot, None if nothing does. `operator` is
    one of `= != < <= > >= LIKE ILIKE IN`, `NOT IN`, `IS NULL`, `IS NOT NULL`."""

    entity: str | None
    key: str
    operator: str
    value: Literal | tuple[Literal, ...] = ()

    @property
    def name(self) -> str:
        """What is compared, as it was written."""
        return self.key if self.entity is None else f"{self.entity}.{self.key}"


def parse_clauses(text: str | None) -> tuple[Clause, ...]:
    """The conditions of a filter. Raises `Invalid`, saying where it went wrong."""
    if text is None or not text.strip():
        return ()
    if len(text) > MAX_CHARACTERS:
        raise Invalid(
            f"The filter has {len(text)} characters; at most {MAX_CHARACTERS} are allowed.",
            next_step="Shorten it.",
        )
    from lark import UnexpectedInput

    from handlers.api.mlflow.clauses import ClauseReader

    try:
        clauses: tuple[Clause, ...] = ClauseReader().transform(_parser().parse(text))
    except UnexpectedInput as error:
        place = error.pos_in_stream if error.pos_in_stream is not None else len(text)
        found = f"{text[place : place + 20]!a}" if 0 <= place < len(text) else "the end"
        raise Invalid(
            f"Invalid filter string: it cannot be read at character {max(place, 0) + 1}: {found}.",
            next_step="Write conditions such as name = 'churn' AND tags.team = 'risk'; text is in"
            " quotes, and there is no OR.",
        ) from None
    return clauses


@cache
def _parser() -> "Lark":
    from lark import Lark

    return Lark(GRAMMAR.read_text(encoding="utf-8"), start="filter", parser="lalr")


TEXT_OPERATORS = ("=", "!=", "LIKE", "ILIKE")
LIST_OPERATORS = ("IN", "NOT IN")
NUMBER_OPERATORS = ("=", "!=", ">", ">=", "<", "<=")


@dataclass(frozen=True, slots=True)
class Attribute:
    """Something that every one has a field of: where it lies, how it may be compared, and how its
    literals are read, and the patterns that it may be like."""

    path: Path
    operators: Sequence[str] = TEXT_OPERATORS
    read: Read = lambda value: text_only(value)
    read_pattern: Read = lambda value: text_only(value)


def text_only(value: Literal) -> str:
    """The literal, which has to be quoted. Raises `Invalid`."""
    if not isinstance(value, str):
        raise Invalid(f"{value!r:.60} is no text.", next_step="Write text in quotes.")
    return value


def whole_number(value: Literal) -> int:
    """A whole number, quoted or not. Raises `Invalid`."""
    text = str(value)
    digits = text[1:] if text[:1] in {"+", "-"} else text
    if not (digits.isascii() and digits.isdigit() and len(digits) < 19):
        raise Invalid(f"{text[:60]!a} is no whole number.", next_step="Compare it with one: 3.")
    return int(text)


def attribute_tree(clause: Clause, known: Mapping[str, Attribute]) -> Tree:
    """The tree of a condition on a known attribute. Raises `Invalid` for an unknown one, and for
    an operator that it does not have."""
    attribute = known.get(clause.key)
    if attribute is None:
        raise Invalid(
            f"Invalid attribute key '{clause.key[:60]}' specified.",
            next_step=f"Known are: {', '.join(sorted(known))}; tags are written tags.key.",
        )
    return _tree(clause, attribute)


def tag_tree(clause: Clause) -> Tree:
    """The tree of a condition on a tag: what lacks it fits none."""
    return _tree(clause, Attribute(Path("tags", (clause.key,))))


def _tree(clause: Clause, attribute: Attribute) -> Tree:
    if clause.operator not in attribute.operators:
        raise Invalid(
            f"Invalid comparator '{clause.operator}' for {clause.name[:80]}.",
            next_step=f"It can be compared with: {' '.join(attribute.operators)}.",
        )
    path, value = attribute.path, clause.value
    if isinstance(value, tuple):
        among = In(path, tuple(attribute.read(each) for each in value))
        return among if clause.operator == "IN" else And((Exists(path), Not(among)))
    if clause.operator in {"LIKE", "ILIKE"}:
        # The original knows no escape: a backslash is one.
        pattern = str(attribute.read_pattern(value)).replace("\\", "\\\\")
        return Like(path, pattern, ignores_case=clause.operator == "ILIKE")
    return Comparison(path, Operator(clause.operator), attribute.read(value))
