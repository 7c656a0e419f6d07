"""Entities and questions of every shape, small enough that answers are often not empty."""

from datetime import datetime, timedelta
from typing import Any

from hypothesis import strategies as st

from core.domain.models import RegisteredModel
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
    Words,
)
from core.domain.versions import ModelVersion, VersionState
from tests.contract.entities import NOW, model, version

KEYS = st.sampled_from(["a", "b", "a.b", "$where", "0", "Ä %", '"', "a$b"])
TEXTS = st.sampled_from(
    ["", "a", "b", "ab", "A.b\n", "churn model", "ß", "SS", "\u017f", "5", "%_"]
)
NUMBERS = st.sampled_from([0, 1, -1, 5, 1.0, 0.5, -0.0, 1e300, 2**53, 2**53 + 1, float(2**53), 3])
SCALARS = st.one_of(TEXTS, NUMBERS, st.booleans())
DOCUMENTS = st.dictionaries(
    KEYS,
    st.recursive(
        st.one_of(SCALARS, st.none()),
        lambda inner: st.one_of(
            st.lists(inner, max_size=2), st.dictionaries(KEYS, inner, max_size=2)
        ),
        max_leaves=4,
    ),
    max_size=3,
)
TAGS = st.dictionaries(KEYS, TEXTS, max_size=3)
TIMES = st.integers(-2, 2).map(lambda step: NOW + timedelta(milliseconds=step))
ALIASES = st.lists(st.sampled_from(["champion", "b", "Ä"]), unique=True, max_size=2)
COMMON = {
    "tags": TAGS,
    "metadata": DOCUMENTS,
    "description": TEXTS,
    "owner": st.none() | st.sampled_from(["a", "b"]),
    "created_at": TIMES,
}


def versions(namespace: str) -> st.SearchStrategy[list[ModelVersion]]:
    fields = st.fixed_dictionaries(
        {
            **COMMON,
            "metrics": st.dictionaries(KEYS, NUMBERS, max_size=3),
            "parameters": DOCUMENTS,
            "framework": DOCUMENTS,
            "model": st.sampled_from(["iris", "churn", "Churn Ä"]),
            "license": st.none() | st.just("MIT"),
            "model_type": st.none() | st.sampled_from(["a", "churn model"]),
            "authors": st.lists(TEXTS.filter(bool), unique=True, max_size=2).map(tuple),
            "datasets": st.lists(DOCUMENTS, max_size=2).map(tuple),
            "state": st.sampled_from(VersionState),
            "aliases": ALIASES.map(tuple),
            "size_bytes": st.integers(0, 3),
            "ready_at": st.none() | TIMES,
        }
    )
    return st.lists(fields, max_size=6).map(
        lambda chosen: [
            version(number, namespace=namespace, **each) for number, each in enumerate(chosen, 1)
        ]
    )


def models(namespace: str) -> st.SearchStrategy[list[RegisteredModel]]:
    fields = st.fixed_dictionaries(
        {**COMMON, "aliases": ALIASES.map(lambda names: dict.fromkeys(names, 1))}
    )
    return st.lists(fields, max_size=6).map(
        lambda chosen: [
            model(f"m{number}", namespace=namespace, **each) for number, each in enumerate(chosen)
        ]
    )


def paths(*maps: str, attributes: tuple[str, ...]) -> st.SearchStrategy[Path]:
    keys = st.lists(KEYS, min_size=1, max_size=2).map(tuple)
    nested = st.builds(Path, st.sampled_from(maps), keys)
    flat = st.builds(Path, st.just("tags"), st.tuples(KEYS))
    return st.one_of(nested, flat, st.sampled_from(attributes).map(Path))


VERSION_PATHS = paths(
    *("metadata", "parameters", "framework", "datasets"),
    attributes=(
        *("name", "model", "description", "owner", "license", "state", "alias", "number"),
        *("size_bytes", "created_at", "ready_at", "id", "model_type", "authors"),
    ),
) | st.builds(Path, st.just("metrics"), st.tuples(KEYS))
MODEL_PATHS = paths(
    "metadata", attributes=("name", "description", "owner", "alias", "created_at", "id")
)
TIME_FIELDS = frozenset({"created_at", "ready_at", "updated_at"})
NUMBER_FIELDS = frozenset({"number", "size_bytes", "id"})


def literals(path: Path) -> st.SearchStrategy[Any]:
    if path.field in TIME_FIELDS:
        return TIMES.map(datetime.isoformat)
    if path.field in NUMBER_FIELDS:
        return NUMBERS
    if path.keys:
        return SCALARS
    return TEXTS | st.sampled_from(["iris", "champion", "ready", "MIT"])


@st.composite
def leaves(draw: st.DrawFn, paths: st.SearchStrategy[Path]) -> Tree:
    path = draw(paths)
    kind = draw(st.sampled_from(["compare", "compare", "in", "like", "exists", "words"]))
    if kind == "words":
        return Words(
            draw(
                st.lists(st.sampled_from(["churn", "a", "model"]), min_size=1, unique=True).map(
                    tuple
                )
            )
        )
    if kind == "like" and path.field not in TIME_FIELDS | NUMBER_FIELDS:
        pattern = draw(st.text(st.sampled_from("ab%_\\Ssß.\nÄ"), max_size=5))
        return Like(path, pattern, draw(st.booleans()))
    if kind == "in":
        return In(path, tuple(draw(st.lists(literals(path), max_size=3))))
    if kind == "exists":
        return Exists(path)
    value = draw(literals(path))
    equalities = [Operator.EQUAL, Operator.DIFFERENT]
    operators = equalities if isinstance(value, bool) else list(Operator)
    return Comparison(path, draw(st.sampled_from(operators)), value)


def trees(paths: st.SearchStrategy[Path]) -> st.SearchStrategy[Tree]:
    return st.recursive(
        leaves(paths),
        lambda inner: st.one_of(
            st.builds(Not, inner),
            st.builds(And, st.lists(inner, min_size=2, max_size=3).map(tuple)),
            st.builds(Or, st.lists(inner, min_size=2, max_size=3).map(tuple)),
        ),
        max_leaves=5,
    )


def orders(
    paths: st.SearchStrategy[Path], always: tuple[str, ...]
) -> st.SearchStrategy[list[Order]]:
    single = paths.filter(lambda path: path.field not in {"alias", "authors", "datasets"})
    order = st.builds(Order, single, st.booleans())
    second = st.builds(Order, st.sampled_from(always).map(Path), st.booleans())
    return st.lists(order, max_size=1).flatmap(
        lambda first: st.lists(second, max_size=1).map(
            lambda more: [*first, *(each for each in more if each.path not in _paths(first))]
        )
    )


def _paths(orders: list[Order]) -> list[Path]:
    return [order.path for order in orders]
