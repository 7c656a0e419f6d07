"""What reaches the database of a search: operators of ours, fields of ours, literals as values."""

from collections.abc import Iterator
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from core.adapters.mongo.filters import behind, condition, leading
from core.adapters.mongo.terms import MAX_MAP_TERMS, derived, overflowing, value_term, whole
from core.domain.fields import MODEL_FIELDS, VERSION_FIELDS, bound
from core.domain.orders import bound_orders, position
from core.domain.search import Comparison, Operator, Path
from tests import searching
from tests.contract.entities import version

OPERATORS = frozenset(
    [
        "$and",
        "$or",
        "$nor",
        "$not",
        "$eq",
        "$ne",
        "$gt",
        "$gte",
        "$lt",
        "$lte",
        "$in",
        "$all",
        "$exists",
        "$type",
        "$elemMatch",
        "$regex",
    ]
)
COLUMNS = frozenset(
    {
        field.attribute
        for fields in (MODEL_FIELDS, VERSION_FIELDS)
        for field in fields.by_name.values()
    }
    | {"_id", "alias_names", "words", "terms"}
)
TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1)


def names(query: Any) -> Iterator[str]:
    """Every key of the query, at any depth; of those inside of a list's records, which may be
    named as people like, the ones that the database would take for operators."""
    if isinstance(query, dict):
        yield from query
        for key, inner in query.items():
            found = names(inner)
            yield from (n for n in found if n.startswith("$")) if key == "$elemMatch" else found
    elif isinstance(query, list):
        for inner in query:
            yield from names(inner)


@given(searching.trees(searching.VERSION_PATHS))
def test_only_known_operators_and_fields_are_in_a_query(tree: Any) -> None:
    """Attacks 60 to 63: whatever is asked, in whatever names and values."""
    whole_tree = bound(tree, VERSION_FIELDS)

    for query in (
        condition(whole_tree, VERSION_FIELDS),
        leading(["fraud"], whole_tree, VERSION_FIELDS),
    ):
        for name in names(query):
            assert name in OPERATORS or name.partition(".")[0] in COLUMNS
            assert not any(step.startswith("$") for step in name.split(".")[1:])


@given(st.lists(TEXT, min_size=1, max_size=3), TEXT)
def test_a_key_is_one_step_of_a_path_and_no_more(keys: list[str], value: str) -> None:
    tree = bound(Comparison(Path("metadata", tuple(keys)), Operator.EQUAL, value), VERSION_FIELDS)

    first, *guards = condition(tree, VERSION_FIELDS)["$and"]

    ((place, test),) = first.items()
    assert place.count(".") == len(keys)
    assert test == {"$eq": value}
    assert len(guards) == len(keys)


@given(searching.orders(searching.VERSION_PATHS, ("model", "number")), st.data())
def test_only_known_operators_are_in_the_condition_of_a_page(orders: Any, data: Any) -> None:
    (one, *_) = data.draw(searching.versions("fraud").filter(bool))
    chosen = bound_orders(orders, VERSION_FIELDS)
    at = position(one, chosen, VERSION_FIELDS)
    if at[0] is None:
        chosen, at = chosen[1:], at[1:]

    for name in names(behind(at, chosen, VERSION_FIELDS)):
        assert name in OPERATORS or name.partition(".")[0] in COLUMNS


@given(searching.versions("fraud"), searching.versions("other"))
def test_no_term_is_of_two_namespaces(ours: Any, theirs: Any) -> None:
    mine = {term for each in ours for term in derived(each, VERSION_FIELDS)["terms"]}
    others = {term for each in theirs for term in derived(each, VERSION_FIELDS)["terms"]}

    assert not mine & others
    assert all(0 <= term < 1 << 63 for term in mine | others)


def test_equal_numbers_are_one_term_and_other_types_are_others() -> None:
    path = Path("metadata", ("a",))

    one = {value_term("n", path, value) for value in (1, 1.0)}
    all_of_them = one | {value_term("n", path, value) for value in (True, "1", "b1", 1.5)}

    assert len(one) == 1
    assert len(all_of_them) == 5
    assert value_term("n", path, -0.0) == value_term("n", path, 0)
    assert value_term("n", Path("a", ("b", "c")), "d") != value_term("n", Path("a", ("b.c",)), "d")


def test_the_terms_of_one_entity_are_bounded() -> None:
    small = derived(version(1, parameters={"a": 1}), VERSION_FIELDS)
    large = derived(
        version(
            1,
            parameters={f"p{number}": number for number in range(20_000)},
            description=" ".join(f"w{number}" for number in range(5_000)),
        ),
        VERSION_FIELDS,
    )

    assert whole("fraud") in small["terms"]
    assert overflowing("fraud") not in small["terms"]
    assert overflowing("fraud") in large["terms"]
    assert len(large["terms"]) < MAX_MAP_TERMS + 1_000 + 30
