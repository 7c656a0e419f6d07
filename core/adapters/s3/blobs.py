"""The `BlobStore` on a bucket of any S3-compatible store.

What an upload and its event need is a presigned request of our own, so that no SDK is imported on
their way and the checksums that prove the bytes are in every call; the rest is the minio SDK's.
"""

import base64
import hashlib
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import cached_property

from core.adapters.s3 import answers
from core.adapters.s3.connections import READ_SECONDS, Answer, Connections, base_url
from core.adapters.s3.sdk import SdkBucket
from core.adapters.s3.signatures import NO_PARAMETERS, Signer, attachment, encoded
from core.domain.uris import key_within
from core.errors import Conflict, Unavailable
from core.ports import Blob, Clock, Entry, Part, SignedRequest

OWN_TTL_SECONDS = 900
SLOW_SECONDS = 60.0
CHECKSUM = "x-amz-checksum-sha256"
LOCK = "x-amz-object-lock"
RETAINED = f"{LOCK}-retain-until-date"


class S3BlobStore:
    """See `core.ports.BlobStore`. Objects are addressed path-style: every store understands it.
    Requests for others are signed for `public_endpoint` if that is given: the host is signed as
    well. `outgoing`: headers that each request of ours has besides, unsigned.
    """

    def __init__(
        self,
        *,
        endpoint: str,
        region: str,
        bucket: str,
        access_key: str,
        secret_key: str,
        clock: Clock,
        public_endpoint: str = "",
        session_token: str = "",
        proves_sha256: bool = True,
        put_url_ttl_seconds: int = 3600,
        get_url_ttl_seconds: int = 900,
        outgoing: Callable[[], Mapping[str, str]] | None = None,
    ) -> None:
        self.proves_sha256 = proves_sha256
        self._own = base_url("MODELRY_S3_ENDPOINT", endpoint)
        self._public = base_url("MODELRY_S3_PUBLIC_ENDPOINT", public_endpoint or endpoint)
        self._bucket = bucket
        self._signer = Signer(
            access_key=access_key,
            secret_key=secret_key,
            region=region,
            session_token=session_token,
        )
        self._clock = clock
        self._put_url_ttl_seconds = put_url_ttl_seconds
        self._get_url_ttl_seconds = get_url_ttl_seconds
        self._connections = Connections(self._own, outgoing)
        self._sdk = SdkBucket(
            endpoint=self._own,
            region=region,
            bucket=bucket,
            access_key=access_key,
            secret_key=secret_key,
            session_token=session_token,
        )

    def uri(self, key: str) -> str:
        return f"s3://{self._bucket}/{key}"

    def key_of(self, uri: str) -> str | None:
        return key_within(uri, self._bucket, (self._own, self._public))

    def sign_get(self, key: str, *, filename: str) -> SignedRequest:
        """See `core.ports.BlobStore.sign_get`. The content type is fixed too, so that no browser
        ever renders what was uploaded."""
        query = {
            "response-content-disposition": attachment(filename),
            "response-content-type": "application/octet-stream",
        }
        return self._signed("GET", key, query, {}, self._get_url_ttl_seconds)

    def sign_put(self, key: str, *, sha256: str | None) -> SignedRequest:
        headers = {} if sha256 is None else {CHECKSUM: answers.sha256_base64(sha256)}
        return self._signed("PUT", key, {}, headers, self._put_url_ttl_seconds)

    def sign_part(
        self, key: str, multipart_id: str, number: int, *, sha256: str | None
    ) -> SignedRequest:
        query = {"partNumber": str(number), "uploadId": multipart_id}
        headers = {} if sha256 is None else {CHECKSUM: answers.sha256_base64(sha256)}
        return self._signed("PUT", key, query, headers, self._put_url_ttl_seconds)

    def start(self, key: str, *, digested: bool = True) -> str:
        proves = digested and self.proves_sha256
        algorithm = {"x-amz-checksum-algorithm": "SHA256"} if proves else {}
        headers = {"content-type": "application/octet-stream", **algorithm}
        answer = self._ask("POST", key, {"uploads": ""}, headers)
        self._accept(answer)
        return answers.text(answer, "UploadId")

    def send_part(self, key: str, multipart_id: str, number: int, content: bytes) -> Part:
        query = {"partNumber": str(number), "uploadId": multipart_id}
        answer = self._ask("PUT", key, query, body=content, read_seconds=SLOW_SECONDS)
        if answers.error_code(answer) == "NoSuchUpload":
            raise Conflict(f"The upload of {key!r} is over: it was completed or given up.")
        self._accept(answer)
        return Part(number, len(content), answer.headers["etag"].strip('"'))

    def parts(self, key: str, multipart_id: str) -> Sequence[Part] | None:
        received: list[Part] = []
        query = {"uploadId": multipart_id, "max-parts": "1000"}
        while True:
            answer = self._ask("GET", key, query)
            if answers.error_code(answer) == "NoSuchUpload":
                return None
            self._accept(answer)
            received += answers.listed_parts(answer)
            marker = answers.text(answer, "NextPartNumberMarker")
            if answers.text(answer, "IsTruncated") != "true" or not marker:
                return sorted(received, key=lambda part: part.number)
            query["part-number-marker"] = marker

    def finish(self, key: str, multipart_id: str, parts: Sequence[Part]) -> None:
        if not parts:  # some stores make an empty object of that
            raise Conflict(f"The upload of {key!r} has no parts yet.")
        body = answers.completion(parts)
        query = {"uploadId": multipart_id}
        headers = {"content-type": "application/xml"}
        answer = self._ask("POST", key, query, headers, body=body, read_seconds=SLOW_SECONDS)
        code = answers.error_code(answer)
        if code == "NoSuchUpload":
            raise Conflict(
                f"The upload of {key!r} is over: it was completed or given up.",
                next_step="Look whether the file has arrived; if not, start its upload again.",
            )
        if code is not None and answer.status != 403 and code not in answers.NOT_ABOUT_PARTS:
            raise Conflict(
                f"The object store does not make {key!r} of the {len(parts)} parts it was"
                f" named: {code}.",
                next_step="Send the parts that are missing or damaged again.",
            )
        self._accept(answer)

    def abort(self, key: str, multipart_id: str) -> None:
        answer = self._ask("DELETE", key, {"uploadId": multipart_id})
        self._accept(answer, but="NoSuchUpload")

    def stat(self, key: str) -> Blob | None:
        answer = self._ask("HEAD", key, headers={"x-amz-checksum-mode": "ENABLED"})
        if answer.status == 404:
            return None
        self._accept(answer)
        sha256, parts_sha256 = answers.both_digests(answer.headers.get(CHECKSUM))
        until = answers.time(answer.headers.get(RETAINED))
        return Blob(key, int(answer.headers["content-length"]), sha256, parts_sha256, until)

    def sha256(self, key: str) -> str:
        return self._sdk.sha256(key)

    def copy(self, source: str, key: str) -> bool:
        """See `core.ports.BlobStore.copy`. The copy of an object of parts may have a `sha256` in
        place of a `parts_sha256`, and one too large for a single request neither."""
        headers = {"x-amz-copy-source": f"/{self._bucket}/{encoded(source, keep='/')}"}
        if self.proves_sha256:
            headers["x-amz-checksum-algorithm"] = "SHA256"
        answer = self._ask("PUT", key, headers=headers, read_seconds=SLOW_SECONDS)
        code = answers.error_code(answer)
        if code in answers.TOO_LARGE_FOR_ONE_COPY:
            return self._sdk.copy(source, key)
        if code in {"NoSuchKey", "NoSuchObject"}:
            return False
        self._accept(answer)
        return True

    def remove(self, key: str) -> None:
        self._sdk.remove(key)

    def entries(
        self, prefix: str, *, after: str | None, limit: int, deep: bool = False
    ) -> Sequence[Entry]:
        query = {"list-type": "2", "prefix": prefix, "max-keys": str(min(limit, 1000))}
        if not deep:
            query["delimiter"] = "/"
        if after is not None:  # what no key begins with comes after all that a folder holds
            query["start-after"] = prefix + after + ("\U0010ffff" if after.endswith("/") else "")
        found: list[Entry] = []
        while True:
            answer = self._ask("GET", "", query)
            self._accept(answer)
            found += answers.listed_entries(answer, prefix)
            token = answers.text(answer, "NextContinuationToken")
            if len(found) >= limit or not token:
                return found[:limit]
            query["continuation-token"] = token

    def put(self, key: str, content: bytes, *, retain_until: datetime | None = None) -> None:
        """See `core.ports.BlobStore.put`. A lock is of the mode COMPLIANCE: nobody lifts it."""
        md5 = hashlib.md5(content, usedforsecurity=False)  # locking asks for it
        headers = {"content-md5": base64.b64encode(md5.digest()).decode()}
        if self.proves_sha256:
            headers[CHECKSUM] = base64.b64encode(hashlib.sha256(content).digest()).decode()
        if retain_until is not None and self._locks_objects:
            headers[f"{LOCK}-mode"] = "COMPLIANCE"
            headers[RETAINED] = f"{retain_until:%Y-%m-%dT%H:%M:%SZ}"
        self._accept(self._ask("PUT", key, headers=headers, body=content))

    def get(self, key: str) -> bytes | None:
        answer = self._ask("GET", key)
        if answers.error_code(answer) == "NoSuchKey":
            return None
        self._accept(answer)
        return answer.body

    @cached_property
    def _locks_objects(self) -> bool:
        answer = self._ask("GET", "", {"object-lock": ""})
        if answers.error_code(answer) in answers.NO_LOCK:
            return False
        self._accept(answer)
        return answers.text(answer, "ObjectLockEnabled") == "Enabled"

    def ping(self) -> None:
        answer = self._ask("HEAD", "")
        if answer.status == 404:
            raise Unavailable(f"The object store has no bucket {self._bucket!r}.")
        self._accept(answer)

    def _signed(
        self,
        method: str,
        key: str,
        query: Mapping[str, str],
        headers: Mapping[str, str],
        ttl_seconds: int,
    ) -> SignedRequest:
        now = self._clock.now()
        url = self._signer.presign(
            method,
            f"{self._public}{self._path(key)}",
            at=now,
            ttl_seconds=ttl_seconds,
            query=query,
            headers=headers,
        )
        expires_at = now.replace(microsecond=0) + timedelta(seconds=ttl_seconds)
        return SignedRequest(method, url, headers, expires_at)

    def _ask(
        self,
        method: str,
        key: str,
        query: Mapping[str, str] = NO_PARAMETERS,
        headers: Mapping[str, str] = NO_PARAMETERS,
        *,
        body: bytes | None = None,
        read_seconds: float = READ_SECONDS,
    ) -> Answer:
        target = self._own_target(method, key, query, headers)
        return self._connections.request(
            method, target, headers, body=body, read_seconds=read_seconds
        )

    def _own_target(
        self,
        method: str,
        key: str,
        query: Mapping[str, str] = NO_PARAMETERS,
        headers: Mapping[str, str] = NO_PARAMETERS,
    ) -> str:
        url = self._signer.presign(
            method,
            f"{self._own}{self._path(key)}",
            at=self._clock.now(),
            ttl_seconds=OWN_TTL_SECONDS,
            query=query,
            headers=headers,
        )
        return url.removeprefix(self._own)

    def _path(self, key: str) -> str:
        return f"/{self._bucket}/{encoded(key, keep='/')}" if key else f"/{self._bucket}"

    def _accept(self, answer: Answer, *, but: str = "") -> None:
        """Return if the store did what it was asked, or refused with the code `but`."""
        code = answers.error_code(answer)
        if code is None or code == but:
            return
        if code == "NoSuchBucket":
            raise Unavailable(f"The object store has no bucket {self._bucket!r}.")
        if code in answers.CLASHES:
            raise Conflict("This object store cannot keep a file and a folder of the same name.")
        if answer.status == 403:
            raise Unavailable(f"The object store refuses the registry's own credentials ({code}).")
        raise Unavailable(f"The object store refuses the registry's request ({code}).")
