"""Kubeflow's filter language, parsed into the core's trees. Lark is imported when one is given."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path as FilePath
from typing import TYPE_CHECKING, Any

from core.domain.matching import like_expression
from core.domain.search import Comparison, In, Like, Operator, Path, Tree, Value
from core.errors import Invalid

if TYPE_CHECKING:
    from lark import Lark

GRAMMAR = FilePath(__file__).with_name("filters.lark")
MAX_CHARACTERS = 10_000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

Leaf = Comparison | In | Like
Read = Callable[[Value], Value]


@dataclass(frozen=True, slots=True)
class Known:
    """A well-known property: where it lies, how its literals and patterns are read, and, if it
    lies in several places, the tree that a condition on it becomes."""

    path: Path
    read: Read = lambda value: value
    spread: Callable[[Leaf], Tree] = field(default=lambda leaf: leaf)
    like: Callable[[Like], Leaf] = field(default=lambda leaf: leaf)


def identity(value: Value) -> int | float:
    """The number of an id, quoted or not. Raises `Invalid` for what can be no id."""
    if isinstance(value, str) and re.fullmatch(r"\d{1,18}", value):
        return int(value)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise Invalid(f"{value!r:.60} is no id.", next_step="Compare ids with numbers.")
    return value


def epoch(value: Value) -> Value:
    """The time of epoch milliseconds, quoted or not. Raises `Invalid` for what is none."""
    number = identity(value)
    try:
        return _EPOCH + timedelta(milliseconds=float(number))
    except OverflowError:
        raise Invalid(f"{number} is no time.", next_step="Write epoch milliseconds.") from None


def words(
    path: Path, meaning: Mapping[str, str], spread: Callable[[Leaf], Tree] = lambda leaf: leaf
) -> Known:
    """States by Kubeflow's words; another word is one that nothing has."""

    def like(leaf: Like) -> Leaf:
        expression = re.compile(like_expression(leaf))
        return In(path, tuple(value for word, value in meaning.items() if expression.match(word)))

    def read(value: Value) -> Value:
        return meaning.get(value, value) if isinstance(value, str) else value

    return Known(path, read, spread, like)


def parse_filter(text: str | None, known: Mapping[str, Known]) -> Tree | None:
    """The tree of a `filterQuery`; None for none. Raises `Invalid`, saying where it went wrong."""
    if text is None or not text.strip():
        return None
    if len(text) > MAX_CHARACTERS:
        raise Invalid(
            f"The filterQuery has {len(text)} characters; at most {MAX_CHARACTERS} are allowed.",
            next_step="Shorten it.",
        )
    from lark import UnexpectedInput
    from lark.exceptions import VisitError

    from handlers.api.kubeflow.trees import TreeBuilder

    try:
        tree: Tree = TreeBuilder(known).transform(_parser().parse(text))
    except UnexpectedInput as error:
        place = error.pos_in_stream if error.pos_in_stream is not None else len(text)
        found = f"{text[place : place + 20]!a}" if 0 <= place < len(text) else "the end"
        raise Invalid(
            f"The filterQuery cannot be read at character {max(place, 0) + 1}: {found}.",
            next_step="Write conditions such as name = 'churn' AND accuracy.double_value > 0.9.",
        ) from None
    except VisitError as error:
        if isinstance(error.orig_exc, Invalid):
            raise error.orig_exc from None
        raise
    return tree


@cache
def _parser() -> "Lark":
    from lark import Lark

    return Lark(
        GRAMMAR.read_text(encoding="utf-8"),
        start="filter",
        parser="lalr",
        maybe_placeholders=True,
    )


def custom(name: str, suffix: str | None) -> Known:
    """A custom property of this name, of any type or of the one that the suffix forces."""
    return Known(Path("custom_properties", (name,)), _FORCED.get(suffix or "", lambda value: value))


def _forced(kind: str, *types: type) -> Read:
    def read(value: Value) -> Value:
        wrong = isinstance(value, bool) is not (bool in types)
        if wrong or not isinstance(value, types):
            raise Invalid(
                f"{value!r:.60} is no {kind}.", next_step="Leave the suffix out, or fit the value."
            )
        return value

    return read


_FORCED: dict[str, Read] = {
    ".string_value": _forced("string_value", str),
    ".int_value": _forced("int_value", int),
    ".double_value": _forced("double_value", int, float),
    ".bool_value": _forced("bool_value", bool),
}
OPERATORS = {**{str(operator): operator for operator in Operator}, "<>": Operator.DIFFERENT}


def text_of(token: Any) -> str:
    """What a quoted token holds; a backslash makes the next character plain."""
    return re.sub(r"\\(.)", r"\1", str(token)[1:-1], flags=re.DOTALL)
