"""The rules of a transfer: parts that a file has, and bytes that are the declared ones."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.domain.files import MAX_FILE_BYTES, PART_BYTES, File
from core.domain.uploads import (
    MAX_SIGNED_PARTS,
    check_parts,
    disagreement,
    part_bytes,
    whole_parts,
)
from core.errors import Invalid

DIGEST = "a" * 64
OTHER = "b" * 64


def file(size_bytes: int, parts_sha256: str | None = None) -> File:
    return File(
        version_id=1,
        namespace="default",
        path="weights.bin",
        size_bytes=size_bytes,
        sha256=DIGEST,
        parts_sha256=parts_sha256,
        key="default/iris/1/weights.bin",
    )


THREE = file(2 * PART_BYTES + 7)


def test_any_parts_that_the_file_has_may_be_asked_for() -> None:
    check_parts(THREE, [(3, DIGEST), (1, OTHER)])


@pytest.mark.parametrize(
    "parts",
    [
        [],
        [(0, DIGEST)],
        [(4, DIGEST)],
        [(-1, DIGEST)],
        [(1 << 64, DIGEST)],
        [(1, DIGEST), (1, DIGEST)],
        [(1, "")],
        [(1, DIGEST.upper())],
        [(1, DIGEST + "\n")],
        [(1, f"sha256:{DIGEST}")],
    ],
)
def test_parts_that_the_file_has_not_are_refused(parts: list[tuple[int, str]]) -> None:
    with pytest.raises(Invalid):
        check_parts(THREE, parts)


def test_a_thousand_parts_may_be_asked_for_at_a_time() -> None:
    large = file(1 << 40)
    parts = [(number, DIGEST) for number in range(1, MAX_SIGNED_PARTS + 2)]

    check_parts(large, parts[:-1])
    with pytest.raises(Invalid):
        check_parts(large, parts)


def test_only_parts_of_the_right_size_count_as_received() -> None:
    sizes = {1: PART_BYTES, 2: PART_BYTES - 1, 3: 7, 4: 7, 0: PART_BYTES}

    assert list(whole_parts(THREE, sizes)) == [1, 3]


@given(st.integers(0, MAX_FILE_BYTES))
def test_a_file_has_all_its_parts_when_each_has_its_size(size_bytes: int) -> None:
    some = file(size_bytes)
    numbers = {1, some.parts, (some.parts + 1) // 2}
    sizes = {number: part_bytes(some, number) for number in numbers}

    assert list(whole_parts(some, sizes)) == sorted(numbers)


@pytest.mark.parametrize(
    ("size_bytes", "sha256", "parts_sha256", "agrees"),
    [
        (5, DIGEST, None, True),
        (5, None, OTHER, True),
        (5, DIGEST, DIGEST, True),
        (4, DIGEST, None, False),
        (6, DIGEST, None, False),
        (0, DIGEST, None, False),
        (5, OTHER, None, False),
        (5, OTHER, OTHER, False),
        (5, None, DIGEST, False),
        (5, None, None, False),
    ],
)
def test_bytes_are_the_declared_ones_by_size_and_by_the_digest_that_is_known(
    size_bytes: int, sha256: str | None, parts_sha256: str | None, agrees: bool
) -> None:
    problem = disagreement(file(5, parts_sha256=OTHER), size_bytes, sha256, parts_sha256)

    assert (problem is None) == agrees


def test_unknown_parts_never_agree_with_a_file_that_declares_none() -> None:
    assert disagreement(file(5), 5, None, None) is not None
    assert disagreement(file(5), 5, None, DIGEST) is not None
