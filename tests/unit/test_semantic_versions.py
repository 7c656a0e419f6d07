"""Semantic versions: exactly the standard's syntax and precedence, and steps that only go up."""

from functools import cmp_to_key

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.domain.semantic_versions import (
    MAX_CHARACTERS,
    SemanticVersion,
    Step,
    is_semantic_version,
    parse_compatible,
    parse_version,
)
from core.errors import Invalid

NUMBERS = st.integers(0, 12) | st.integers(0, 10**20)
WORDS = st.from_regex(r"[0-9]{0,2}[A-Za-z-][0-9A-Za-z-]{0,3}", fullmatch=True)
IDENTIFIERS = st.lists(NUMBERS.map(str) | WORDS, max_size=3).map(tuple)
BUILDS = st.lists(st.from_regex(r"[0-9A-Za-z-]{1,3}", fullmatch=True), max_size=2).map(tuple)
VERSIONS = st.builds(
    SemanticVersion, st.integers(0, 3), st.integers(0, 3), st.integers(0, 3), IDENTIFIERS, BUILDS
) | st.builds(SemanticVersion, NUMBERS, NUMBERS, NUMBERS, IDENTIFIERS, BUILDS)


def precedence(first: SemanticVersion, second: SemanticVersion) -> int:
    """Section 11 of the standard, word by word: -1, 0 or 1."""
    cores = [(each.major, each.minor, each.patch) for each in (first, second)]
    if cores[0] != cores[1]:
        return -1 if cores[0] < cores[1] else 1
    if bool(first.prerelease) != bool(second.prerelease):
        return -1 if first.prerelease else 1
    for one, other in zip(first.prerelease, second.prerelease, strict=False):
        if one == other:
            continue
        if one.isdigit() and other.isdigit():
            return -1 if int(one) < int(other) else 1
        if one.isdigit() != other.isdigit():
            return -1 if one.isdigit() else 1
        return -1 if one.encode() < other.encode() else 1
    lengths = len(first.prerelease), len(second.prerelease)
    return (lengths[0] > lengths[1]) - (lengths[0] < lengths[1])


@given(VERSIONS)
def test_a_version_written_down_is_read_back(version: SemanticVersion) -> None:
    assert parse_version(str(version)) == version


@given(VERSIONS, VERSIONS)
def test_keys_sort_as_the_standard_says(first: SemanticVersion, second: SemanticVersion) -> None:
    by_key = (first.key > second.key) - (first.key < second.key)

    assert by_key == precedence(first, second)


@given(st.lists(VERSIONS, max_size=8))
def test_the_order_is_total(versions: list[SemanticVersion]) -> None:
    by_key = sorted(versions, key=lambda version: version.key)
    by_precedence = sorted(versions, key=cmp_to_key(precedence))

    assert [version.key for version in by_key] == [version.key for version in by_precedence]


def test_the_standards_own_example_is_in_order() -> None:
    texts = [
        *("1.0.0-alpha", "1.0.0-alpha.1", "1.0.0-alpha.beta", "1.0.0-beta", "1.0.0-beta.2"),
        *("1.0.0-beta.11", "1.0.0-rc.1", "1.0.0", "1.9.0", "1.10.0", "1.11.0", "2.0.0"),
    ]

    assert sorted(texts, key=lambda text: parse_version(text).key) == texts
    assert parse_version("1.0.0+a").key == parse_version("1.0.0+b.1").key


def test_identifiers_do_not_run_into_each_other() -> None:
    texts = ["1.0.0-a", "1.0.0-a.1", "1.0.0-a.b", "1.0.0-a-", "1.0.0-a0011", "1.0.0-a1b"]

    backwards = texts[::-1]
    assert sorted(backwards, key=lambda text: parse_version(text).key) == texts
    assert len({parse_version(text).key for text in texts}) == len(texts)


@given(VERSIONS)
def test_a_key_is_printable_ascii(version: SemanticVersion) -> None:
    assert version.key.isascii()
    assert version.key.isprintable()


@pytest.mark.parametrize(
    "text",
    ["", "1", "1.2", "1.2.3.4", "v1.2.3", "01.2.3", "1.02.3", "1.2.03", "1.2.3-", "1.2.3-01",
     "1.2.3-a..b", "1.2.3+", "1.2.3+a..b", "1.2.3-a_b", "1.2.3 ", " 1.2.3", "1.2.3\n", "1.2.x",
     "1.2.-3", "+1.2.3", "1.2.3-ä", "\u0661.2.3", "\uff11.2.3", "1.2.3-\u0661", "==1.2.3"],
)  # fmt: skip
def test_what_the_standard_does_not_allow_is_refused(text: str) -> None:
    assert not is_semantic_version(text)
    with pytest.raises(Invalid, match="no semantic version") as caught:
        parse_version(text)
    assert "1.2.0" in caught.value.next_step


def test_a_version_is_short() -> None:
    fits = "1.2." + "3" * (MAX_CHARACTERS - 4)

    assert str(parse_version(fits)) == fits
    for text in (fits + "3", "1." * 5_000, "9" * 10_000 + ".0.0", "1.0.0-" + "0a." * 9_999):
        with pytest.raises(Invalid) as caught:
            parse_version(text)
        assert len(caught.value.message) < 600


@given(VERSIONS)
def test_every_step_goes_up_and_a_larger_one_at_least_as_far(version: SemanticVersion) -> None:
    patch, minor, major = (version.after(step) for step in Step)

    assert version.key < patch.key <= minor.key <= major.key
    for target in (patch, minor, major):
        assert not target.prerelease
        assert not target.build


@given(VERSIONS, VERSIONS, st.sampled_from(Step))
def test_steps_keep_the_order(first: SemanticVersion, second: SemanticVersion, step: Step) -> None:
    lower, higher = sorted((first, second), key=lambda version: version.key)

    assert lower.after(step).key <= higher.after(step).key


@pytest.mark.parametrize(
    ("text", "patch", "minor", "major"),
    [
        ("1.2.3", "1.2.4", "1.3.0", "2.0.0"),
        ("0.1.9", "0.1.10", "0.2.0", "1.0.0"),
        ("1.2.3+linux", "1.2.4", "1.3.0", "2.0.0"),
        ("2.0.0-rc.1", "2.0.0", "2.0.0", "2.0.0"),
        ("1.3.0-rc.1", "1.3.0", "1.3.0", "2.0.0"),
        ("1.2.4-rc.1", "1.2.4", "1.3.0", "2.0.0"),
    ],
)
def test_a_step_is_the_least_release_that_tells_of_it(
    text: str, patch: str, minor: str, major: str
) -> None:
    after = [str(parse_version(text).after(step)) for step in Step]

    assert after == [patch, minor, major]


@pytest.mark.parametrize(
    ("text", "least", "end"),
    [
        ("~=1.2", "1.2.0", "2.0.0"),
        ("~=1.2.3", "1.2.3", "1.3.0"),
        ("~=0.0", "0.0.0", "1.0.0"),
        ("~=0.0.0", "0.0.0", "0.1.0"),
        ("~=10.20.30", "10.20.30", "10.21.0"),
    ],
)
def test_a_range_means_what_it_means_to_pip(text: str, least: str, end: str) -> None:
    releases = parse_compatible(text)

    assert (str(releases.least), str(releases.end)) == (least, end)


@pytest.mark.parametrize(
    "text",
    ["~=", "~=1", "~=1.2.3.4", "~=1.2.3-rc.1", "~=1.2.3+a", "~=1.*", "~=v1.2", "~=01.2", "~= 1.2",
     "~=1.2\n", "~1.2", "~=" + "1." * 5_000, "~=1." + "1" * 5_000],
)  # fmt: skip
def test_what_is_no_range_is_refused(text: str) -> None:
    with pytest.raises(Invalid, match="no range") as caught:
        parse_compatible(text)

    assert "~=1.2.3" in caught.value.next_step
