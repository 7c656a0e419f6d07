"""What the contract of `BlobStore` is tried on: each adapter with the client that goes with it."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Protocol

import httpx2

from core.adapters.memory.blobs import MemoryBlobStore, Refused
from core.adapters.s3.blobs import S3BlobStore
from core.ports import BlobStore, SignedRequest
from tests import parts

PART_BYTES = 5 << 20
"""The least that real stores take for any part but the last."""
PARTS = [b"a" * PART_BYTES, b"b" * PART_BYTES, b"tail"]


def digest_of(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def parts_digest_of(contents: Sequence[bytes]) -> str:
    return digest_of(b"".join(hashlib.sha256(content).digest() for content in contents))


@dataclass
class ShiftedClock:
    """The real time, which real stores go by, moved by `shift`."""

    shift: timedelta = field(default_factory=timedelta)

    def now(self) -> datetime:
        return datetime.now(UTC) + self.shift


class Client(Protocol):
    """Somebody who has nothing but signed requests."""

    def send(self, signed: SignedRequest, body: bytes) -> int:
        """The status of the answer."""
        ...

    def fetch(self, signed: SignedRequest) -> tuple[int, bytes]: ...


class HttpClient:
    def send(self, signed: SignedRequest, body: bytes) -> int:
        return self.answer(signed, body).status_code

    def fetch(self, signed: SignedRequest) -> tuple[int, bytes]:
        answer = self.answer(signed)
        return answer.status_code, answer.content

    def answer(
        self, signed: SignedRequest, body: bytes | None = None, **headers: str
    ) -> httpx2.Response:
        return httpx2.request(
            signed.method,
            signed.url,
            content=body,
            headers={**signed.headers, **headers},
            timeout=30,
            trust_env=False,
        )


@dataclass
class MemoryClient:
    blobs: MemoryBlobStore

    def send(self, signed: SignedRequest, body: bytes) -> int:
        try:
            self.blobs.send(signed, body)
        except Refused as refused:
            return refused.status
        return 200

    def fetch(self, signed: SignedRequest) -> tuple[int, bytes]:
        try:
            return 200, self.blobs.fetch(signed)
        except Refused as refused:
            return refused.status, b""


@dataclass
class Shop:
    """A store, its client, and shorthand for what most tests begin with."""

    blobs: BlobStore
    client: Client
    clock: ShiftedClock

    def put(self, key: str, content: bytes) -> None:
        signed = self.blobs.sign_put(key, sha256=digest_of(content))
        assert self.client.send(signed, content) == 200

    def put_part(self, key: str, multipart_id: str, number: int, content: bytes) -> int:
        sha256 = digest_of(content) if self.blobs.proves_sha256 else None
        signed = self.blobs.sign_part(key, multipart_id, number, sha256=sha256)
        return self.client.send(signed, content)

    def put_parts(self, key: str, contents: Sequence[bytes]) -> str:
        """Send all parts and leave the upload open."""
        multipart_id = self.blobs.start(key)
        for number, content in enumerate(contents, 1):
            assert self.put_part(key, multipart_id, number, content) == 200
        return multipart_id

    def finish(self, key: str, multipart_id: str) -> None:
        self.blobs.finish(key, multipart_id, self.blobs.parts(key, multipart_id) or ())

    def read(self, key: str) -> bytes | None:
        status, content = self.client.fetch(self.blobs.sign_get(key, filename="x"))
        return content if status == 200 else None


def memory_shop(*, proves_sha256: bool = True, locks_objects: bool = False) -> Shop:
    clock = ShiftedClock()
    blobs = MemoryBlobStore(clock=clock, proves_sha256=proves_sha256, locks_objects=locks_objects)
    return Shop(blobs, MemoryClient(blobs), clock)


def s3_store(
    server: parts.S3Server,
    bucket: str,
    *,
    public_endpoint: str = "",
    secret_key: str | None = None,
    clock: ShiftedClock | None = None,
    proves_sha256: bool = True,
) -> S3BlobStore:
    return S3BlobStore(
        endpoint=server.endpoint,
        public_endpoint=public_endpoint,
        region="us-east-1",
        bucket=bucket,
        access_key=server.access_key,
        secret_key=secret_key or server.secret_key,
        clock=clock or ShiftedClock(),
        proves_sha256=proves_sha256,
    )


def s3_shop(server: parts.S3Server, bucket: str, *, proves_sha256: bool = True) -> Shop:
    clock = ShiftedClock()
    blobs = s3_store(server, bucket, clock=clock, proves_sha256=proves_sha256)
    return Shop(blobs, HttpClient(), clock)
