"""What of the object store's contract shows on the wire alone."""

import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from core.adapters.memory.blobs import MemoryBlobStore
from core.errors import Conflict, NotFound, Unavailable
from core.ports import BlobStore, Part
from tests import parts
from tests.contract.blobs import HttpClient, digest_of, s3_shop, s3_store

PART = Part(1, 1, "0" * 32, "0" * 64)
CALLS: dict[str, Callable[[BlobStore], object]] = {
    "ping": lambda blobs: blobs.ping(),
    "stat": lambda blobs: blobs.stat("k"),
    "start": lambda blobs: blobs.start("k"),
    "send_part": lambda blobs: blobs.send_part("k", "u", 1, b"x"),
    "entries": lambda blobs: blobs.entries("k/", after=None, limit=1),
    "parts": lambda blobs: blobs.parts("k", "u"),
    "finish": lambda blobs: blobs.finish("k", "u", [PART]),
    "abort": lambda blobs: blobs.abort("k", "u"),
    "copy": lambda blobs: blobs.copy("k", "l"),
    "sha256": lambda blobs: blobs.sha256("k"),
    "remove": lambda blobs: blobs.remove("k"),
}


@pytest.fixture
def closed_endpoint() -> Iterator[str]:
    """An address that is taken, and where nobody listens."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{taken.getsockname()[1]}"


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
def test_a_store_that_is_down_is_unavailable(
    call: Callable[[BlobStore], object], closed_endpoint: str
) -> None:
    server = parts.S3Server(closed_endpoint, "access", "hidden-secret")
    memory = MemoryBlobStore()
    memory.down = True

    for blobs in (s3_store(server, "bucket"), memory):
        with pytest.raises(Unavailable) as caught:
            call(blobs)
        assert caught.value.message.startswith("The object store does not answer")
        assert "hidden" not in caught.value.message
        assert "Signature" not in caught.value.message


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
def test_a_missing_bucket_is_unavailable_or_empty(
    call: Callable[[BlobStore], object], s3: parts.S3Server
) -> None:
    blobs = s3_store(s3, "no-such-bucket-anywhere")

    try:
        answer = call(blobs)
    except (Unavailable, NotFound, Conflict):
        return

    assert not answer


def test_wrong_credentials_are_unavailable_and_stay_secret(s3: parts.S3Server, bucket: str) -> None:
    blobs = s3_store(s3, bucket, secret_key="not-the-secret")

    for call in (CALLS["ping"], CALLS["stat"], CALLS["start"], CALLS["parts"]):
        with pytest.raises(Unavailable) as caught:
            call(blobs)
        assert "credentials" in caught.value.message
        assert "secret" not in caught.value.message
        assert "Signature=" not in caught.value.message


def test_a_range_is_answered_with_just_that_range(s3: parts.S3Server, bucket: str) -> None:
    shop = s3_shop(s3, bucket)
    shop.put("k", b"0123456789")
    signed = shop.blobs.sign_get("k", filename="k")

    answer = HttpClient().answer(signed, Range="bytes=2-4")

    assert (answer.status_code, answer.content) == (206, b"234")
    assert answer.headers["content-range"] == "bytes 2-4/10"


@pytest.mark.parametrize(
    ("filename", "disposition"),
    [
        ("model.pkl", 'attachment; filename="model.pkl"'),
        ('a"b\\c.bin', "attachment; filename=\"a_b_c.bin\"; filename*=UTF-8''a%22b%5Cc.bin"),
        ("ö ü.bin", "attachment; filename=\"_ _.bin\"; filename*=UTF-8''%C3%B6%20%C3%BC.bin"),
        (
            "a\r\nSet-Cookie: b",
            "attachment; filename=\"a__Set-Cookie: b\"; filename*=UTF-8''a%0D%0ASet-Cookie%3A%20b",
        ),
    ],
)
def test_a_download_is_an_attachment_that_no_browser_renders(
    s3: parts.S3Server, bucket: str, filename: str, disposition: str
) -> None:
    shop = s3_shop(s3, bucket)
    shop.put("k", b"<script>")

    answer = HttpClient().answer(shop.blobs.sign_get("k", filename=filename))

    assert answer.status_code == 200
    assert answer.headers["content-disposition"] == disposition
    assert answer.headers["content-type"].split(";")[0] == "application/octet-stream"
    assert "set-cookie" not in answer.headers


def test_the_content_type_cannot_be_changed(s3: parts.S3Server, bucket: str) -> None:
    shop = s3_shop(s3, bucket)
    shop.put("k", b"<script>")
    signed = shop.blobs.sign_get("k", filename="k")
    changed = signed.url.replace("application%2Foctet-stream", "text%2Fhtml")

    assert changed != signed.url
    assert HttpClient().answer(replace(signed, url=changed)).status_code == 403


def test_a_put_url_does_not_delete(s3: parts.S3Server, bucket: str) -> None:
    shop = s3_shop(s3, bucket)
    shop.put("k", b"x")
    signed = shop.blobs.sign_put("k", sha256=digest_of(b"x"))

    assert HttpClient().answer(replace(signed, method="DELETE")).status_code == 403
    assert shop.read("k") == b"x"


def test_clients_are_sent_to_the_public_endpoint(s3: parts.S3Server, bucket: str) -> None:
    shop = s3_shop(s3, bucket)
    shop.put("k", b"x")
    port = s3.endpoint.rpartition(":")[2]
    inside_out = s3_store(s3, bucket, public_endpoint=f"http://LOCALHOST:{port}/")

    signed = inside_out.sign_get("k", filename="k")

    assert signed.url.startswith(f"http://localhost:{port}/{bucket}/k?")
    assert HttpClient().answer(signed).content == b"x"
    assert inside_out.stat("k") is not None


def test_many_threads_share_one_store(s3: parts.S3Server, bucket: str) -> None:
    shop = s3_shop(s3, bucket)
    contents = {f"k{number}": f"content {number}".encode() for number in range(40)}
    for key, content in contents.items():
        shop.put(key, content)

    with ThreadPoolExecutor(20) as pool:
        digests = dict(zip(contents, pool.map(shop.blobs.sha256, contents), strict=True))
        sizes = dict(zip(contents, pool.map(shop.blobs.stat, contents), strict=True))

    assert digests == {key: digest_of(content) for key, content in contents.items()}
    assert all(blob is not None and blob.key == key for key, blob in sizes.items())


def test_no_sdk_is_imported_before_it_is_needed() -> None:
    check = (
        "import sys; import core.adapters.s3.blobs;"
        "print(sorted({'minio', 'urllib3', 'requests', 'boto3'} & set(sys.modules)))"
    )

    done = subprocess.run([sys.executable, "-c", check], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "[]"
