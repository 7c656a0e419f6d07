"""How objects change: merge patches (RFC 7396), revisions, and who may change which field."""

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.domain.common import MAX_DESCRIPTION_CHARACTERS, check_revision, moved_on, patched
from core.domain.documents import is_same, merge_patch
from core.domain.namespaces import Namespace
from core.errors import Invalid, Stale, TooLarge

AT = datetime(2026, 1, 1, tzinfo=UTC)
LATER = datetime(2026, 1, 2, tzinfo=UTC)

JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=2), inner),
    max_leaves=8,
)


def namespace(**changes: Any) -> Namespace:
    values: dict[str, Any] = {
        "name": "default",
        "created_at": AT,
        "created_by": "subject:dev:alice",
        "updated_at": AT,
        "updated_by": "subject:dev:alice",
    }
    return Namespace(**{**values, **changes})


@pytest.mark.parametrize(
    ("target", "patch", "result"),
    [
        ({"a": "b"}, {"a": "c"}, {"a": "c"}),
        ({"a": "b"}, {"b": "c"}, {"a": "b", "b": "c"}),
        ({"a": "b"}, {"a": None}, {}),
        ({"a": "b", "b": "c"}, {"a": None}, {"b": "c"}),
        ({"a": ["b"]}, {"a": "c"}, {"a": "c"}),
        ({"a": "c"}, {"a": ["b"]}, {"a": ["b"]}),
        ({"a": {"b": "c"}}, {"a": {"b": "d", "c": None}}, {"a": {"b": "d"}}),
        ({"a": [{"b": "c"}]}, {"a": [1]}, {"a": [1]}),
        (["a", "b"], ["c", "d"], ["c", "d"]),
        ({"a": "b"}, ["c"], ["c"]),
        ({"a": "foo"}, None, None),
        ({"a": "foo"}, "bar", "bar"),
        ({"e": None}, {"a": 1}, {"e": None, "a": 1}),
        ([1, 2], {"a": "b", "c": None}, {"a": "b"}),
        ({}, {"a": {"bb": {"ccc": None}}}, {"a": {"bb": {}}}),
    ],
)
def test_a_merge_patch_does_what_the_appendix_of_rfc_7396_says(
    target: Any, patch: Any, result: Any
) -> None:
    assert is_same(merge_patch(target, patch), result)


@given(JSON, JSON)
def test_a_merge_patch_applied_twice_does_what_it_does_once(target: Any, patch: Any) -> None:
    once = merge_patch(target, patch)

    assert is_same(merge_patch(once, patch), once)


@given(JSON, JSON)
def test_a_merge_patch_leaves_its_target_alone(target: Any, patch: Any) -> None:
    before = repr(target)

    merge_patch(target, patch)

    assert repr(target) == before


@given(st.dictionaries(st.text(max_size=2), JSON))
def test_an_empty_merge_patch_changes_nothing(target: Any) -> None:
    assert is_same(merge_patch(target, {}), target)


def test_a_patch_moves_the_revision_the_time_and_the_author() -> None:
    before = namespace(description="old", tags={"a": "1", "b": "2"})

    after = patched(
        before, {"description": "new", "tags": {"a": None}}, at=LATER, by="subject:dev:bob"
    )

    assert (after.description, after.tags) == ("new", {"b": "2"})
    assert (after.revision, after.updated_at, after.updated_by) == (2, LATER, "subject:dev:bob")
    assert (after.created_at, after.created_by) == (AT, "subject:dev:alice")
    assert before.tags == {"a": "1", "b": "2"}


@pytest.mark.parametrize(
    "patch",
    [{}, {"description": "same"}, {"metadata": {"a": {"b": 1}}}, {"tags": {"gone": None}}],
)
def test_a_patch_that_changes_nothing_is_no_new_revision(patch: dict[str, Any]) -> None:
    before = namespace(description="same", metadata={"a": {"b": 1}})

    assert patched(before, patch, at=LATER, by="subject:dev:bob") is before


@pytest.mark.parametrize(("before", "after"), [(1, True), (1, 1.0), (False, 0), (0.0, -0.0)])
def test_a_patch_that_changes_only_the_type_of_a_value_is_not_lost(before: Any, after: Any) -> None:
    changed = patched(
        namespace(metadata={"a": before}), {"metadata": {"a": after}}, at=LATER, by="bob"
    )

    assert changed.revision == 2
    assert is_same(changed.metadata, {"a": after})


def test_null_clears_a_field() -> None:
    before = namespace(
        description="d", tags={"a": "1"}, metadata={"a": 1}, external_id="x", owner="o"
    )
    fields = ("description", "tags", "metadata", "external_id", "owner")

    after = patched(before, dict.fromkeys(fields), at=LATER, by="bob")

    assert [getattr(after, name) for name in fields] == ["", {}, {}, None, None]


@pytest.mark.parametrize(
    "field",
    ["name", "state", "revision", "created_by", "updated_at", "namespace", "id", "_id", "$set", ""],
)
def test_a_fixed_or_unknown_field_cannot_be_patched(field: str) -> None:
    with pytest.raises(Invalid, match="cannot be changed"):
        patched(namespace(), {field: "x"}, at=LATER, by="bob")


@pytest.mark.parametrize(
    "patch",
    [
        {"description": 5},
        {"owner": ["x"]},
        {"tags": "x"},
        {"metadata": []},
        {"custom_properties": 1},
        {"tags": {"a": 5}},
        {"tags": {"a": {"b": "c"}}},
        {"metadata": {"a.b": "\0"}},
        {"metadata": {"": 1}},
        {"external_id": ""},
        {"owner": "a\nb"},
        {"description": "\ud800"},
        {"description": "a\0b"},
    ],
)
def test_a_patch_of_the_wrong_type_is_refused(patch: dict[str, Any]) -> None:
    with pytest.raises(Invalid):
        patched(namespace(), patch, at=LATER, by="bob")


def test_a_dotted_or_dollar_key_in_a_patch_is_only_a_key() -> None:
    before = namespace(metadata={"a": {"b": 1}})

    after = patched(before, {"metadata": {"a.b": 2, "$set": {"name": "x"}}}, at=LATER, by="bob")

    assert after.metadata == {"a": {"b": 1}, "a.b": 2, "$set": {"name": "x"}}
    assert after.name == "default"


def test_growing_by_many_patches_ends_at_the_limit() -> None:
    grown = namespace(metadata={"0": "x" * 600_000})

    with pytest.raises(TooLarge):
        patched(grown, {"metadata": {"1": "x" * 600_000}}, at=LATER, by="bob")


def test_a_description_is_bounded() -> None:
    assert namespace(description="x" * MAX_DESCRIPTION_CHARACTERS)
    with pytest.raises(Invalid):
        namespace(description="x" * (MAX_DESCRIPTION_CHARACTERS + 1))


def test_another_revision_than_the_current_is_stale() -> None:
    current = moved_on(namespace(), at=LATER, by="subject:dev:bob")

    check_revision("The namespace", current, None)
    check_revision("The namespace", current, 2)
    for other in (0, 1, 3):
        with pytest.raises(Stale, match="subject:dev:bob"):
            check_revision("The namespace", current, other)
