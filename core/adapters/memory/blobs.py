"""An object store in memory, as strict with what clients send as the real ones are."""

import base64
import hashlib
import hmac
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from threading import RLock
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit

from core.adapters.memory.clock import MemoryClock
from core.domain.uris import key_within
from core.errors import Conflict, NotFound, Unavailable
from core.ports import Blob, Clock, Entry, Part, SignedRequest

CHECKSUM = "x-amz-checksum-sha256"


class Refused(Exception):
    """What a client is told whose request the store does not honour, with HTTP's status."""

    def __init__(self, status: int, code: str) -> None:
        super().__init__(f"{status} {code}")
        self.status = status
        self.code = code


@dataclass(frozen=True, slots=True)
class _Object:
    content: bytes
    sha256: str | None
    parts_sha256: str | None = None
    retained_until: datetime | None = None
    modified_at: datetime | None = None


@dataclass(slots=True)
class _Upload:
    key: str
    digested: bool
    parts: dict[int, bytes] = field(default_factory=dict)


class MemoryBlobStore:
    """See `core.ports.BlobStore`. Tests act as the client by `send` and `fetch`.

    Signed URLs are `memory:///KEY?…`; they expire by `clock`. While `down` is true everything
    but signing raises `Unavailable`.
    """

    def __init__(
        self,
        *,
        clock: Clock | None = None,
        proves_sha256: bool = True,
        locks_objects: bool = False,
        put_url_ttl_seconds: int = 3600,
        get_url_ttl_seconds: int = 900,
    ) -> None:
        self.proves_sha256 = proves_sha256
        self.locks_objects = locks_objects
        self.down = False
        self._clock = clock or MemoryClock()
        self._put_url_ttl_seconds = put_url_ttl_seconds
        self._get_url_ttl_seconds = get_url_ttl_seconds
        self._secret = secrets.token_bytes(32)
        self._lock = RLock()
        self._objects: dict[str, _Object] = {}
        self._uploads: dict[str, _Upload] = {}

    def uri(self, key: str) -> str:
        return f"s3://memory/{key}"

    def key_of(self, uri: str) -> str | None:
        return key_within(uri, "memory", ())

    def sign_get(self, key: str, *, filename: str) -> SignedRequest:
        return self._signed("GET", key, {"filename": filename}, {}, self._get_url_ttl_seconds)

    def sign_put(self, key: str, *, sha256: str | None) -> SignedRequest:
        headers = {} if sha256 is None else _checksum(sha256)
        return self._signed("PUT", key, {}, headers, self._put_url_ttl_seconds)

    def sign_part(
        self, key: str, multipart_id: str, number: int, *, sha256: str | None
    ) -> SignedRequest:
        query = {"partNumber": str(number), "uploadId": multipart_id}
        headers = {} if sha256 is None else _checksum(sha256)
        return self._signed("PUT", key, query, headers, self._put_url_ttl_seconds)

    def start(self, key: str, *, digested: bool = True) -> str:
        with self._up():
            multipart_id = secrets.token_hex(16)
            self._uploads[multipart_id] = _Upload(key, digested and self.proves_sha256)
            return multipart_id

    def send_part(self, key: str, multipart_id: str, number: int, content: bytes) -> Part:
        with self._up():
            upload = self._upload(key, multipart_id)
            if upload is None:
                raise Conflict(f"The upload of {key!r} is over: it was completed or given up.")
            upload.parts[number] = content
            return self._part(upload, number)

    def parts(self, key: str, multipart_id: str) -> Sequence[Part] | None:
        with self._up():
            upload = self._upload(key, multipart_id)
            if upload is None:
                return None
            return [self._part(upload, number) for number in sorted(upload.parts)]

    def finish(self, key: str, multipart_id: str, parts: Sequence[Part]) -> None:
        with self._up():
            upload = self._upload(key, multipart_id)
            if upload is None:
                raise Conflict(f"The upload of {key!r} is over: it was completed or given up.")
            numbers = [part.number for part in parts]
            held = {part.number: part for part in self.parts(key, multipart_id) or ()}
            if not parts or numbers != sorted(set(numbers)):
                raise Conflict(f"The parts of {key!r} are named out of order, or none is.")
            for part in parts:
                found = held.get(part.number)
                if found is None or (found.etag, found.sha256) != (part.etag, part.sha256):
                    raise Conflict(f"Part {part.number} of {key!r} is not what the store has.")
            contents = [upload.parts[number] for number in numbers]
            digests = b"".join(hashlib.sha256(content).digest() for content in contents)
            composite = hashlib.sha256(digests).hexdigest() if upload.digested else None
            self._objects[key] = self._made(b"".join(contents), None, composite)
            del self._uploads[multipart_id]

    def abort(self, key: str, multipart_id: str) -> None:
        with self._up():
            if self._upload(key, multipart_id) is not None:
                del self._uploads[multipart_id]

    def stat(self, key: str) -> Blob | None:
        with self._up():
            held = self._objects.get(key)
            if held is None:
                return None
            size = len(held.content)
            return Blob(key, size, held.sha256, held.parts_sha256, held.retained_until)

    def sha256(self, key: str) -> str:
        with self._up():
            if key not in self._objects:
                raise NotFound(f"The object store has nothing under {key!r}.")
            return hashlib.sha256(self._objects[key].content).hexdigest()

    def copy(self, source: str, key: str) -> bool:
        with self._up():
            if source not in self._objects:
                return False
            content = self._objects[source].content
            self._objects[key] = self._made(content, self._proof(content))
            return True

    def remove(self, key: str) -> None:
        with self._up():
            self._objects.pop(key, None)

    def _made(
        self,
        content: bytes,
        sha256: str | None,
        parts_sha256: str | None = None,
        retained_until: datetime | None = None,
    ) -> _Object:
        return _Object(content, sha256, parts_sha256, retained_until, self._clock.now())

    def entries(
        self, prefix: str, *, after: str | None, limit: int, deep: bool = False
    ) -> Sequence[Entry]:
        with self._up():
            found: dict[str, Entry] = {}
            for key in sorted(self._objects):
                name = key.removeprefix(prefix)
                if name == key or not name:
                    continue
                folder, slash, _ = name.partition("/")
                found_here = self._objects[key]
                entry = Entry(name, len(found_here.content), found_here.modified_at)
                if slash and not deep:
                    entry = Entry(folder + slash)
                found.setdefault(entry.name, entry)
            names = sorted(name for name in found if after is None or name > after)
            return [found[name] for name in names[:limit]]

    def put(self, key: str, content: bytes, *, retain_until: datetime | None = None) -> None:
        with self._up():
            until = retain_until if self.locks_objects else None
            self._objects[key] = self._made(content, self._proof(content), None, until)

    def get(self, key: str) -> bytes | None:
        with self._up():
            return self._objects[key].content if key in self._objects else None

    def ping(self) -> None:
        self._up()

    def send(self, signed: SignedRequest, body: bytes) -> None:
        """PUT `body` as a client would. Raises `Refused` as the store would."""
        with self._up():
            key, query = self._opened("PUT", signed)
            promised = signed.headers.get(CHECKSUM)
            if promised not in {None, _checksum(hashlib.sha256(body).hexdigest())[CHECKSUM]}:
                raise Refused(400, "BadDigest")
            if "uploadId" not in query:
                self._objects[key] = self._made(body, self._proof(body))
                return
            upload = self._upload(key, query["uploadId"])
            if upload is None:
                raise Refused(404, "NoSuchUpload")
            upload.parts[int(query["partNumber"])] = body

    def fetch(self, signed: SignedRequest) -> bytes:
        """GET as a client would. Raises `Refused` as the store would."""
        with self._up():
            key, _ = self._opened("GET", signed)
            if key not in self._objects:
                raise Refused(404, "NoSuchKey")
            return self._objects[key].content

    def _up(self) -> RLock:
        if self.down:
            raise Unavailable("The object store does not answer.")
        return self._lock

    def _upload(self, key: str, multipart_id: str) -> _Upload | None:
        upload = self._uploads.get(multipart_id)
        return upload if upload is not None and upload.key == key else None

    def _part(self, upload: _Upload, number: int) -> Part:
        content = upload.parts[number]
        etag = hashlib.md5(content, usedforsecurity=False).hexdigest()
        return Part(number, len(content), etag, self._proof(content) if upload.digested else None)

    def _proof(self, content: bytes) -> str | None:
        return hashlib.sha256(content).hexdigest() if self.proves_sha256 else None

    def _signed(
        self,
        method: str,
        key: str,
        query: Mapping[str, str],
        headers: Mapping[str, str],
        ttl_seconds: int,
    ) -> SignedRequest:
        expires_at = self._clock.now() + timedelta(seconds=ttl_seconds)
        url = f"memory:///{quote(key)}?{urlencode({**query, 'expires': expires_at.isoformat()})}"
        url += f"&signature={self._signature(method, url, headers)}"
        return SignedRequest(method, url, headers, expires_at)

    def _signature(self, method: str, url: str, headers: Mapping[str, str]) -> str:
        text = f"{method}\n{url}\n{sorted(headers.items())}"
        return hmac.new(self._secret, text.encode(), "sha256").hexdigest()

    def _opened(self, method: str, signed: SignedRequest) -> tuple[str, Mapping[str, str]]:
        """The key and the query of a request whose signature is good."""
        unsigned, _, signature = signed.url.rpartition("&signature=")
        if signed.method != method or not hmac.compare_digest(
            signature.encode(), self._signature(method, unsigned, signed.headers).encode()
        ):
            raise Refused(403, "SignatureDoesNotMatch")
        parts = urlsplit(unsigned)
        query = dict(parse_qsl(parts.query))
        if datetime.fromisoformat(query["expires"]) <= self._clock.now():
            raise Refused(403, "AccessDenied")
        return unquote(parts.path[1:]), query


def _checksum(digest: str) -> Mapping[str, str]:
    return {CHECKSUM: base64.b64encode(bytes.fromhex(digest)).decode()}
