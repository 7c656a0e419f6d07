"""Regular expressions from strangers: what is taken is cheap, and what is not is refused."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.domain.patterns import check_pattern, cost
from core.errors import Invalid


@pytest.mark.parametrize(
    "pattern",
    [
        "",
        "^[a-z0-9-]+$",
        r"^v?\d+\.\d+\.\d+$",
        r"^(0|[1-9]\d*)\.(0|[1-9]\d*)$",
        "^(alpha|beta|rc)$",
        r"^s3://[^/]+/",
        "^[A-Z]{2,4}(?:-[0-9]{3})?$",
        "é+",
        r"[\]\\]",
        r"^x-",
    ],
)
def test_what_people_check_names_with_is_taken(pattern: str) -> None:
    check_pattern("schema.pattern", pattern)


@pytest.mark.parametrize(
    "pattern",
    [
        "(a+)+$",
        "(a*)*",
        "(?:a|a)*b",
        "(a|aa)+",
        "([a-z]+)*x",
        "(.*)(.*)(.*)(.*)(.*)x",
        ".*.*.*.*.*x",
        "(a|b){2,30}",
        "(a?){40}",
        "a?" * 20,
        "(a|a)" * 20,
        r"(a)\1",
        r"(?P<n>a)(?P=n)",
        "(?=a)a",
        "(?<!a)a",
        "(?i)a",
        "(?#x)a",
        "a++",
        "a" * 257,
        "(",
        "[",
        "a{2",
        "\\",
        r"\p{L}",
        "*",
    ],
)
def test_what_could_take_for_ever_or_is_none_is_refused(pattern: str) -> None:
    with pytest.raises(Invalid) as caught:
        check_pattern("schema.pattern", pattern)

    assert caught.value.problems[0][0] == "schema.pattern"
    assert len(caught.value.message) < 500


def test_the_cost_grows_with_the_text_and_the_repetitions() -> None:
    assert cost("^abc$", 100) < cost("abc", 100) < cost("a.*c", 100) < cost("a.*b.*c", 100)
    assert cost("a.*c", 10) < cost("a.*c", 1_000)


@given(st.text(alphabet="ab(|)?*+{}[]^$.\\d1,:=", max_size=24))
def test_a_pattern_is_taken_or_refused_and_never_anything_else(pattern: str) -> None:
    try:
        check_pattern("p", pattern)
    except Invalid:
        return
    assert re.compile(pattern)
    if cost(pattern, 40) < 10_000_000:
        re.search(pattern, "a" * 40)
