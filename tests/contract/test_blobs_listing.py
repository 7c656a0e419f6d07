"""What every object store says of the objects under a prefix, be it in memory or a server."""

import pytest

from core.errors import Conflict
from core.ports import Entry
from tests.contract.blobs import PART_BYTES, Shop, digest_of, memory_shop, s3_shop

NAMES = ["a-", "a/b", "a/c/d", "a0", "b (1) +&=~%2F?.txt", "ö/x", "ö/😀", "😀"]


@pytest.fixture(params=["memory", "s3"])
def shop(request: pytest.FixtureRequest) -> Shop:
    if request.param == "memory":
        return memory_shop()
    return s3_shop(request.getfixturevalue("s3"), request.getfixturevalue("bucket"))


@pytest.fixture
def filled(shop: Shop) -> Shop:
    for name in NAMES:
        shop.blobs.put(f"p/{name}", name.encode())
    shop.blobs.put("q/a", b"")
    shop.blobs.put("pp", b"")
    return shop


def names(shop: Shop, prefix: str, after: str | None = None, limit: int = 100) -> list[str]:
    return [each.name for each in shop.blobs.entries(prefix, after=after, limit=limit)]


def test_a_folder_stands_for_all_that_it_holds(filled: Shop) -> None:
    assert names(filled, "p/") == ["a-", "a/", "a0", "b (1) +&=~%2F?.txt", "ö/", "😀"]
    assert names(filled, "p/a/") == ["b", "c/"]
    assert names(filled, "none/") == []


def test_an_object_has_its_size_and_a_folder_none(filled: Shop) -> None:
    found = filled.blobs.entries("p/", after=None, limit=2)

    assert list(found) == [Entry("a-", 2), Entry("a/")]
    assert [each.is_folder for each in found] == [False, True]


def test_what_comes_after_is_told_whatever_the_size_of_the_page(filled: Shop) -> None:
    everything = names(filled, "p/")

    for size in (1, 2, 3):
        found: list[str] = []
        while page := names(filled, "p/", found[-1] if found else None, size):
            found += page
        assert found == everything


def test_all_folders_are_gone_through_if_one_asks_for_it(filled: Shop) -> None:
    found = filled.blobs.entries("p/", after=None, limit=100, deep=True)
    rest = filled.blobs.entries("p/", after="a/c/d", limit=2, deep=True)

    assert [each.name for each in found] == NAMES
    assert [each.name for each in rest] == ["a0", "b (1) +&=~%2F?.txt"]


def test_an_object_may_be_sent_whole_without_a_digest(shop: Shop) -> None:
    assert shop.client.send(shop.blobs.sign_put("k", sha256=None), b"any") == 200
    assert shop.read("k") == b"any"


def test_what_the_registry_wrote_itself_is_proved(shop: Shop) -> None:
    shop.blobs.put("k", b"mine")

    blob = shop.blobs.stat("k")

    assert blob is not None
    assert blob.sha256 == digest_of(b"mine")


def test_parts_without_digests_make_an_object_whoever_sends_them(shop: Shop) -> None:
    multipart_id = shop.blobs.start("k", digested=False)
    first = shop.blobs.send_part("k", multipart_id, 1, b"a" * PART_BYTES)
    assert shop.client.send(shop.blobs.sign_part("k", multipart_id, 2, sha256=None), b"b") == 200
    second = (shop.blobs.parts("k", multipart_id) or ())[1]

    shop.blobs.finish("k", multipart_id, [first, second])

    assert (first.number, first.size_bytes, first.sha256) == (1, PART_BYTES, None)
    assert shop.read("k") == b"a" * PART_BYTES + b"b"
    assert shop.blobs.sha256("k") == digest_of(b"a" * PART_BYTES + b"b")


def test_a_part_of_an_upload_that_is_over_is_refused(shop: Shop) -> None:
    multipart_id = shop.blobs.start("k", digested=False)
    shop.blobs.abort("k", multipart_id)

    with pytest.raises(Conflict):
        shop.blobs.send_part("k", multipart_id, 1, b"x")
