"""Keys that MongoDB reserves are escaped, and nothing else is touched."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.adapters.mongo.escaping import escape_key, escaped, restore_key, restored

odd_keys = st.text(alphabet="$.%2E45a", min_size=1) | st.text(min_size=1)


@given(odd_keys)
def test_every_key_comes_back(key: str) -> None:
    assert restore_key(escape_key(key)) == key


@given(odd_keys)
def test_an_escaped_key_has_no_dot_and_no_leading_dollar(key: str) -> None:
    stored = escape_key(key)

    assert "." not in stored
    assert not stored.startswith("$")


@given(odd_keys, odd_keys)
def test_distinct_keys_stay_distinct(one: str, other: str) -> None:
    assert (escape_key(one) == escape_key(other)) == (one == other)


@pytest.mark.parametrize("key", ["accuracy", "mlflow-user", "cost$", "naïve key", "_id"])
def test_a_key_that_needs_no_escape_is_stored_as_it_is(key: str) -> None:
    assert escape_key(key) == key


def test_keys_are_escaped_at_every_depth_of_free_form_fields() -> None:
    record = {"metadata": {"a.b": [{"$ref": {"50%": "1.0"}}]}, "name": "a.b"}

    document = escaped(record)

    assert document == {"metadata": {"a%2Eb": [{"%24ref": {"50%25": "1.0"}}]}, "name": "a.b"}
    assert restored(document) == record


def test_fields_without_keys_of_people_are_not_walked() -> None:
    fixed = {"a.b": 1}

    assert escaped({"name": fixed})["name"] is fixed
