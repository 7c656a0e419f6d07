"""What the files of runs and logged models may be called, and where they lie."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.domain.logged_files import FileOwner, OwnerKind, check_logged_path, is_logged
from core.domain.names import key_segment
from core.errors import Invalid

RUN = FileOwner("default", OwnerKind.RUN, "7")


@pytest.mark.parametrize(
    "path",
    [
        "",
        "/",
        "/a",
        "a//b",
        "a/",
        ".",
        "..",
        "a/../b",
        "../a",
        "a/.",
        "a#b",
        "a\\b",
        "a\0b",
        "a\nb",
        "\u2028",
        "x" * 769,
        "ö" * 385,
    ],
)
def test_what_is_no_path_in_a_folder_is_refused(path: str) -> None:
    with pytest.raises(Invalid, match="Invalid path"):
        check_logged_path(path)


@pytest.mark.parametrize(
    "path",
    ["a", "a/b.txt", "...", "a..b", " a ", "100%.txt", "50% (1)+&=~'!.bin", "ö/😀", "o\u0308"],
)
def test_names_may_be_what_a_training_wrote(path: str) -> None:
    assert check_logged_path(path) == path
    assert RUN.key(path) == f"default/~runs/7/{path}"


def test_a_folder_holds_what_begins_with_it_and_a_slash() -> None:
    assert RUN.folder("") == RUN.folder("/") == "default/~runs/7/"
    assert RUN.folder("a/b") == RUN.folder("a/b/") == "default/~runs/7/a/b/"
    with pytest.raises(Invalid):
        RUN.folder("a/../..")


@given(st.text())
def test_a_path_that_is_taken_stays_under_its_owner(path: str) -> None:
    try:
        key = RUN.key(path)
    except Invalid:
        return

    assert key.startswith(RUN.prefix)
    assert is_logged(key)
    assert not {"..", ".", ""} & set(key.split("/"))


@given(st.text(min_size=1), st.sampled_from(OwnerKind))
def test_no_model_lies_where_files_are_logged(name: str, kind: OwnerKind) -> None:
    try:
        segment = key_segment(name)
    except UnicodeEncodeError:
        return

    assert segment != f"~{kind}"
    assert not is_logged(f"default/{segment}/1/a")
