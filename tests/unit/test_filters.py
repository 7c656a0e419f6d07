"""The filter language: text to trees and back, and what is said of text that is none."""

from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.domain.fields import MODEL_FIELDS, VERSION_FIELDS, bound
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
from core.errors import Invalid
from handlers.api.v1.filters import parse_filter, parse_order, parse_paths, print_filter
from tests import searching

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
KEY = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=8)
FIELD = st.from_regex(r"[A-Za-z_][A-Za-z0-9_-]{0,8}", fullmatch=True)
PATH = st.builds(Path, FIELD, st.lists(KEY, max_size=3).map(tuple))
VALUE = st.one_of(
    TEXT,
    st.booleans(),
    st.integers(-(1 << 63), (1 << 63) - 1),
    st.floats(allow_nan=False, allow_infinity=False),
)
LEAF = st.one_of(
    st.builds(Comparison, PATH, st.sampled_from(Operator), VALUE),
    st.builds(In, PATH, st.lists(VALUE, max_size=3).map(tuple)),
    st.builds(Like, PATH, TEXT, st.booleans()),
    st.builds(Exists, PATH),
    st.builds(Words, st.lists(st.from_regex("[a-z0-9]+", fullmatch=True), unique=True).map(tuple)),
)
TREE = st.recursive(
    LEAF,
    lambda inner: st.one_of(
        st.builds(Not, inner),
        st.builds(And, st.lists(inner, min_size=2, max_size=3).map(tuple)),
        st.builds(Or, st.lists(inner, min_size=2, max_size=3).map(tuple)),
    ),
    max_leaves=8,
)


@given(TREE)
def test_what_is_printed_is_read_as_the_same_tree(tree: Tree) -> None:
    read = parse_filter(print_filter(tree))

    assert read == tree
    assert repr(read) == repr(tree)  # 1, 1.0 and true are equal, but not the same


@given(searching.trees(searching.VERSION_PATHS))
def test_a_bound_tree_survives_being_printed(tree: Tree) -> None:
    whole = bound(tree, VERSION_FIELDS)

    read = parse_filter(print_filter(whole))

    assert read is not None
    assert bound(read, VERSION_FIELDS) == whole


NOISE = (
    "a",
    "tags.x",
    '."y"',
    "=",
    "!=",
    "<",
    "IN",
    "(",
    ")",
    ",",
    "'x'",
    "'",
    '"',
    "1",
    "1e9",
    "-",
)
WORDS = ("AND", "or", "NOT", "LIKE", "EXISTS(", "WORDS(", "true", " ", ";", "--", "\0", "é", "\n")
PIECES = st.sampled_from(NOISE + WORDS)


@given(st.one_of(st.text(), st.lists(PIECES).map("".join), st.lists(PIECES).map(" ".join)))
def test_any_text_is_a_filter_or_is_refused(text: str) -> None:
    for parse in (parse_filter, parse_order, parse_paths):
        with suppress(Invalid):
            parse(text)
    with suppress(Invalid):
        tree = parse_filter(text)
        if tree is not None:
            bound(tree, MODEL_FIELDS)


def test_the_example_of_the_guide_is_read_as_it_looks() -> None:
    tree = parse_filter(
        "metrics.accuracy >= 0.9 and (framework.name IN ('sklearn','xgboost')"
        """ OR NOT EXISTS(parameters."learning.rate")) AND name NOT ILIKE '%churn%'"""
        " AND alias = 'it''s'"
    )

    assert tree == And(
        (
            Comparison(Path("metrics", ("accuracy",)), Operator.AT_LEAST, 0.9),
            Or(
                (
                    In(Path("framework", ("name",)), ("sklearn", "xgboost")),
                    Not(Exists(Path("parameters", ("learning.rate",)))),
                )
            ),
            Not(Like(Path("name"), "%churn%", ignores_case=True)),
            Comparison(Path("alias"), Operator.EQUAL, "it's"),
        )
    )


def test_and_binds_tighter_than_or_and_not_tighter_still() -> None:
    one, two = (Exists(Path(name)) for name in "ab")

    assert parse_filter("NOT exists(a) OR exists(b) AND exists(a)") == Or(
        (Not(one), And((two, one)))
    )


def test_words_that_mean_something_may_be_keys() -> None:
    assert parse_filter("tags.and = 'x'") == Comparison(Path("tags", ("and",)), Operator.EQUAL, "x")
    assert parse_filter("tags.not-in.or = 'x'") == Comparison(
        Path("tags", ("not-in", "or")), Operator.EQUAL, "x"
    )


@pytest.mark.parametrize(
    ("text", "place", "expected"),
    [
        ("name = churn", 8, "text in single quotes"),
        ("name = 'churn", 8, "text in single quotes"),
        ("name", 5, "one of = != < <= > >="),
        ("(name = 'x'", 12, "')'"),
        ("name = 'x' tags.a = 'b'", 12, "AND"),
        ("name = 'x' AND", 15, "a field"),
        ("owner IN 'x'", 10, "'('"),
        ("'name' = 'x'", 1, "a field"),
        ("name = 'x'; drop", 11, "AND"),
        ('{"$where": "1"}', 1, "a field"),
        ("$where = '1'", 1, "a field"),
    ],
)
def test_an_error_says_where_it_is_and_what_was_expected(
    text: str, place: int, expected: str
) -> None:
    with pytest.raises(Invalid) as caught:
        parse_filter(text)

    assert f"at character {place}:" in caught.value.message
    assert expected in caught.value.message
    assert caught.value.next_step


@pytest.mark.parametrize(
    "text",
    [
        "name = 5",
        "number = '5'",
        "created_at > 'yesterday'",
        "created_at > '2026-01-01T00:00:00'",
        "created_at > 5",
        "size_bytes LIKE '1%'",
        "nothing = 'x'",
        "_id = 'x'",
        "key_prefix = 'x'",
        "tenant = 'other'",
        "tags = 'x'",
        "name.first = 'x'",
        "tags.\"\" = 'x'",
        "metrics.a > true",
        "metrics.a > 9223372036854775808",
        "metrics.a > 1e999",
        f"metrics.a > {'9' * 5000}",
        "tags.a = 'a\0'",
        f"tags.a LIKE '{'x' * 257}'",
        f"tags.a = '{'x' * 4097}'",
        f"tags.a IN ({','.join(['1'] * 501)})",
        " AND ".join(["tags.a = 'x'"] * 201),
        "NOT " * 40 + "tags.a = 'x'",
        "NOT " * 2_000 + "tags.a = 'x'",
        "(" * 4_000 + "tags.a = 'x'" + ")" * 4_000 + " AND " * 2,
        "x" * 10_001,
        "WORDS('!')",
        "\ud800 = 'x'",
        "tags.a = '\ud800'",
        "tags.\"\ud800\" = 'x'",
    ],
)
def test_what_can_never_match_or_is_too_large_is_refused(text: str) -> None:
    with pytest.raises(Invalid) as caught:
        bound(parse_filter(text) or Exists(Path("name")), VERSION_FIELDS)

    assert len(caught.value.message) < 400


def test_no_filter_keeps_the_parser_busy_for_ever() -> None:
    hostile = [
        "'" * 9_999,
        '"' * 9_999,
        "tags." + 'a."b"' * 1_900,
        "(" * 9_999,
        "NOT " * 2_400,
        "1" * 9_999,
        "a=1 AND " * 1_200,
        " " * 9_999,
        "1." * 4_999,
    ]
    for text in hostile:
        with pytest.raises(Invalid):
            bound(parse_filter(text) or Words(()), VERSION_FIELDS)


def test_orders_and_lists_of_fields_are_read() -> None:
    assert parse_order('metrics."f1.macro" DESC, name asc, number') == (
        Order(Path("metrics", ("f1.macro",)), is_descending=True),
        Order(Path("name")),
        Order(Path("number")),
    )
    assert parse_paths("state, tags.team") == (Path("state"), Path("tags", ("team",)))
    empty: Any = [parse_filter(None), parse_filter(" "), parse_order(""), parse_paths(None)]
    assert empty == [None, None, (), ()]
