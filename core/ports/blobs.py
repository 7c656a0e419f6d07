"""Bytes in an S3-compatible store."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True)
class SignedRequest:
    """A request that the object store will honour without further credentials until it expires.

    The client must send `headers` exactly: they are part of what was signed.
    """

    method: str
    url: str
    headers: Mapping[str, str]
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Part:
    """One received part of an open multipart upload. `sha256` is hex, None if unknown."""

    number: int
    size_bytes: int
    etag: str
    sha256: str | None = None


@dataclass(frozen=True, slots=True)
class Blob:
    """What the store says of an object, None where it does not say.

    `sha256` is the hex digest of the whole, `parts_sha256` the one over its parts' digests
    (`FileDeclaration.parts_sha256`).
    """

    key: str
    size_bytes: int
    sha256: str | None
    parts_sha256: str | None
    retained_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """What lies right under a prefix: an object, or what several keys have in common up to the
    next slash, with which `name` then ends. `name` leaves the prefix out; `modified_at` is when the
    object was written, where the store was asked."""

    name: str
    size_bytes: int | None = None
    modified_at: datetime | None = field(default=None, compare=False)

    @property
    def is_folder(self) -> bool:
        """Whether it stands for several keys."""
        return self.name.endswith("/")


class BlobStore(Protocol):
    """An S3-compatible bucket. Keys are relative to it.

    Every method but the signing ones, which ask nobody, raises `Unavailable` while the store
    does not answer.
    """

    proves_sha256: bool
    """Whether the store verifies SHA-256 checksums on arrival. If not, every file is sent by
    multipart (whose URLs die with its completion) and read back once."""

    def uri(self, key: str) -> str:
        """How other clients of the store name an object, or with a slash at its end a prefix."""
        ...

    def key_of(self, uri: str) -> str | None:
        """The key that a URI of another client names in this bucket, without a slash at its end;
        None if it names another place, or the bucket as a whole. Of an `endpoint` in its query,
        as some clients write it, the host is compared."""
        ...

    def sign_get(self, key: str, *, filename: str) -> SignedRequest:
        """A GET (ranges allowed) that answers as an attachment named `filename`."""
        ...

    def sign_put(self, key: str, *, sha256: str | None) -> SignedRequest:
        """A PUT of the whole object, good only for bytes with this digest (hex) if given."""
        ...

    def sign_part(
        self, key: str, multipart_id: str, number: int, *, sha256: str | None
    ) -> SignedRequest:
        """A PUT of one part (from 1), good only for bytes with this digest (hex) if given."""
        ...

    def start(self, key: str, *, digested: bool = True) -> str:
        """Open a multipart upload and return its id. The digest of each of its parts is promised
        when the part is signed for, unless it is not `digested`: then none is."""
        ...

    def send_part(self, key: str, multipart_id: str, number: int, content: bytes) -> Part:
        """Send a part (from 1) of an upload that is not `digested`. Raise `Conflict` if the upload
        is gone."""
        ...

    def parts(self, key: str, multipart_id: str) -> Sequence[Part] | None:
        """The parts received so far, by number; None if there is no such upload any more."""
        ...

    def finish(self, key: str, multipart_id: str, parts: Sequence[Part]) -> None:
        """Make the object of its parts. Raise `Conflict` if the store refuses them or the upload
        is gone."""
        ...

    def abort(self, key: str, multipart_id: str) -> None:
        """Drop an open multipart upload; nothing happens if there is none."""
        ...

    def stat(self, key: str) -> Blob | None:
        """What the store has under the key; None if nothing."""
        ...

    def sha256(self, key: str) -> str:
        """Read the object once, in bounded memory, and return its hex digest. Raise `NotFound`
        if there is none."""
        ...

    def copy(self, source: str, key: str) -> bool:
        """Copy within the bucket, on the store's side, whatever the size; False if there is no
        such source."""
        ...

    def remove(self, key: str) -> None:
        """Delete the object; nothing happens if there is none."""
        ...

    def entries(
        self, prefix: str, *, after: str | None, limit: int, deep: bool = False
    ) -> Sequence[Entry]:
        """What lies under a prefix that ends in a slash, by name, after the entry of that name; in
        all its folders if `deep`, and then there are no folders."""
        ...

    def put(self, key: str, content: bytes, *, retain_until: datetime | None = None) -> None:
        """Write a small object that passes through the registry, in place of the one there is.

        Until then nobody can change or delete it, if the bucket locks objects; else the time is
        ignored.
        """
        ...

    def get(self, key: str) -> bytes | None:
        """Read a small object (up to 16 MiB); None if there is none."""
        ...

    def ping(self) -> None:
        """Return if the bucket answers; raise `Unavailable` if not."""
        ...
