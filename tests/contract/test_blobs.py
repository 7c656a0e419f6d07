"""What every object store does, be it in memory or a server."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest

from core.errors import NotFound
from tests import parts
from tests.contract.blobs import (
    PART_BYTES,
    PARTS,
    Shop,
    digest_of,
    memory_shop,
    parts_digest_of,
    s3_shop,
)

KEYS = [
    "team/iris/1/model.pkl",
    "team/iris/1/weights of the 2nd layer.bin",
    "team/Modèle 😀/1/ö+ü~%2B&=?#.bin",
    "team/iris/1/it's (not) [odd]!*$,;:@.txt",
]


@pytest.fixture(params=["memory", "s3"])
def shop(request: pytest.FixtureRequest) -> Shop:
    if request.param == "memory":
        return memory_shop()
    return s3_shop(request.getfixturevalue("s3"), request.getfixturevalue("bucket"))


@pytest.mark.parametrize("key", KEYS)
def test_what_was_put_is_proved_and_read_back(shop: Shop, key: str) -> None:
    shop.put(key, b"hello")

    blob = shop.blobs.stat(key)

    assert blob is not None
    assert (blob.key, blob.size_bytes, blob.sha256) == (key, 5, digest_of(b"hello"))
    assert blob.parts_sha256 is None
    assert shop.read(key) == b"hello"
    assert shop.blobs.sha256(key) == digest_of(b"hello")


def test_an_empty_file_is_an_object_too(shop: Shop) -> None:
    shop.put("empty", b"")

    blob = shop.blobs.stat("empty")

    assert blob is not None
    assert (blob.size_bytes, blob.sha256) == (0, digest_of(b""))


def test_bytes_other_than_the_promised_ones_are_refused(shop: Shop) -> None:
    signed = shop.blobs.sign_put("k", sha256=digest_of(b"right"))

    assert shop.client.send(signed, b"wrong") == 400
    assert shop.blobs.stat("k") is None


def test_refused_bytes_leave_the_object_as_it_was(shop: Shop) -> None:
    shop.put("k", b"right")

    assert shop.client.send(shop.blobs.sign_put("k", sha256=digest_of(b"right")), b"bad") == 400
    assert shop.read("k") == b"right"


def test_the_promise_cannot_be_changed_with_the_bytes(shop: Shop) -> None:
    signed = shop.blobs.sign_put("k", sha256=digest_of(b"right"))
    other = shop.blobs.sign_put("k", sha256=digest_of(b"wrong"))

    status = shop.client.send(replace(signed, headers=other.headers), b"wrong")

    assert status == 403
    assert shop.blobs.stat("k") is None


def test_the_promise_cannot_be_left_out(shop: Shop) -> None:
    signed = shop.blobs.sign_put("k", sha256=digest_of(b"right"))

    assert shop.client.send(replace(signed, headers={}), b"right") >= 400
    assert shop.blobs.stat("k") is None


def test_a_url_is_good_for_no_other_key(shop: Shop) -> None:
    signed = shop.blobs.sign_put("mine", sha256=digest_of(b"x"))
    moved = replace(signed, url=signed.url.replace("/mine?", "/yours?"))

    assert shop.client.send(moved, b"x") == 403
    assert shop.blobs.stat("yours") is None


def test_a_url_is_good_for_no_other_method(shop: Shop) -> None:
    shop.put("k", b"x")
    put = shop.blobs.sign_put("k", sha256=digest_of(b"y"))
    get = shop.blobs.sign_get("k", filename="k")

    assert shop.client.fetch(replace(put, method="GET"))[0] == 403
    assert shop.client.send(replace(get, method="PUT"), b"y") == 403
    assert shop.read("k") == b"x"


def test_a_tampered_signature_is_refused(shop: Shop) -> None:
    signed = shop.blobs.sign_put("k", sha256=digest_of(b"x"))
    last = "0" if signed.url[-1] != "0" else "1"

    assert shop.client.send(replace(signed, url=signed.url[:-1] + last), b"x") == 403
    assert shop.blobs.stat("k") is None


def test_an_expired_url_is_refused(shop: Shop) -> None:
    shop.put("k", b"x")
    shop.clock.shift = timedelta(hours=-2)
    put = shop.blobs.sign_put("k", sha256=digest_of(b"y"))
    get = shop.blobs.sign_get("k", filename="k")
    shop.clock.shift = timedelta()

    assert put.expires_at < shop.clock.now()
    assert shop.client.send(put, b"y") == 403
    assert shop.client.fetch(get)[0] == 403
    assert shop.read("k") == b"x"


def test_what_is_not_there_is_none(shop: Shop) -> None:
    assert shop.blobs.stat("absent") is None
    assert shop.client.fetch(shop.blobs.sign_get("absent", filename="x"))[0] == 404
    with pytest.raises(NotFound):
        shop.blobs.sha256("absent")


def test_a_uri_names_a_key_of_this_bucket_alone(shop: Shop) -> None:
    uri = shop.blobs.uri("team/model/")

    assert shop.blobs.key_of(uri) == shop.blobs.key_of(uri.rstrip("/")) == "team/model"
    for elsewhere in (
        shop.blobs.uri(""),
        shop.blobs.uri("").rstrip("/"),
        f"{uri[:5]}other-{uri[5:]}",
        uri.replace("s3://", "gs://"),
        "s3://[/a",
        "",
    ):
        assert shop.blobs.key_of(elsewhere) is None


def test_removing_twice_is_as_good_as_once(shop: Shop) -> None:
    shop.put("k", b"x")

    shop.blobs.remove("k")
    shop.blobs.remove("k")

    assert shop.blobs.stat("k") is None


@pytest.mark.parametrize("key", KEYS)
def test_a_copy_has_the_same_bytes_and_proof(shop: Shop, key: str) -> None:
    shop.put(key, b"hello")

    assert shop.blobs.copy(key, f"copies/{key}")

    blob = shop.blobs.stat(f"copies/{key}")
    assert blob is not None
    assert (blob.size_bytes, blob.sha256) == (5, digest_of(b"hello"))
    assert shop.read(f"copies/{key}") == b"hello"


def test_a_copy_of_an_object_of_parts_proves_one_of_its_digests(shop: Shop) -> None:
    shop.finish("k", shop.put_parts("k", PARTS))

    assert shop.blobs.copy("k", "copy")

    blob = shop.blobs.stat("copy")
    assert blob is not None
    assert blob.size_bytes == 2 * PART_BYTES + 4
    assert digest_of(b"".join(PARTS)) == blob.sha256 or parts_digest_of(PARTS) == blob.parts_sha256
    assert shop.blobs.sha256("copy") == digest_of(b"".join(PARTS))


def test_a_copy_outlives_its_source(shop: Shop) -> None:
    shop.put("k", b"x")
    shop.blobs.copy("k", "copy")

    shop.blobs.remove("k")

    assert shop.read("copy") == b"x"


def test_nothing_is_copied_from_nowhere(shop: Shop) -> None:
    assert not shop.blobs.copy("absent", "copy")
    assert shop.blobs.stat("copy") is None


def test_a_store_that_is_there_answers(shop: Shop) -> None:
    shop.blobs.ping()


def test_what_the_registry_wrote_itself_is_read_back(shop: Shop) -> None:
    shop.blobs.put(".audit/000000000001.json", b"{}")
    shop.blobs.put(".audit/000000000001.json", b'{"a":1}')

    assert shop.blobs.get(".audit/000000000001.json") == b'{"a":1}'
    assert shop.blobs.get(".audit/2.json") is None


def test_a_bucket_without_locks_takes_it_without_a_lock(shop: Shop) -> None:
    until = shop.clock.now() + timedelta(days=1)

    shop.blobs.put(".audit/1.json", b"{}", retain_until=until)

    blob = shop.blobs.stat(".audit/1.json")
    assert blob is not None
    assert blob.retained_until is None


@pytest.fixture(params=["memory", "s3"])
def locking(request: pytest.FixtureRequest) -> Iterator[Shop]:
    if request.param == "memory":
        yield memory_shop(locks_objects=True)
        return
    server = request.getfixturevalue("s3")
    with parts.locking_bucket_of(server) as bucket:
        yield s3_shop(server, bucket)


def test_a_bucket_with_locks_keeps_what_is_to_be_kept(locking: Shop) -> None:
    until = (locking.clock.now() + timedelta(seconds=2)).replace(microsecond=0)

    locking.blobs.put(".audit/1.json", b"{}", retain_until=until)
    locking.blobs.put(".audit/2.json", b"{}")

    kept, free = locking.blobs.stat(".audit/1.json"), locking.blobs.stat(".audit/2.json")
    assert kept is not None
    assert free is not None
    assert (kept.retained_until, free.retained_until) == (until, None)
    assert locking.blobs.get(".audit/1.json") == b"{}"
