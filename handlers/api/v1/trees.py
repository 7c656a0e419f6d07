"""What the rules of the filter grammar make. Imported with lark, when a filter is given."""

from typing import Any

from lark import Token, Transformer, v_args

from core.domain.orders import Order
from core.domain.search import (
    And,
    Comparison,
    Exists,
    In,
    Like,
    Not,
    Operator,
    Or,
    Path,
    Tree,
    Value,
    Words,
)
from core.domain.words import searched_words

_MAX_NUMBER_CHARACTERS = 400


@v_args(inline=True)
class TreeBuilder(Transformer[Any, Any]):
    """Each rule's method makes its part of the tree, bottom up, while the parser reads."""

    def filter(self, tree: Tree) -> Tree:
        return tree

    def disjunction(self, *trees: Tree) -> Tree:
        return trees[0] if len(trees) == 1 else Or(trees)

    def conjunction(self, *trees: Tree) -> Tree:
        return trees[0] if len(trees) == 1 else And(trees)

    def negation(self, tree: Tree) -> Tree:
        return Not(tree)

    def comparison(self, path: Path, operator: Token, value: Value) -> Tree:
        return Comparison(path, Operator(str(operator)), value)

    def within(self, path: Path, values: tuple[Value, ...] | None) -> Tree:
        return In(path, values or ())

    def not_within(self, path: Path, values: tuple[Value, ...] | None) -> Tree:
        return Not(In(path, values or ()))

    def like(self, path: Path, pattern: Token) -> Tree:
        return Like(path, _text(pattern))

    def ilike(self, path: Path, pattern: Token) -> Tree:
        return Like(path, _text(pattern), ignores_case=True)

    def not_like(self, path: Path, pattern: Token) -> Tree:
        return Not(self.like(path, pattern))

    def not_ilike(self, path: Path, pattern: Token) -> Tree:
        return Not(self.ilike(path, pattern))

    def exists(self, path: Path) -> Tree:
        return Exists(path)

    def words(self, text: Token) -> Tree:
        return Words(searched_words(_text(text)))

    def values(self, *values: Value) -> tuple[Value, ...]:
        return values

    def value(self, token: Token) -> Value:
        match token.type:
            case "TEXT":
                return _text(token)
            case "TRUE" | "FALSE":
                return token.type == "TRUE"
        return _number(str(token))

    def path(self, field: Token, *keys: Token) -> Path:
        return Path(str(field), tuple(_key(key) for key in keys))

    def order(self, path: Path, direction: Token | None) -> Order:
        return Order(path, direction is not None and direction.type == "DESCENDING")

    def order_by(self, *orders: Order) -> tuple[Order, ...]:
        return orders

    def paths(self, *paths: Path) -> tuple[Path, ...]:
        return paths


def _text(token: Token) -> str:
    return str(token)[1:-1].replace("''", "'")


def _key(token: Token) -> str:
    return str(token)[1:-1].replace('""', '"') if token.type == "QUOTED" else str(token)


def _number(text: str) -> int | float:
    # What is too long to be a number of 64 bits is none that can be: the domain refuses it.
    if len(text) > _MAX_NUMBER_CHARACTERS:
        return float("inf")
    return int(text) if text.lstrip("+-").isdigit() else float(text)
