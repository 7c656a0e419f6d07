"""Declared files: parts, manifests that lie in one directory everywhere, and their digest."""

import hashlib
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.domain.files import (
    MAX_FILE_BYTES,
    MAX_PARTS,
    PART_BYTES,
    File,
    FileDeclaration,
    check_manifest,
    manifest_digest,
    part_count,
)
from core.domain.uploads import part_bytes
from core.errors import Invalid, TooLarge
from tests.builders import declare

DIGEST = "a" * 64


def declared(path: str, size_bytes: int = 1) -> FileDeclaration:
    return FileDeclaration(path=path, size_bytes=size_bytes, sha256=DIGEST, parts_sha256=DIGEST)


def file(size_bytes: int, **changes: str) -> File:
    return File(
        version_id=1,
        namespace="default",
        path="a",
        size_bytes=size_bytes,
        key="default/iris/1/a",
        sha256=changes.get("sha256", DIGEST),
        parts_sha256=changes.get("parts_sha256"),
    )


@pytest.mark.parametrize(
    ("size_bytes", "parts"),
    [
        (0, 1),
        (1, 1),
        (PART_BYTES, 1),
        (PART_BYTES + 1, 2),
        (PART_BYTES * MAX_PARTS, MAX_PARTS),
        (PART_BYTES * MAX_PARTS + 1, MAX_PARTS // 2 + 1),
        (MAX_FILE_BYTES, 9_103),
    ],
)
def test_a_file_is_sent_in_parts_of_64_mebibytes_or_a_multiple(size_bytes: int, parts: int) -> None:
    assert part_count(size_bytes) == parts


@given(st.integers(0, MAX_FILE_BYTES))
def test_the_parts_of_any_file_add_up_to_it_and_no_store_refuses_their_number(size: int) -> None:
    sent = file(size)

    assert 1 <= sent.parts <= MAX_PARTS
    assert sent.part_size_bytes % PART_BYTES == 0
    last = part_bytes(sent, sent.parts)
    assert sent.part_size_bytes * (sent.parts - 1) + last == size
    assert 0 <= last <= sent.part_size_bytes
    assert last > 0 or size == 0


@pytest.mark.parametrize("size_bytes", [-1, MAX_FILE_BYTES + 1, 1 << 64])
def test_a_size_that_no_store_takes_is_refused(size_bytes: int) -> None:
    with pytest.raises(Invalid):
        declared("a", size_bytes)


@pytest.mark.parametrize(
    "digest",
    ["", "a" * 63, "a" * 65, "A" * 64, "g" * 64, f"sha256:{DIGEST}", "a" * 64 + "\n", "1" * 32],
)
def test_a_digest_is_64_lower_case_hex_digits(digest: str) -> None:
    with pytest.raises(Invalid, match="sha256"):
        FileDeclaration(path="a", size_bytes=1, sha256=digest)
    with pytest.raises(Invalid, match="parts_sha256"):
        FileDeclaration(path="a", size_bytes=PART_BYTES + 1, sha256=DIGEST, parts_sha256=digest)


def test_only_a_file_of_several_parts_needs_their_digest() -> None:
    FileDeclaration(path="a", size_bytes=PART_BYTES, sha256=DIGEST)

    with pytest.raises(Invalid, match="parts_sha256"):
        FileDeclaration(path="a", size_bytes=PART_BYTES + 1, sha256=DIGEST)


def test_a_path_is_held_to_its_rules_when_it_is_declared() -> None:
    with pytest.raises(Invalid):
        declared("../a")


def test_files_are_twins_only_if_everything_the_store_proved_agrees() -> None:
    one = file(5, parts_sha256="b" * 64)

    assert one.is_twin_of(file(5, parts_sha256="b" * 64))
    assert not one.is_twin_of(file(6, parts_sha256="b" * 64))
    assert not one.is_twin_of(file(5, parts_sha256="c" * 64))
    assert not one.is_twin_of(file(5, parts_sha256="b" * 64, sha256="d" * 64))


@pytest.mark.parametrize(
    "paths",
    [
        ["a", "a"],
        ["a", "A"],
        ["dir/a", "DIR/A"],
        ["STRASSE", "straße"],
        ["a", "a/b"],
        ["a/b/c", "A"],
        ["x/y/z/w", "x/y"],
    ],
)
def test_paths_that_clash_in_a_directory_are_refused(paths: list[str]) -> None:
    for order in (paths, paths[::-1]):
        with pytest.raises(Invalid):
            check_manifest(
                [declared(path) for path in order], max_files=10, max_file_bytes=MAX_FILE_BYTES
            )


def test_paths_that_only_begin_alike_do_not_clash() -> None:
    files = [declared(path) for path in ("a", "ab", "a.b", "b/a", "b/ab/c", "c")]

    check_manifest(files, max_files=6, max_file_bytes=1)


def test_a_manifest_is_bounded() -> None:
    files = [declared("a"), declared("b", 2)]

    with pytest.raises(TooLarge):
        check_manifest(files, max_files=1, max_file_bytes=2)
    with pytest.raises(TooLarge, match="'b'"):
        check_manifest(files, max_files=2, max_file_bytes=1)


def test_the_manifest_digest_is_what_coreutils_say(tmp_path: Path) -> None:
    contents = {
        "b.bin": b"two",
        "a/x": b"",
        "a.txt": b"one",
        "A": b"upper",
        "é/ü.bin": b"three",
        "a b": b"spaces  and  more",
        "\U0001f600": b"astral",
        "\uffee": b"after the surrogates in UTF-16, before the astral ones in UTF-8",
    }
    for path, content in contents.items():
        (tmp_path / path).parent.mkdir(exist_ok=True, parents=True)
        (tmp_path / path).write_bytes(content)
    script = r"""
        find . -type f -printf '%P\n' | LC_ALL=C sort | while IFS= read -r path; do
            printf '%s  %s  %s\n' "$(sha256sum < "$path" | cut -c-64)" \
                "$(stat -c %s "$path")" "$path"
        done | sha256sum | cut -c-64
    """

    done = subprocess.run(
        ["bash", "-c", script], cwd=tmp_path, capture_output=True, text=True, check=True
    )

    digest = manifest_digest(declare(path, content) for path, content in contents.items())
    assert digest == f"sha256:{done.stdout.strip()}"


@given(st.permutations([declared("a"), declared("a/b", 2), declared("ab"), declared("B", 3)]))
def test_the_manifest_digest_does_not_depend_on_order(files: list[FileDeclaration]) -> None:
    assert manifest_digest(files) == manifest_digest(sorted(files, key=lambda each: each.path))


@given(st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 3)), unique_by=lambda row: row[0]))
def test_the_manifest_digest_tells_any_two_manifests_apart(rows: list[tuple[str, int]]) -> None:
    files = [declared(path, size) for path, size in rows]

    digest = manifest_digest(files)

    assert digest != manifest_digest([*files, declared("d")])
    for index, (path, size) in enumerate(rows):
        grown = [*files[:index], declared(path, size + 1), *files[index + 1 :]]
        assert manifest_digest(grown) != digest


def test_no_files_have_a_digest_too() -> None:
    assert manifest_digest([]) == f"sha256:{hashlib.sha256().hexdigest()}"
