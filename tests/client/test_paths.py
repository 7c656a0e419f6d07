"""Paths that a pull may write, and no others."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from core.domain.names import check_file_path
from core.errors import RegistryError
from modelry.errors import Invalid
from modelry.paths import check_manifest_paths, path_fault


@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=30))
@example("../x")
@example("a/./b")
@example("a\\b")
@example("c:/x")
@example("e\u0301")
def test_the_client_and_the_registry_refuse_the_same_paths(path: str) -> None:
    try:
        check_file_path(path)
        is_refused = False
    except RegistryError:
        is_refused = True

    assert (path_fault(path) is not None) == is_refused


@pytest.mark.parametrize(
    "path",
    ["../.ssh/authorized_keys", "/etc/passwd", "a/../../b", "a//b", ".", "..", "", "a/", "C:/x",
     "..\\x", "a\0b", "a\nb", "a\ud800"],
)  # fmt: skip
def test_a_manifest_that_climbs_is_refused_whole(path: str) -> None:
    with pytest.raises(Invalid, match="cannot safely be written"):
        check_manifest_paths(["fine.bin", path])


@pytest.mark.parametrize("paths", [["a", "A"], ["a", "a"], ["a", "a/b"], ["A/b", "a"]])
def test_a_manifest_whose_paths_collide_is_refused_whole(paths: list[str]) -> None:
    with pytest.raises(Invalid, match="cannot safely be written"):
        check_manifest_paths(paths)


def test_a_manifest_of_sound_paths_passes() -> None:
    check_manifest_paths(["a", "b/c", "b/d é", ".hidden/x", "a.b"])
