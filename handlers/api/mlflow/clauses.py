"""From what lark read to clauses; imported with lark, when there is a filter to read."""

from typing import Any

from lark import Token, Transformer

from handlers.api.mlflow.filters import Clause, Literal


class ClauseReader(Transformer[Token, tuple[Clause, ...]]):
    """Builds the clauses from the leaves up."""

    def filter(self, clauses: list[Clause]) -> tuple[Clause, ...]:
        return tuple(clauses)

    def comparison(self, found: list[Token]) -> Clause:
        name, operator, value = found
        return _clause(name, str(operator).upper(), _literal(value))

    def within(self, found: list[Token | tuple[Literal, ...]]) -> Clause:
        return _clause(found[0], "IN", found[1])

    def without(self, found: list[Token | tuple[Literal, ...]]) -> Clause:
        return _clause(found[0], "NOT IN", found[1])

    def lacking(self, found: list[Token]) -> Clause:
        return _clause(found[0], "IS NULL", ())

    def there(self, found: list[Token]) -> Clause:
        return _clause(found[0], "IS NOT NULL", ())

    def list(self, values: list[Token]) -> tuple[Literal, ...]:
        return tuple(_literal(value) for value in values)


def _clause(name: Token | tuple[Literal, ...], operator: str, value: Any) -> Clause:
    entity, dot, key = str(name).partition(".")
    if not dot:
        return Clause(None, entity, operator, value)
    plain = key[1:-1] if key[0] in '`"' else key
    return Clause(entity, plain, operator, value)


def _literal(token: Token) -> Literal:
    text = str(token)
    if token.type == "TEXT":
        quote = text[0]
        return text[1:-1].replace(quote * 2, quote)
    if len(text) > 40:
        return float("inf")  # too long to be a number of 64 bits: the domain refuses it
    return int(text) if text.lstrip("+-").isdigit() else float(text)
