"""The filter language: whatever is written is read as it was meant, or refused as a mistake."""

from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.domain.fields import VERSION_FIELDS, bound
from core.errors import Invalid
from handlers.api.mlflow.filters import Clause, parse_clauses
from handlers.api.mlflow.registry_filters import VERSION_ATTRIBUTES, parse_filter

KEYS = st.text(st.characters(codec="utf-8", exclude_characters="`\0"), min_size=1, max_size=20)
PLAIN_KEYS = st.from_regex(r"[A-Za-z_][A-Za-z0-9_]{0,9}(\.[A-Za-z0-9_]{1,5}){0,2}", fullmatch=True)
TEXTS = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=20)
TEXT_OPERATORS = st.sampled_from(["=", "!=", "LIKE", "ILIKE"])
NUMBERS = st.integers(-(10**9), 10**9) | st.floats(-1e9, 1e9)


def quoted(text: str, quote: str) -> str:
    return quote + text.replace(quote, quote * 2) + quote


@st.composite
def clauses(draw: Any) -> tuple[str, Clause]:
    """A condition as somebody writes it, and what it says."""
    key, entity = draw(KEYS), draw(st.sampled_from(["tags", "tag", "params", "metrics"]))
    written = f"{entity}.`{key}`"
    if draw(st.booleans()):
        key = draw(PLAIN_KEYS)
        written = f"{entity}.{key}"
    case = draw(st.sampled_from([str.upper, str.lower, str.title]))
    space = draw(st.sampled_from([" ", "  ", "\n", "\t "]))
    kind = draw(st.sampled_from(["text", "number", "list", "null"]))
    if kind == "text":
        operator, value = draw(TEXT_OPERATORS), draw(TEXTS)
        shown = quoted(value, draw(st.sampled_from("'\"")))
        return f"{written}{space}{case(operator)}{space}{shown}", Clause(
            entity, key, operator, value
        )
    if kind == "number":
        operator, number = draw(st.sampled_from(["=", "!=", "<", "<=", ">", ">="])), draw(NUMBERS)
        return f"{written}{space}{operator}{space}{number!r}", Clause(entity, key, operator, number)
    if kind == "list":
        operator = draw(st.sampled_from(["IN", "NOT IN"]))
        values = tuple(draw(st.lists(TEXTS, min_size=1, max_size=3)))
        shown = ", ".join(quoted(value, "'") for value in values)
        return f"{written}{space}{case(operator)}{space}({shown})", Clause(
            entity, key, operator, values
        )
    operator = draw(st.sampled_from(["IS NULL", "IS NOT NULL"]))
    return f"{written}{space}{case(operator)}", Clause(entity, key, operator)


@given(st.lists(clauses(), min_size=1, max_size=4), st.sampled_from(["AND", "and", "And"]))
def test_what_is_written_is_read(written: list[tuple[str, Clause]], word: str) -> None:
    text = f" {word} ".join(each for each, _ in written)

    assert parse_clauses(text) == tuple(clause for _, clause in written)


@given(st.text(max_size=60) | st.text(alphabet="na=' \"()`.ANDINLIKEOR;1<>!", max_size=40))
def test_anything_else_is_a_mistake_of_the_user(text: str) -> None:
    with suppress(Invalid):  # and nothing else
        tree = parse_filter(text, VERSION_ATTRIBUTES)
        if tree is not None:
            bound(tree, VERSION_FIELDS)


@pytest.mark.parametrize("text", ["", " ", None])
def test_no_filter_has_no_conditions(text: str | None) -> None:
    assert parse_clauses(text) == ()


def test_words_of_the_language_may_be_names() -> None:
    read = parse_clauses("tags.in = 'a' AND like = 'b' AND IN IN ('c') AND android = 'd'")

    assert [clause.key for clause in read] == ["in", "like", "IN", "android"]


@pytest.mark.parametrize(
    "text",
    [
        "name",
        "name =",
        "name = a",
        "= 'a'",
        "name = 'a",
        "name = 'a' 'b'",
        "name = 'a' AND",
        "AND name = 'a'",
        "name = 'a' OR name = 'b'",
        "NOT name = 'a'",
        "(name = 'a')",
        "name = 'a';",
        "name == 'a'",
        "name BETWEEN 'a' AND 'b'",
        "name IN 'a'",
        "name IN ('a' 'b')",
        "name IN ()",
        "tags. = 'a'",
        "tags.`` = 'a'",
        "metrics.a > 1e",
        "x" * 10_001,
    ],
)
def test_where_it_cannot_be_read_is_said(text: str) -> None:
    with pytest.raises(Invalid) as refused:
        parse_clauses(text)

    assert "filter" in refused.value.message
    assert refused.value.next_step


def test_a_backslash_is_no_escape() -> None:
    tree = parse_filter("tags.a LIKE 'a\\%'", VERSION_ATTRIBUTES)

    assert "a\\\\\\\\%" in repr(tree)
