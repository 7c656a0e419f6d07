"""The files of a push: found, refused, and hashed by the registry's own rules."""

import hashlib
import os
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.domain import files as rules
from modelry import files
from modelry.errors import Invalid
from modelry.files import FoundFile, find_files, hash_file, hash_files, manifest_digest


@given(st.integers(0, rules.MAX_FILE_BYTES))
def test_parts_have_the_size_that_the_registry_gives_them(size_bytes: int) -> None:
    assert files.part_size_bytes(size_bytes) == rules.part_size_bytes(size_bytes)


digests = st.binary(min_size=32, max_size=32).map(bytes.hex)
paths = st.from_regex(r"[a-zA-Z0-9é_]{1,8}(/[a-zA-Z0-9_]{1,8}){0,2}", fullmatch=True)


@given(st.dictionaries(paths, st.tuples(st.integers(0, 1 << 40), digests), max_size=8))
def test_the_digest_of_a_version_is_the_registrys(named: dict[str, tuple[int, str]]) -> None:
    declared = [
        rules.FileDeclaration(path=path, size_bytes=size, sha256=digest, parts_sha256=digest)
        for path, (size, digest) in named.items()
    ]
    listed = [(path, size, digest) for path, (size, digest) in named.items()]

    assert manifest_digest(listed) == rules.manifest_digest(declared)


@given(st.binary(max_size=200))
@settings(deadline=None, max_examples=50)
def test_a_file_is_hashed_whole_and_by_its_parts(
    tmp_path_factory: pytest.TempPathFactory, content: bytes
) -> None:
    source = tmp_path_factory.mktemp("hashed") / "a.bin"
    source.write_bytes(content)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(files, "PART_BYTES", 64)
        patch.setattr(files, "BLOCK_BYTES", 7)
        (found,) = find_files(source)
        hashed = hash_file(found)
        declared = hashed.declaration()

    parts = [content[at : at + 64] for at in range(0, len(content), 64)] or [b""]
    assert hashed.sha256 == hashlib.sha256(content).hexdigest()
    assert hashed.part_digests == tuple(hashlib.sha256(part).digest() for part in parts)
    expected = hashlib.sha256(b"".join(hashed.part_digests)).hexdigest()
    assert declared.get("parts_sha256") == (expected if len(parts) > 1 else None)


def test_every_block_is_counted(tmp_path: Path) -> None:
    for name, size in (("a", 3_000_000), ("b", 10)):
        (tmp_path / name).write_bytes(b"x" * size)
    counted: list[int] = []

    hash_files(find_files(tmp_path), on_bytes=counted.append)

    assert sum(counted) == 3_000_010


def test_a_directory_gives_all_its_files_by_path(tmp_path: Path) -> None:
    (tmp_path / "b" / "c").mkdir(parents=True)
    for name in ("z", "b/c/d", "b/a", ".hidden"):
        (tmp_path / name).write_text(name)
    (tmp_path / "link").symlink_to("z")

    found = find_files(tmp_path)

    assert [file.path for file in found] == [".hidden", "b/a", "b/c/d", "link", "z"]


def test_a_single_file_is_called_by_its_name(tmp_path: Path) -> None:
    (tmp_path / "model.pkl").write_bytes(b"1")

    assert [file.path for file in find_files(tmp_path / "model.pkl")] == ["model.pkl"]


def test_links_that_leave_the_directory_are_refused(tmp_path: Path) -> None:
    top = tmp_path / "top"
    top.mkdir()
    (tmp_path / "secret").write_text("s")
    (top / "weights").symlink_to(tmp_path / "secret")
    (top / "gone").symlink_to("nothing")
    (top / "loop").symlink_to("loop")
    (top / "up").symlink_to(tmp_path)

    with pytest.raises(Invalid) as refused:
        find_files(top)

    assert [place for place, _ in refused.value.problems] == [
        "'gone'",
        "'loop'",
        "'up'",
        "'weights'",
    ]
    assert "Rename or remove" in str(refused.value)


@pytest.mark.parametrize(
    "name", ["a\\b", "trailing.", " leading", "line\nbreak", "e\u0301", "a\u202eb", "C:x"]
)
def test_odd_names_are_refused_by_name(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("x")

    with pytest.raises(Invalid) as refused:
        find_files(tmp_path)

    assert refused.value.problems[0][0] == ascii(name)


def test_names_that_are_no_text_are_refused(tmp_path: Path) -> None:
    Path(os.fsdecode(os.fsencode(tmp_path) + b"/\xff")).write_text("x")

    with pytest.raises(Invalid, match="U\\+DCFF"):
        find_files(tmp_path)


def test_names_that_differ_by_case_alone_are_refused(tmp_path: Path) -> None:
    (tmp_path / "A").write_text("x")
    (tmp_path / "a").write_text("y")

    with pytest.raises(Invalid, match="ignore case"):
        find_files(tmp_path)


def test_pipes_and_empty_directories_are_refused(tmp_path: Path) -> None:
    with pytest.raises(Invalid, match="holds no files"):
        find_files(tmp_path)
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(Invalid, match="no regular file"):
        find_files(tmp_path)


def test_a_file_that_changes_after_it_was_found_is_refused(tmp_path: Path) -> None:
    source = tmp_path / "a"
    source.write_text("one")
    (found,) = find_files(source)
    source.write_text("three")

    with pytest.raises(Invalid, match="changed while it was being pushed"):
        hash_file(found)


def test_a_file_that_vanishes_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("one")
    (found,) = find_files(tmp_path)
    hashed = hash_file(FoundFile("a", found.source, found.size_bytes, found.modified_ns))
    found.source.unlink()

    with pytest.raises(Invalid, match="changed"):
        hashed.check_unchanged()
