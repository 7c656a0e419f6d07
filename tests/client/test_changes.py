"""The patch between two documents, and where two changes meet."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from modelry.changes import conflicts, merge_patch_between

VALUES = st.recursive(
    st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=4),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3)
    ),
    max_leaves=8,
)
DOCUMENTS = st.dictionaries(st.text(max_size=3), VALUES, max_size=4)


def patched(target: Any, patch: Any) -> Any:
    """RFC 7396, as its text has it."""
    if not isinstance(patch, dict):
        return patch
    target = dict(target) if isinstance(target, dict) else {}
    for name, value in patch.items():
        if value is None:
            target.pop(name, None)
        else:
            target[name] = patched(target.get(name), value)
    return target


@given(DOCUMENTS, DOCUMENTS)
def test_the_patch_makes_one_of_the_other(before: dict[str, Any], after: dict[str, Any]) -> None:
    assert patched(before, merge_patch_between(before, after)) == after


@given(DOCUMENTS)
def test_there_is_no_patch_between_equals(document: dict[str, Any]) -> None:
    assert merge_patch_between(document, document) == {}


def test_one_and_true_and_one_point_nought_differ() -> None:
    assert merge_patch_between({"a": 1}, {"a": True}) == {"a": True}
    assert merge_patch_between({"a": 1}, {"a": 1.0}) == {"a": 1.0}


def test_a_null_is_no_change_of_what_is_not_there() -> None:
    assert merge_patch_between({"a": None}, {"a": None, "b": None}) == {}
    assert merge_patch_between({"a": None}, {}) == {}
    assert merge_patch_between({"a": 1}, {"a": None}) == {"a": None}


def test_both_changes_are_shown_by_place() -> None:
    before = {"tags": {"a/b": "1"}, "owner": None}
    theirs = {"tags": {"a/b": "2"}, "owner": "them"}

    found = conflicts(before, theirs, {"tags": {"a/b": "3"}})

    assert found == [
        ("/owner", 'was null, is now "them"'),
        ("/tags/a~1b", 'was "1", is now "2", you write "3"'),
    ]
