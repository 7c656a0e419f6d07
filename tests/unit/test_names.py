"""Names that people choose: what is taken, what is refused, and what must never collide."""

import unicodedata
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.domain.names import (
    MAX_KEY_SEGMENT,
    MAX_NAME_CHARACTERS,
    MAX_PATH_BYTES,
    check_alias_name,
    check_file_path,
    check_model_name,
    check_namespace_name,
    check_text,
    key_segment,
    name_key,
)
from core.errors import Invalid

UNPRINTABLE = [
    pytest.param("a\0b", id="NUL"),
    pytest.param("a\nb", id="line feed"),
    pytest.param("a\rb", id="carriage return"),
    pytest.param("a\x1b[31mb", id="escape sequence"),
    pytest.param("a\x7fb", id="delete"),
    pytest.param("a\u202eb", id="right-to-left override"),
    pytest.param("a\u2066b", id="left-to-right isolate"),
    pytest.param("a\u200fb", id="right-to-left mark"),
    pytest.param("a\u2028b", id="line separator"),
    pytest.param("a\ud800b", id="lone surrogate"),
    pytest.param("a\ue000b", id="private use"),
    pytest.param("a\U0010ffffb", id="no character"),
    pytest.param("e\u0301", id="not composed"),
]


@pytest.mark.parametrize("name", ["a", "0", "fraud-team", "a" * 63, "x1-2-3y"])
def test_a_namespace_is_a_dns_label(name: str) -> None:
    assert check_namespace_name(name) == name


@pytest.mark.parametrize(
    "name",
    [
        "",
        "A",
        "-a",
        "a-",
        "a" * 64,
        "a_b",
        "a.b",
        "a/b",
        "..",
        "a b",
        "ä",
        "a\n",
        "*",
        "a\0",
        "\uff11",
    ],
)
def test_what_is_no_dns_label_is_no_namespace(name: str) -> None:
    with pytest.raises(Invalid) as caught:
        check_namespace_name(name)

    assert caught.value.next_step


@pytest.mark.parametrize(
    "name",
    ["iris", "Iris V2", "a" * 255, "...", "ünïcode", "模型", "a%2Fb", "$where", "a.b", "{'$ne'}"],
)
def test_a_model_name_is_printable_text(name: str) -> None:
    assert check_model_name(name) == name


@pytest.mark.parametrize(
    "name",
    ["", ".", "..", "a/b", "a\\b", "a:b", "a@b", " a", "a ", "a" * 256, "x" * 10_000, "../../a"],
)
def test_a_model_name_that_could_be_read_as_a_path_is_refused(name: str) -> None:
    with pytest.raises(Invalid):
        check_model_name(name)


@pytest.mark.parametrize("name", UNPRINTABLE)
def test_no_name_holds_what_cannot_be_seen(name: str) -> None:
    for check in (check_model_name, check_file_path, check_alias_name, check_namespace_name):
        with pytest.raises(Invalid) as caught:
            check(name)
        assert caught.value.message.isprintable()


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("Iris", "iris"),
        ("\uff29\uff32\uff29\uff33", "iris"),
        ("straße", "STRASSE"),
        ("ﬁsh", "fish"),
    ],
)
def test_names_that_look_alike_share_a_key(first: str, second: str) -> None:
    assert name_key(first) == name_key(second)


@pytest.mark.parametrize(
    "name", ["champion", "a", "prod.eu-1", "日本", "vision", "latest-1", "x" * 255]
)
def test_an_alias_is_a_word(name: str) -> None:
    assert check_alias_name(name) == name


@pytest.mark.parametrize(
    "name",
    [
        "",
        "latest",
        "Latest",
        "3",
        "v3",
        "V12",
        "٣",
        "sha256",
        "a b",
        "-a",
        ".a",
        "a/b",
        "@a",
        "x" * 256,
    ],
)
def test_an_alias_that_reads_as_another_reference_is_refused(name: str) -> None:
    with pytest.raises(Invalid):
        check_alias_name(name)


@pytest.mark.parametrize(
    "path",
    ["a", "a/b/c.bin", "a b/c d", "..a", "a..b", ".hidden", "a/.b", "%2e%2e/a", "ü/ß", "x" * 768],
)
def test_a_path_below_the_directory_is_taken(path: str) -> None:
    assert check_file_path(path) == path


@pytest.mark.parametrize(
    "path",
    [
        "",
        "/",
        "/abs",
        "../x",
        "a/../../b",
        "a/..",
        "..",
        ".",
        "./a",
        "a/./b",
        "a//b",
        "a/",
        "a\\b",
        "C:/a",
        "c:a",
        "a.",
        "a /b",
        " a",
        "a/ b",
        "a/b ",
        "a/b.",
        "x" * 769,
        "ü" * 500,
        "x" * 10_000,
    ],
)
def test_a_path_that_climbs_or_means_different_files_is_refused(path: str) -> None:
    with pytest.raises(Invalid):
        check_file_path(path)


def test_an_error_shows_no_more_than_the_beginning_of_a_long_name() -> None:
    with pytest.raises(Invalid) as caught:
        check_namespace_name("\u202e" + "x" * 10_000)

    assert len(caught.value.message) < 200
    assert caught.value.message.isascii()


@given(st.text())
def test_any_text_is_taken_unchanged_or_refused(text: str) -> None:
    for check in (check_namespace_name, check_model_name, check_alias_name, check_file_path):
        with suppress(Invalid):
            assert check(text) == text


@given(st.text(min_size=1))
def test_a_taken_path_stays_below_its_directory(text: str) -> None:
    try:
        path = check_file_path(text)
    except Invalid:
        return

    assert len(path.encode()) <= MAX_PATH_BYTES
    assert not {"", ".", ".."} & set(path.split("/"))


@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=MAX_NAME_CHARACTERS))
def test_a_key_segment_is_short_and_portable(name: str) -> None:
    segment = key_segment(name)

    assert 0 < len(segment) <= MAX_KEY_SEGMENT
    assert set(segment) <= set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-~")


@given(
    st.text(st.sampled_from("a~/.E4é "), min_size=1, max_size=8),
    st.text(st.sampled_from("a~/.E4é "), min_size=1, max_size=8),
)
def test_different_names_have_different_key_segments(first: str, second: str) -> None:
    assert (key_segment(first) == key_segment(second)) == (first == second)


def test_long_names_with_the_same_head_have_different_key_segments() -> None:
    segments = {key_segment("ä" * 200 + tail) for tail in ("", "a", "b", "~")}

    assert len(segments) == 4


def test_a_long_names_segment_is_never_the_plain_segment_of_a_short_name() -> None:
    long = key_segment("x" * 255)

    assert key_segment(long) != long


def test_composed_text_is_taken_where_the_decomposed_is_not() -> None:
    text = unicodedata.normalize("NFC", "e\u0301")

    assert check_text("thing", text, max_characters=1) == text
