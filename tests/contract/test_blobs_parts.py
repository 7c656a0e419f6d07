"""What every object store does with uploads in parts, be it in memory or a server."""

from contextlib import suppress
from dataclasses import replace

import pytest

from core.errors import Conflict
from core.ports import Part
from tests.contract.blobs import (
    PART_BYTES,
    PARTS,
    Shop,
    digest_of,
    memory_shop,
    parts_digest_of,
    s3_shop,
)


@pytest.fixture(params=["memory", "s3"])
def shop(request: pytest.FixtureRequest) -> Shop:
    if request.param == "memory":
        return memory_shop()
    return s3_shop(request.getfixturevalue("s3"), request.getfixturevalue("bucket"))


@pytest.fixture(params=["memory", "s3"])
def unproving(request: pytest.FixtureRequest) -> Shop:
    """A store that is not relied on to verify checksums."""
    if request.param == "memory":
        return memory_shop(proves_sha256=False)
    return s3_shop(
        request.getfixturevalue("s3"), request.getfixturevalue("bucket"), proves_sha256=False
    )


def test_an_object_of_parts_proves_the_digest_over_its_parts(shop: Shop) -> None:
    multipart_id = shop.put_parts("k", PARTS)

    shop.finish("k", multipart_id)

    blob = shop.blobs.stat("k")
    assert blob is not None
    assert blob.size_bytes == 2 * PART_BYTES + 4
    assert (blob.sha256, blob.parts_sha256) == (None, parts_digest_of(PARTS))
    assert shop.blobs.sha256("k") == digest_of(b"".join(PARTS))
    assert shop.blobs.parts("k", multipart_id) is None


def test_an_interrupted_upload_tells_which_parts_it_has(shop: Shop) -> None:
    multipart_id = shop.blobs.start("k")
    for number in (3, 1):
        shop.put_part("k", multipart_id, number, PARTS[number - 1])

    parts = shop.blobs.parts("k", multipart_id)

    assert parts is not None
    assert [(part.number, part.size_bytes, part.sha256) for part in parts] == [
        (number, len(PARTS[number - 1]), digest_of(PARTS[number - 1])) for number in (1, 3)
    ]


def test_a_new_upload_has_no_parts_and_no_object(shop: Shop) -> None:
    multipart_id = shop.blobs.start("k")

    assert shop.blobs.parts("k", multipart_id) == []
    assert shop.blobs.stat("k") is None


def test_a_part_may_be_sent_twice(shop: Shop) -> None:
    multipart_id = shop.put_parts("k", PARTS)

    assert shop.put_part("k", multipart_id, 2, PARTS[1]) == 200
    shop.finish("k", multipart_id)

    assert shop.blobs.sha256("k") == digest_of(b"".join(PARTS))


def test_a_part_sent_again_replaces_the_one_before(shop: Shop) -> None:
    multipart_id = shop.put_parts("k", [PARTS[0], b"first"])

    assert shop.put_part("k", multipart_id, 2, b"second") == 200
    shop.finish("k", multipart_id)

    assert shop.blobs.sha256("k") == digest_of(PARTS[0] + b"second")


def test_a_damaged_part_is_refused_by_the_store(shop: Shop) -> None:
    multipart_id = shop.blobs.start("k")
    signed = shop.blobs.sign_part("k", multipart_id, 1, sha256=digest_of(b"right"))

    assert shop.client.send(signed, b"wrong") == 400
    assert shop.blobs.parts("k", multipart_id) == []


def test_a_part_url_is_good_for_no_other_number(shop: Shop) -> None:
    multipart_id = shop.blobs.start("k")
    signed = shop.blobs.sign_part("k", multipart_id, 1, sha256=digest_of(b"x"))
    moved = replace(signed, url=signed.url.replace("partNumber=1", "partNumber=2"))

    assert shop.client.send(moved, b"x") == 403
    assert shop.blobs.parts("k", multipart_id) == []


def test_a_part_url_dies_with_the_completion_of_its_upload(shop: Shop) -> None:
    multipart_id = shop.put_parts("k", [b"all of it"])
    shop.finish("k", multipart_id)

    assert shop.put_part("k", multipart_id, 1, b"something else") == 404
    assert shop.blobs.sha256("k") == digest_of(b"all of it")


def test_an_upload_is_not_finished_with_a_part_that_never_came(shop: Shop) -> None:
    multipart_id = shop.put_parts("k", [PARTS[0]])
    received = shop.blobs.parts("k", multipart_id) or ()
    absent = Part(2, 4, "0" * 32, digest_of(b"tail"))

    with pytest.raises(Conflict):
        shop.blobs.finish("k", multipart_id, [*received, absent])

    assert shop.blobs.stat("k") is None
    assert shop.blobs.parts("k", multipart_id) == received


def test_an_upload_is_not_finished_with_a_part_of_other_bytes(shop: Shop) -> None:
    multipart_id = shop.put_parts("k", [b"mine"])
    other = shop.put_parts("other", [b"yours"])
    foreign = shop.blobs.parts("other", other) or ()

    with pytest.raises(Conflict):
        shop.blobs.finish("k", multipart_id, foreign)

    assert shop.blobs.stat("k") is None


def test_an_upload_is_not_finished_with_nothing(shop: Shop) -> None:
    multipart_id = shop.blobs.start("k")

    with pytest.raises(Conflict):
        shop.blobs.finish("k", multipart_id, ())

    assert shop.blobs.stat("k") is None


def test_an_upload_that_is_over_makes_no_object_again(shop: Shop) -> None:
    multipart_id = shop.put_parts("k", [b"x"])
    received = shop.blobs.parts("k", multipart_id) or ()
    shop.blobs.finish("k", multipart_id, received)
    shop.blobs.remove("k")

    with suppress(Conflict):  # AWS says yes to a repeated completion, and does nothing
        shop.blobs.finish("k", multipart_id, received)

    assert shop.blobs.stat("k") is None


def test_an_aborted_upload_is_not_finished(shop: Shop) -> None:
    multipart_id = shop.put_parts("k", [b"x"])
    received = shop.blobs.parts("k", multipart_id) or ()
    shop.blobs.abort("k", multipart_id)

    with pytest.raises(Conflict):
        shop.blobs.finish("k", multipart_id, received)

    assert shop.blobs.stat("k") is None


def test_an_aborted_upload_is_gone_with_its_parts(shop: Shop) -> None:
    multipart_id = shop.put_parts("k", [b"x"])

    shop.blobs.abort("k", multipart_id)
    shop.blobs.abort("k", multipart_id)

    assert shop.blobs.parts("k", multipart_id) is None
    assert shop.put_part("k", multipart_id, 1, b"x") == 404
    assert shop.blobs.stat("k") is None


def test_aborting_after_completion_leaves_the_object(shop: Shop) -> None:
    multipart_id = shop.put_parts("k", [b"x"])
    shop.finish("k", multipart_id)

    shop.blobs.abort("k", multipart_id)

    assert shop.read("k") == b"x"


def test_a_store_that_proves_nothing_is_read_back(unproving: Shop) -> None:
    unproving.finish("k", unproving.put_parts("k", PARTS))

    blob = unproving.blobs.stat("k")

    assert blob is not None
    assert (blob.size_bytes, blob.sha256) == (2 * PART_BYTES + 4, None)
    assert blob.parts_sha256 is None
    assert unproving.blobs.sha256("k") == digest_of(b"".join(PARTS))
