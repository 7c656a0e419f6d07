"""What the rules of Kubeflow's grammar make. Imported with lark, when a filter is given."""

from collections.abc import Mapping
from typing import Any

from lark import Token, Transformer, v_args

from core.domain.search import And, Comparison, In, Like, Or, Tree, Value
from handlers.api.kubeflow.filters import OPERATORS, Known, custom, text_of

_MAX_NUMBER_CHARACTERS = 400


@v_args(inline=True)
class TreeBuilder(Transformer[Any, Any]):
    """Each rule's method makes its part of the tree, bottom up."""

    def __init__(self, known: Mapping[str, Known]) -> None:
        super().__init__()
        self._known = known

    def filter(self, tree: Tree) -> Tree:
        return tree

    def disjunction(self, *trees: Tree) -> Tree:
        return Or(trees)

    def conjunction(self, *trees: Tree) -> Tree:
        return And(trees)

    def comparison(self, known: Known, operator: Token, value: Value) -> Tree:
        return known.spread(Comparison(known.path, OPERATORS[operator], known.read(value)))

    def like(self, known: Known, pattern: Token) -> Tree:
        return known.spread(known.like(Like(known.path, text_of(pattern))))

    def ilike(self, known: Known, pattern: Token) -> Tree:
        leaf = Like(known.path, text_of(pattern), ignores_case=True)
        return known.spread(known.like(leaf))

    def within(self, known: Known, values: tuple[Value, ...] | None) -> Tree:
        return known.spread(In(known.path, tuple(known.read(value) for value in values or ())))

    def values(self, *values: Value) -> tuple[Value, ...]:
        return values

    def value(self, token: Token) -> Value:
        match token.type:
            case "TEXT":
                return text_of(token)
            case "TRUE" | "FALSE":
                return token.type == "TRUE"
        text = str(token)
        if len(text) > _MAX_NUMBER_CHARACTERS:
            return float("inf")  # too long to be a number of 64 bits: the domain refuses it
        return int(text) if text.lstrip("+-").isdigit() else float(text)

    def property(self, name: Token, suffix: Token | None) -> Known:
        plain = str(name)[1:-1] if name.type == "QUOTED" else str(name)
        if suffix is None and name.type == "NAME" and plain in self._known:
            return self._known[plain]
        return custom(plain, None if suffix is None else str(suffix))
