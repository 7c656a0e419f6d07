"""Trees as queries: only field names, numbers, and literals of the tree reach the database.

Paths lead through maps alone. MongoDB would look into lists on the way as well, so each step of a
free-form path is asked not to be one.
"""

from collections.abc import Collection, Iterator, Sequence
from typing import Any

from core.adapters.mongo import terms
from core.adapters.mongo.escaping import escape_key
from core.domain.fields import FieldKind, Fields
from core.domain.matching import like_expression, value_type
from core.domain.orders import Order, Position
from core.domain.search import (
    And,
    Comparison,
    Exists,
    In,
    Leaf,
    Like,
    Not,
    Operator,
    Or,
    Path,
    Tree,
    Words,
    conjuncts,
)

Condition = dict[str, Any]


MAX_LEADING_TERMS = 2_000
_TYPES = {"bool": "bool", "number": "number", "text": "string", "time": "date"}
_OPERATORS = {
    Operator.LESS: "$lt",
    Operator.AT_MOST: "$lte",
    Operator.GREATER: "$gt",
    Operator.AT_LEAST: "$gte",
}
# What most of a namespace may have in common: the last that a search should begin with.
_COMMON = frozenset(
    {"state", "status", "license", "owner", "framework", "environment", "created_by"}
)


def column(path: Path, fields: Fields) -> str:
    """Where the path lies in a document."""
    field = fields[path]
    if path.field == "id":
        return "_id"
    if path.field == "alias" and fields.noun == "model":
        return "alias_names"
    return ".".join([field.attribute, *map(escape_key, path.keys)])


def within(scopes: Collection[str], fields: Fields) -> Condition:
    """What lies in one of the scopes: namespaces, and single models by name."""
    single: dict[str, list[str]] = {}
    for namespace, slash, model in (scope.partition("/") for scope in sorted(scopes)):
        if slash:
            single.setdefault(namespace, []).append(model)
    whole = sorted(scope for scope in scopes if "/" not in scope)
    name = column(Path(fields.model), fields)
    choices: list[Condition] = [{"namespace": {"$in": whole}}] if whole else []
    choices += [{"namespace": where, name: {"$in": names}} for where, names in single.items()]
    return choices[0] if len(choices) == 1 else {"$or": choices}


def leading(scopes: Collection[str], tree: Tree | None, fields: Fields) -> Condition:
    """The condition that the index of terms answers, and that whatever the tree matches meets.

    It is the term that promises the fewest: a word, an equality, single models, or else whole
    namespaces.
    """
    namespaces = list(dict.fromkeys(scope.partition("/")[0] for scope in scopes))
    choices = [_of_scopes(scopes, fields), *_choices(namespaces, tree, fields)]
    best = min(choices, key=lambda choice: choice[0])[1]
    return {"terms": best[0] if len(best) == 1 else {"$in": best}}


def _of_scopes(scopes: Collection[str], fields: Fields) -> tuple[tuple[int, int], list[int]]:
    name = Path(fields.model)
    found, rank = [], 4
    for namespace, slash, model in (scope.partition("/") for scope in scopes):
        found.append(terms.value_term(namespace, name, model) if slash else terms.whole(namespace))
        rank = rank if slash else 9
    return (rank, 0), found


def _choices(
    namespaces: Collection[str], tree: Tree | None, fields: Fields
) -> Iterator[tuple[tuple[int, int], list[int]]]:
    for leaf in conjuncts(tree):
        match leaf:
            case Words(words):
                word = max(words, key=len)
                yield (3, -len(word)), [terms.word_term(each, word) for each in namespaces]
            case Comparison(path, Operator.EQUAL, value):
                yield from _equalities(namespaces, path, (value,), fields)
            case In(path, values):
                yield from _equalities(namespaces, path, values, fields)


def _equalities(
    namespaces: Collection[str], path: Path, values: tuple[Any, ...], fields: Fields
) -> Iterator[tuple[tuple[int, int], list[int]]]:
    if not (path.keys or path.field in terms.ATTRIBUTES) or not fields[path].is_indexed:
        return
    if not values or (len(values) + 1) * len(namespaces) > MAX_LEADING_TERMS:
        return
    found = [terms.value_term(each, path, value) for each in namespaces for value in values]
    if path.keys:
        found += [terms.overflowing(each) for each in namespaces]
    rank = 5 if path.field in _COMMON else 2 if path.keys else 1
    yield (rank, len(values)), list(dict.fromkeys(found))


def condition(tree: Tree, fields: Fields) -> Condition:
    """The tree, exactly as `core.domain.matching` means it."""
    match tree:
        case And(terms_):
            return {"$and": [condition(term, fields) for term in terms_]}
        case Or(terms_):
            return {"$or": [condition(term, fields) for term in terms_]}
        case Not(term):
            return {"$nor": [condition(term, fields)]}
        case Words(words):
            return {"words": {"$all": list(words)}}
        case Exists(path):
            return _existence(path, fields)
    place = column(tree.path, fields)
    match fields[tree.path].kind:
        case FieldKind.NAMES:
            return {place: {"$elemMatch": _test(tree)}}
        case FieldKind.RECORDS:
            return _among_records(tree.path, {**_test(tree), "$not": {"$type": "array"}}, fields)
    return _guarded({place: _test(tree)}, _steps(tree.path, fields))


def _among_records(path: Path, test: Condition, fields: Fields) -> Condition:
    """That one of the records passes the test, on a way without lists."""
    keys = [escape_key(key) for key in path.keys]
    steps = [".".join(keys[: end + 1]) for end in range(len(keys) - 1)]
    passing: Condition = {step: {"$not": {"$type": "array"}} for step in steps}
    return {fields[path].attribute: {"$elemMatch": {**passing, ".".join(keys): test}}}


def _test(leaf: Leaf) -> Condition:
    match leaf:
        case Comparison(_, Operator.EQUAL, value):
            return {"$eq": value}
        case Comparison(_, Operator.DIFFERENT, value):
            return {"$ne": value, "$type": _TYPES[str(value_type(value))]}
        case Comparison(_, operator, value):
            return {_OPERATORS[operator]: value}
        case In(_, values):
            return {"$in": list(values)}
        case Like():
            return {"$regex": like_expression(leaf)}
    raise AssertionError(f"no test of a value: {leaf}")


def _existence(path: Path, fields: Fields) -> Condition:
    place = column(path, fields)
    if fields[path].kind is FieldKind.RECORDS:
        return _among_records(path, {"$exists": True}, fields)
    if path.keys:
        return _guarded({place: {"$exists": True}}, _steps(path, fields)[:-1])
    if fields[path].kind is FieldKind.NAMES:
        return {place: {"$exists": True, "$ne": []}}
    return {place: {"$ne": None}}


def _steps(path: Path, fields: Fields) -> list[str]:
    """The places on the way, the last one included, where a list may be."""
    if fields[path].kind not in {FieldKind.MAP, FieldKind.RECORDS}:
        return []
    return [column(Path(path.field, path.keys[: end + 1]), fields) for end in range(len(path.keys))]


def _guarded(test: Condition, steps: Sequence[str]) -> Condition:
    if not steps:
        return test
    return {"$and": [test, *({step: {"$not": {"$type": "array"}}} for step in steps)]}


def present(path: Path, fields: Fields) -> Condition:
    """That there is something to order by."""
    if not path.keys:
        return {column(path, fields): {"$ne": None}}
    return _typed(path, ["number", "string"], fields)


def countable(path: Path, fields: Fields) -> Condition:
    """That there is something to count by; of records, in the one at hand."""
    if not path.keys:
        return present(path, fields)
    return _typed(path, ["number", "string", "bool"], fields)


def _typed(path: Path, types: list[str], fields: Fields) -> Condition:
    return _guarded({column(path, fields): {"$type": types}}, _steps(path, fields))


def behind(at: Position, orders: Sequence[Order], fields: Fields) -> Condition:
    """What comes after the position, where nothing of it and of the orders is lacking."""
    choices: list[Condition] = []
    equal: list[Condition] = []
    for order, value in zip(orders, at, strict=True):
        place = column(order.path, fields)
        further: list[Condition] = [{place: {"$lt" if order.is_descending else "$gt": value}}]
        if order.path.keys and (value_type(value) == "text") is order.is_descending:
            further.append({place: {"$type": "number" if order.is_descending else "string"}})
        choices += [{"$and": [*equal, one]} for one in further]
        equal.append({place: {"$eq": value}})
    return {"$or": choices}
