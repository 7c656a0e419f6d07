"""What is searched for, as one tree: every dialect parses its own grammar into it.

`core/domain/matching.py` says what a tree means; adapters only have to agree with it.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from core.errors import Invalid

Value = bool | int | float | str | datetime
"""A literal. A bool is no number; times are UTC, cut to milliseconds."""

MAX_DEPTH = 32
MAX_NODES = 200
MAX_IN = 500
MAX_LIKE_CHARACTERS = 256
MAX_TEXT_CHARACTERS = 4_096
MAX_WORDS = 20


class Operator(StrEnum):
    """How a value compares with a literal of its own type."""

    EQUAL = "="
    DIFFERENT = "!="
    LESS = "<"
    AT_MOST = "<="
    GREATER = ">"
    AT_LEAST = ">="


@dataclass(frozen=True, slots=True)
class Path:
    """A field of an entity, or what lies under the keys of a map: `parameters."learning.rate"`."""

    field: str
    keys: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Comparison:
    """There is a value of the literal's type at the path, and it compares so."""

    path: Path
    operator: Operator
    value: Value


@dataclass(frozen=True, slots=True)
class In:
    """The value at the path equals one of these; nothing equals one of none."""

    path: Path
    values: tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class Like:
    """The whole text at the path is of the form `pattern`.

    `%` stands for any characters, `_` for one, and a backslash makes the next one plain.
    """

    path: Path
    pattern: str
    ignores_case: bool = False


@dataclass(frozen=True, slots=True)
class Exists:
    """There is something at the path; an attribute that is not set is not there."""

    path: Path


@dataclass(frozen=True, slots=True)
class Words:
    """Every one of these folded words (`core/domain/words.py`) is among the entity's."""

    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class And:
    """All of two or more."""

    terms: "tuple[Tree, ...]"


@dataclass(frozen=True, slots=True)
class Or:
    """One of two or more at least."""

    terms: "tuple[Tree, ...]"


@dataclass(frozen=True, slots=True)
class Not:
    """Plain negation: true as well where there is no value to compare with."""

    term: "Tree"


Leaf = Comparison | In | Like | Exists | Words
Tree = Leaf | And | Or | Not


def all_of(*trees: Tree | None) -> Tree | None:
    """The conjunction of those that are given; None if none is."""
    given = tuple(tree for tree in trees if tree is not None)
    if len(given) < 2:
        return given[0] if given else None
    return And(given)


def conjuncts(tree: Tree | None) -> Iterator[Tree]:
    """What must hold all at once for the tree to hold."""
    waiting = [] if tree is None else [tree]
    while waiting:
        found = waiting.pop()
        if isinstance(found, And):
            waiting.extend(reversed(found.terms))
        else:
            yield found


def check_size(tree: Tree) -> None:
    """Raise `Invalid` for a tree that is too large or too deep to be searched for.

    It does not recurse, so that nothing else has to fear a deep tree.
    """
    waiting, nodes = [(tree, 1)], 0
    while waiting:
        node, depth = waiting.pop()
        nodes += 1
        if nodes > MAX_NODES or depth > MAX_DEPTH:
            raise Invalid(
                f"The filter has over {MAX_NODES} conditions or {MAX_DEPTH} levels.",
                next_step="Ask several simpler questions, or write x IN (…) for many values.",
            )
        match node:
            case And(terms) | Or(terms):
                waiting.extend((term, depth + 1) for term in terms)
            case Not(term):
                waiting.append((term, depth + 1))
            case _:
                _check_leaf(node)


def check_value(value: Value) -> Value:
    """Return the literal if something stored could equal it; raise `Invalid` if nothing can."""
    match value:
        case int() if not -(1 << 63) <= value < 1 << 63:
            raise _unusable("a number that does not fit in 64 bits", "Use a smaller number.")
        case float() if not math.isfinite(value):
            raise _unusable("a number that is not finite", "Use a finite number.")
        case str() if len(value) > MAX_TEXT_CHARACTERS:
            raise _unusable(
                f"text of over {MAX_TEXT_CHARACTERS} characters", "Compare with LIKE 'beginning%'."
            )
        case str() if "\0" in value or not _is_unicode(value):
            raise _unusable("a character that no stored text has", "Remove it.")
    return value


def _check_leaf(leaf: Leaf) -> None:
    match leaf:
        case Comparison(_, operator, value):
            check_value(value)
            if isinstance(value, bool) and operator not in {Operator.EQUAL, Operator.DIFFERENT}:
                raise _unusable(f"{operator} with true or false", "Use = or != with these.")
        case In(_, values):
            if len(values) > MAX_IN:
                raise _unusable(f"over {MAX_IN} values in one IN", "Ask for fewer at a time.")
            for value in values:
                check_value(value)
        case Like(_, pattern):
            check_value(pattern)
            if len(pattern) > MAX_LIKE_CHARACTERS:
                raise _unusable(
                    f"a pattern of over {MAX_LIKE_CHARACTERS} characters", "Shorten the pattern."
                )
        case Words(words):
            if not 1 <= len(words) <= MAX_WORDS:
                raise _unusable(
                    f"{len(words)} different words", f"Search for 1 to {MAX_WORDS} words."
                )


def _unusable(what: str, next_step: str) -> Invalid:
    return Invalid(f"The filter holds {what}.", next_step=next_step)


def _is_unicode(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
