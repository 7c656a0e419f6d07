"""Merkle trees by the definition of RFC 9162, and canonical JSON by another implementation."""

import hashlib
from typing import Any

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from core.domain.canonical import canonical_json
from core.domain.merkle import (
    inclusion_path,
    leaf_digest,
    node_digest,
    root_from_path,
    root_of,
)

LEAVES = st.lists(st.binary(max_size=8).map(leaf_digest), max_size=70)
SOME_LEAVES = st.lists(st.binary(max_size=8).map(leaf_digest), min_size=1, max_size=70)
VALUES: st.SearchStrategy[Any] = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53) + 1, 2**53 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(codec="utf-8")),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text(st.characters(codec="utf-8")), inner, max_size=4)
    ),
)


def defined(leaves: list[bytes]) -> bytes:
    """MTH of RFC 9162, 2.1.1, as it is written there."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    middle = 1
    while middle * 2 < len(leaves):
        middle *= 2
    return node_digest(defined(leaves[:middle]), defined(leaves[middle:]))


@given(LEAVES)
def test_the_root_is_that_of_the_definition(leaves: list[bytes]) -> None:
    assert root_of(leaves) == defined(leaves)


@given(SOME_LEAVES, st.data())
def test_every_leaf_leads_to_the_root(leaves: list[bytes], data: st.DataObject) -> None:
    index = data.draw(st.integers(0, len(leaves) - 1))

    path = inclusion_path(leaves, index)

    assert root_from_path(leaves[index], index, len(leaves), path) == root_of(leaves)
    assert len(path) <= (len(leaves) - 1).bit_length()


@given(SOME_LEAVES, st.data())
def test_no_other_leaf_place_or_path_does(leaves: list[bytes], data: st.DataObject) -> None:
    size, root = len(leaves), root_of(leaves)
    index = data.draw(st.integers(0, size - 1))
    path = inclusion_path(leaves, index)
    other = data.draw(st.binary(min_size=1, max_size=8)) + b"other leaf"

    assert root_from_path(leaf_digest(other), index, size, path) != root
    assert root_from_path(leaves[index], index, size, (*path, b"\0" * 32)) is None
    assert root_from_path(leaves[index], size, size, path) is None
    assert root_from_path(leaves[index], -1, size, path) is None
    if path:
        assert root_from_path(leaves[index], index, size, path[:-1]) is None
        bent = (*path[:-1], hashlib.sha256(path[-1]).digest())
        assert root_from_path(leaves[index], index, size, bent) != root


def test_a_leaf_is_never_taken_for_a_node() -> None:
    left, right = leaf_digest(b"a"), leaf_digest(b"b")

    assert leaf_digest(left + right) != node_digest(left, right)


@given(st.lists(st.binary(max_size=4).map(leaf_digest), min_size=2, max_size=9, unique=True))
def test_order_and_number_of_the_leaves_matter(leaves: list[bytes]) -> None:
    assert root_of([leaves[1], leaves[0], *leaves[2:]]) != root_of(leaves)
    assert root_of(leaves[:-1]) != root_of(leaves)
    assert root_of([*leaves, leaves[-1]]) != root_of(leaves)


def test_there_is_no_path_to_a_leaf_that_is_not_there() -> None:
    for index in (-1, 3):
        with pytest.raises(IndexError):
            inclusion_path([leaf_digest(b"x")] * 3, index)


@given(VALUES)
def test_canonical_json_is_that_of_the_rfc(value: Any) -> None:
    assert canonical_json(value) == rfc8785.dumps(value)


@given(st.integers(2**53, 2**63))
def test_an_integer_keeps_all_its_digits(number: int) -> None:
    assert canonical_json({"a": [number, -number]}) == b'{"a":[%d,-%d]}' % (number, number)


@pytest.mark.parametrize("value", [float("nan"), float("inf"), {1, 2}, b"x"])
def test_what_json_does_not_know_is_refused(value: Any) -> None:
    with pytest.raises((TypeError, ValueError)):
        canonical_json(value)
