"""Free-form values: exactly those that JSON and BSON both keep, and no others."""

import json
import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.domain.documents import (
    MAX_DEPTH,
    MAX_NODES,
    MAX_TAG_VALUE_CHARACTERS,
    MAX_TAGS,
    check_document,
    check_tags,
    is_same,
)
from core.errors import Invalid, TooLarge

VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(1 << 63), (1 << 63) - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.text(
                st.characters(exclude_categories=["Cs"], exclude_characters="\0"),
                min_size=1,
                max_size=256,
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


def nested(levels: int) -> dict[str, Any]:
    value: dict[str, Any] = {}
    for _ in range(levels - 1):
        value = {"a": value}
    return value


@given(VALUES)
def test_every_json_value_is_kept_as_it_is(value: Any) -> None:
    document = {"value": value}

    assert check_document("metadata", document) is document
    assert is_same(json.loads(json.dumps(document)), document)


@pytest.mark.parametrize(
    "key", ["$where", "a.b", "__proto__", "_id", "$ne", "..", "ключ", "k" * 256, " ", "a\nb"]
)
def test_a_key_is_only_a_name_whatever_it_looks_like(key: str) -> None:
    assert check_document("metadata", {key: 1}) == {key: 1}


@pytest.mark.parametrize("key", ["", "k" * 257, "a\0b", "\ud800", 5, None, "k" * 10_000])
def test_a_key_that_could_not_be_stored_is_refused(key: Any) -> None:
    with pytest.raises(Invalid):
        check_document("metadata", {"outer": {key: 1}})


@pytest.mark.parametrize(
    "value",
    [
        math.nan,
        math.inf,
        -math.inf,
        1 << 63,
        -(1 << 63) - 1,
        pytest.param(10**5000, id="5000 digits"),
        "\0",
        "\udfff",
        b"bytes",
        {1, 2},
        object(),
        1j,
        [["\0"]],
        [{"": 1}],
    ],
)
def test_a_value_that_could_not_be_stored_is_refused(value: Any) -> None:
    with pytest.raises(Invalid):
        check_document("metadata", {"key": value})


@pytest.mark.parametrize("value", [(1 << 63) - 1, -(1 << 63), 5e-324, 1.7976931348623157e308, -0.0])
def test_the_outermost_numbers_are_taken(value: float) -> None:
    assert check_document("metadata", {"key": value})


@pytest.mark.parametrize("value", [None, [], "text", 1, True])
def test_what_is_no_map_is_no_document(value: Any) -> None:
    with pytest.raises(Invalid):
        check_document("metadata", value)


def test_a_document_is_64_levels_deep_at_most() -> None:
    assert check_document("metadata", nested(MAX_DEPTH))
    with pytest.raises(TooLarge):
        check_document("metadata", nested(MAX_DEPTH + 1))


def test_nesting_beyond_all_stacks_is_refused_like_any_other() -> None:
    with pytest.raises(TooLarge):
        check_document("metadata", nested(100_000))


def test_a_document_holds_50_000_values_at_most() -> None:
    assert check_document("metadata", {"values": [None] * (MAX_NODES - 2)})
    with pytest.raises(TooLarge):
        check_document("metadata", {"values": [None] * (MAX_NODES - 1)})


def test_a_document_holds_a_mebibyte_at_most() -> None:
    assert check_document("metadata", {"a": "x" * ((1 << 20) - 16)})
    with pytest.raises(TooLarge):
        check_document("metadata", {"a": "ü" * (1 << 19), "b": 1})


def test_a_single_text_over_a_mebibyte_is_too_large() -> None:
    with pytest.raises(TooLarge):
        check_document("metadata", {"a": "x" * (2 << 20)})


def test_tags_are_text_by_text() -> None:
    assert check_tags({"team": "fraud", "$where": ""})
    for value in (1, None, True, ["a"], {"a": "b"}):
        with pytest.raises(Invalid):
            check_tags({"team": value})


def test_tags_are_bounded() -> None:
    assert check_tags({str(number): "" for number in range(MAX_TAGS)})
    with pytest.raises(TooLarge):
        check_tags({str(number): "" for number in range(MAX_TAGS + 1)})
    with pytest.raises(TooLarge):
        check_tags({"a": "x" * (MAX_TAG_VALUE_CHARACTERS + 1)})


@pytest.mark.parametrize(
    ("first", "second"),
    [(1, True), (0, False), (1, 1.0), (0.0, -0.0), ([1], [True]), ({"a": 1}, {"a": 1.0})],
)
def test_values_that_python_calls_equal_may_differ_as_json(first: Any, second: Any) -> None:
    assert not is_same(first, second)


@given(VALUES)
def test_a_value_is_the_same_as_itself(value: Any) -> None:
    assert is_same(value, value)
    assert not is_same(value, [value])


def test_lists_and_tuples_are_the_same_and_so_are_maps_in_any_order() -> None:
    assert is_same((1, [2]), [1, (2,)])
    assert is_same({"a": 1, "b": 2}, {"b": 2, "a": 1})
    assert not is_same({"a": 1}, {"b": 1})
    assert not is_same([1], [1, 2])
