"""Page tokens: the same for the same page, good for one query only, never an accident."""

import base64
import json
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.domain.pages import MAX_PAGE, PageRequest
from core.errors import Invalid

QUERY = ("models", "default")
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)


def token(key: str | int, *query: str) -> str:
    page = PageRequest(1).page([key, key], lambda row: row, *query)
    assert page.next_token is not None
    return page.next_token


@pytest.mark.parametrize("size", [1, 50, MAX_PAGE])
def test_a_page_has_one_to_a_thousand_rows(size: int) -> None:
    assert PageRequest(size).size == size


@pytest.mark.parametrize("size", [0, -1, MAX_PAGE + 1, 10**9])
def test_any_other_size_is_refused(size: int) -> None:
    with pytest.raises(Invalid):
        PageRequest(size)


def test_without_a_token_the_page_begins_at_the_start() -> None:
    assert PageRequest().after(*QUERY) is None
    assert PageRequest().after_number(*QUERY) is None


def test_there_is_a_token_only_if_there_is_more() -> None:
    def page(rows: list[str]) -> Any:
        return PageRequest(2).page(rows, lambda row: row, *QUERY)

    assert page([]).next_token is None
    assert page(["a", "b"]).next_token is None
    assert page(["a", "b", "c"]).items == ("a", "b")
    assert page(["a", "b", "c"]).next_token is not None


@given(TEXT, st.lists(TEXT, max_size=3))
def test_a_token_leads_after_the_last_row_of_its_page(key: str, query: list[str]) -> None:
    assert PageRequest(1, token(key, *query)).after(*query) == key


@given(st.integers(0, 1 << 62))
def test_a_token_of_numbers_does_so_too(number: int) -> None:
    assert PageRequest(1, token(number, *QUERY)).after_number(*QUERY) == number


@given(TEXT)
def test_a_token_is_the_same_each_time_and_fits_a_url(key: str) -> None:
    assert token(key, *QUERY) == token(key, *QUERY)
    assert set(token(key, *QUERY)) <= set(
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_"
    )


@pytest.mark.parametrize(
    "other",
    [("models", "other"), ("versions", "default"), ("models",), ("models", "default", ""), ()],
)
def test_a_token_of_another_query_is_refused(other: tuple[str, ...]) -> None:
    with pytest.raises(Invalid):
        PageRequest(1, token("iris", *other)).after(*QUERY)


@given(st.data())
def test_an_edited_token_is_refused(data: st.DataObject) -> None:
    good = token("iris", *QUERY)
    place = data.draw(st.integers(0, len(good) - 1))
    character = data.draw(st.sampled_from("Aa0-_=!% é\0"))
    edited = data.draw(
        st.sampled_from(
            [
                good[:place] + character + good[place + 1 :],
                good[:place] + character + good[place:],
                good[:place] + good[place + 1 :],
                good + character,
            ]
        )
    )

    if edited == good:
        return
    try:
        key = PageRequest(1, edited).after(*QUERY)
    except Invalid:
        return
    assert token(str(key), *QUERY) == edited  # still a token of this query, for another row


@given(st.text())
def test_no_token_fails_in_another_way(text: str) -> None:
    for read in (PageRequest(1, text).after, PageRequest(1, text).after_number):
        with suppress(Invalid):
            read(*QUERY)


@pytest.mark.parametrize(
    "key",
    [5, True, None, 1.5, ["a"], {"$ne": ""}, "\ud800", 1 << 70],
)
def test_a_forged_token_with_a_key_of_another_type_is_refused(key: Any) -> None:
    binding = json.loads(base64.urlsafe_b64decode(token("iris", *QUERY) + "=="))[0]
    raw = json.dumps([binding, key]).encode()
    forged = base64.urlsafe_b64encode(raw).decode().rstrip("=")

    with pytest.raises(Invalid):
        PageRequest(1, forged).after(*QUERY)
    if type(key) is not int or key >> 63:
        with pytest.raises(Invalid):
            PageRequest(1, forged).after_number(*QUERY)


@pytest.mark.parametrize(
    "raw", [b"", b"[", b"null", b"[1]", b"[1,2,3]", b'{"a":1,"b":2}', b"[" * 100_000, b"\xff\xfe"]
)
def test_a_token_of_any_other_bytes_is_refused(raw: bytes) -> None:
    forged = base64.urlsafe_b64encode(raw).decode().rstrip("=")

    with pytest.raises(Invalid):
        PageRequest(1, forged).after(*QUERY)
