"""What a tree means: the one evaluator that every adapter's search is held to."""

import operator as comparing
import re
from collections.abc import Callable
from datetime import datetime
from functools import lru_cache
from typing import Any

from core.domain.fields import Fields
from core.domain.places import is_there, values_at
from core.domain.search import (
    And,
    Comparison,
    Exists,
    In,
    Like,
    Not,
    Operator,
    Or,
    Tree,
    Words,
)
from core.domain.words import entity_words

_COMPARE: dict[Operator, Callable[[Any, Any], bool]] = {
    Operator.EQUAL: comparing.eq,
    Operator.DIFFERENT: comparing.ne,
    Operator.LESS: comparing.lt,
    Operator.AT_MOST: comparing.le,
    Operator.GREATER: comparing.gt,
    Operator.AT_LEAST: comparing.ge,
}


def matches(tree: Tree | None, entity: Any, fields: Fields) -> bool:
    """Whether the entity is what a bound tree searches for; None searches for all.

    Values compare within their type only (integers and floats are one, bools are none of them),
    text by code point. Lists and maps are there, but compare with nothing.
    """
    match tree:
        case None:
            return True
        case And(terms):
            return all(matches(term, entity, fields) for term in terms)
        case Or(terms):
            return any(matches(term, entity, fields) for term in terms)
        case Not(term):
            return not matches(term, entity, fields)
        case Words(words):
            return set(words) <= set(entity_words(entity))
        case Exists(path):
            return is_there(entity, path, fields)
    return any(_holds(tree, each) for each in values_at(entity, tree.path, fields))


def value_type(value: Any) -> str | None:
    """The type within which a value compares; None for null, lists and maps."""
    match value:
        case bool():
            return "bool"
        case int() | float():
            return "number"
        case str():
            return "text"
        case datetime():
            return "time"
    return None


def _holds(leaf: Comparison | In | Like, value: Any) -> bool:
    match leaf:
        case Comparison(_, operator, literal):
            return value_type(value) == value_type(literal) and _COMPARE[operator](value, literal)
        case In(_, literals):
            return any(value_type(value) == value_type(each) and value == each for each in literals)
        case Like():
            return (
                isinstance(value, str) and _compiled(like_expression(leaf)).match(value) is not None
            )


@lru_cache(256)
def _compiled(expression: str) -> re.Pattern[str]:
    return re.compile(expression)


def like_expression(like: Like) -> str:
    r"""The pattern as a regular expression that means the same to Python and to PCRE.

    Every stretch between two `%` is sought once, from the left, and never again (an atomic
    group): that is enough for LIKE, and takes time in proportion to text and pattern.
    """
    stretches: list[str] = [""]
    escaping = False
    for character in like.pattern:
        if escaping or character not in "%_\\":
            stretches[-1] += _plain(character, like.ignores_case)
            escaping = False
        elif character == "\\":
            escaping = True
        elif character == "_":
            stretches[-1] += r"[\s\S]"
        else:
            stretches.append("")
    if escaping:
        stretches[-1] += r"\\"
    first, *middle = stretches
    if not middle:
        return rf"\A{first}(?![\s\S])"
    *middle, last = middle
    sought = "".join(rf"(?>[\s\S]*?{stretch})" for stretch in middle if stretch)
    return rf"\A{first}{sought}[\s\S]*{last}(?![\s\S])"


def _plain(character: str, ignores_case: bool) -> str:
    if not ignores_case:
        return _quoted(character)
    cases = {character, character.lower(), character.upper(), character.casefold()}
    cases |= {case for each in set(cases) for case in (each.lower(), each.upper())}
    single = sorted(case for case in cases if len(case) == 1)
    return _quoted(character) if len(single) == 1 else f"[{''.join(single)}]"


def _quoted(character: str) -> str:
    return f"\\{character}" if character.isascii() and not character.isalnum() else character
