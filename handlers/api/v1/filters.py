"""The native filter language: text to trees and back. Lark is imported when a filter is given."""

import re
from functools import cache
from pathlib import Path as FilePath
from typing import TYPE_CHECKING, Any

from core.domain.orders import Order
from core.domain.search import (
    And,
    Comparison,
    Exists,
    In,
    Like,
    Not,
    Or,
    Path,
    Tree,
    Value,
    Words,
)
from core.errors import Invalid

if TYPE_CHECKING:
    from lark import Lark, UnexpectedInput

GRAMMAR = FilePath(__file__).with_name("filters.lark")
MAX_CHARACTERS = 10_000
_BARE = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")
# What the grammar's terminals are called in messages; what is not here stands for itself.
_NAMES = {
    "NAME": "a field",
    "QUOTED": 'a key in double quotes ("…")',
    "TEXT": "text in single quotes ('…')",
    "NUMBER": "a number",
    "OPERATOR": "one of = != < <= > >=",
    "LPAR": "'('",
    "RPAR": "')'",
    "COMMA": "a comma",
    "DOT": "a dot",
    "ASCENDING": "ASC",
    "DESCENDING": "DESC",
    "$END": "the end",
}


def parse_filter(text: str | None) -> Tree | None:
    """The tree of a filter; None for none. Raises `Invalid`, saying where and what was expected."""
    found: Tree | None = None if text is None or not text.strip() else _parse("filter", text)
    return found


def parse_order(text: str | None) -> tuple[Order, ...]:
    """What `metrics.accuracy desc, name` orders by. Raises `Invalid`."""
    return () if text is None or not text.strip() else _parse("order_by", text)


def parse_paths(text: str | None) -> tuple[Path, ...]:
    """The paths of a list such as `state,tags.team`. Raises `Invalid`."""
    return () if text is None or not text.strip() else _parse("paths", text)


def _parse(start: str, text: str) -> Any:
    if len(text) > MAX_CHARACTERS:
        raise Invalid(
            f"The {_SAID[start]} has {len(text)} characters; at most {MAX_CHARACTERS} are allowed.",
            next_step="Shorten it.",
        )
    from lark import UnexpectedInput

    try:
        return _parser().parse(text, start)
    except UnexpectedInput as error:
        raise _refusal(start, text, error) from None


@cache
def _parser() -> "Lark":
    from lark import Lark

    from handlers.api.v1.trees import TreeBuilder

    return Lark(
        GRAMMAR.read_text(encoding="utf-8"),
        start=["filter", "order_by", "paths"],
        parser="lalr",
        transformer=TreeBuilder(),
        maybe_placeholders=True,
    )


_SAID = {"filter": "filter", "order_by": "order", "paths": "list of fields"}


def _refusal(start: str, text: str, error: "UnexpectedInput") -> Invalid:
    place = error.pos_in_stream if error.pos_in_stream is not None else -1
    if getattr(getattr(error, "token", None), "type", None) == "$END" or place < 0:
        place = len(text)
    found = f"{text[place : place + 20]!a}" if place < len(text) else "the end"
    expected: set[str] = set(
        getattr(error, "accepts", None)
        or getattr(error, "expected", None)
        or getattr(error, "allowed", None)
        or ()
    )
    said = sorted({_NAMES.get(name, name.strip("_")) for name in expected})
    return Invalid(
        f"The {_SAID[start]} cannot be read at character {place + 1}: {found} stands where"
        f" {_either(said)} is expected.",
        next_step="Compare it with the table in docs/guide/search.md, for example"
        " metrics.accuracy >= 0.9 AND tags.team = 'fraud'.",
        problems=[(f"{start}[{place}]", f"expected {_either(said)}")],
    )


def _either(choices: list[str]) -> str:
    if len(choices) < 2:
        return choices[0] if choices else "something else"
    return f"{', '.join(choices[:-1])} or {choices[-1]}"


def print_filter(tree: Tree) -> str:
    """The text of a tree; parsing it gives the tree again (times come back as text)."""
    match tree:
        case And(terms):
            return " AND ".join(_within(term, And, Or) for term in terms)
        case Or(terms):
            return " OR ".join(_within(term, Or) for term in terms)
        case Not(term):
            return f"NOT {_within(term, And, Or)}"
        case Comparison(path, operator, value):
            return f"{print_path(path)} {operator} {_literal(value)}"
        case In(path, values):
            return f"{print_path(path)} IN ({', '.join(map(_literal, values))})"
        case Like(path, pattern, ignores_case):
            return f"{print_path(path)} {'ILIKE' if ignores_case else 'LIKE'} {_literal(pattern)}"
        case Exists(path):
            return f"EXISTS({print_path(path)})"
        case Words(words):
            return f"WORDS({_literal(' '.join(words))})"


def print_path(path: Path) -> str:
    """The text of a path, its keys quoted where they have to be."""
    keys = (key if _BARE.fullmatch(key) else _quoted(key, '"') for key in path.keys)
    return ".".join([path.field, *keys])


def _within(tree: Tree, *looser: type[Tree]) -> str:
    text = print_filter(tree)
    return f"({text})" if isinstance(tree, looser) else text


def _literal(value: Value) -> str:
    match value:
        case bool():
            return str(value).upper()
        case int() | float():
            return repr(value)
        case str():
            return _quoted(value, "'")
    return _quoted(value.isoformat(), "'")


def _quoted(text: str, quote: str) -> str:
    return quote + text.replace(quote, quote * 2) + quote
