"""What the minio SDK does for us: copies of any size, removals, and reading back.

It costs 100 ms to import, so it is loaded by the first such call; uploads and their events make
none. Its multipart calls cannot carry checksums, so those are ours.
"""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from core.errors import NotFound, Unavailable

if TYPE_CHECKING:
    from minio import Minio

CONNECT_SECONDS = 3.0
READ_SECONDS = 60.0
CHUNK_BYTES = 1 << 20


class SdkBucket:
    """One bucket through the SDK; all methods raise `Unavailable` if the store does not answer."""

    def __init__(
        self,
        *,
        endpoint: str,
        region: str,
        bucket: str,
        access_key: str,
        secret_key: str,
        session_token: str,
    ) -> None:
        self._endpoint = urlsplit(endpoint)
        self._region = region
        self._bucket = bucket
        self._access_key = access_key
        self._secret_key = secret_key
        self._session_token = session_token

    def copy(self, source: str, key: str) -> bool:
        """Copy within the bucket, in parts if it must be; False if there is no such source."""
        with _translated():
            from minio.commonconfig import ComposeSource
            from minio.error import S3Error

            try:
                self._client.compose_object(
                    self._bucket, key, [ComposeSource(self._bucket, source)]
                )
            except S3Error as error:
                if error.code in {"NoSuchKey", "NoSuchObject"}:
                    return False
                raise
        return True

    def remove(self, key: str) -> None:
        """Delete the object; nothing happens if there is none."""
        with _translated():
            self._client.remove_object(self._bucket, key)

    def sha256(self, key: str) -> str:
        """Read the object once, in bounded memory: its hex digest. Raises `NotFound`."""
        whole = hashlib.sha256()
        with _translated(key):
            response = self._client.get_object(self._bucket, key)
            try:
                for chunk in response.stream(CHUNK_BYTES):
                    whole.update(chunk)
            finally:
                response.close()
                response.release_conn()
        return whole.hexdigest()

    @cached_property
    def _client(self) -> "Minio":
        import urllib3
        from minio import Minio

        return Minio(
            self._endpoint.netloc,
            access_key=self._access_key,
            secret_key=self._secret_key,
            session_token=self._session_token or None,
            secure=self._endpoint.scheme == "https",
            region=self._region,
            http_client=urllib3.PoolManager(
                timeout=urllib3.Timeout(connect=CONNECT_SECONDS, read=READ_SECONDS),
                maxsize=16,
                retries=urllib3.Retry(
                    total=2, backoff_factor=0.2, status_forcelist=[429, 500, 502, 503, 504]
                ),
            ),
        )


@contextmanager
def _translated(key: str = "") -> Iterator[None]:
    from minio.error import InvalidResponseError, MinioException, S3Error
    from urllib3.exceptions import HTTPError

    try:
        yield
    except S3Error as error:
        if key and error.code in {"NoSuchKey", "NoSuchObject"}:
            raise NotFound(f"The object store has nothing under {key!r}.") from error
        raise Unavailable(f"The object store refuses the registry's request ({error.code}).") from (
            error
        )
    except (InvalidResponseError, MinioException, HTTPError, OSError) as error:
        raise Unavailable("The object store does not answer.") from error
