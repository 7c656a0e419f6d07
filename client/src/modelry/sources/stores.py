"""Object stores of others (S3, Google, Azure) through `obstore`, an extra that is loaded late.

Credentials are those of the caller's own environment and no others: without any, requests are
not signed, so that no metadata service of a machine is ever asked for its role.
"""

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import SplitResult, unquote, urlsplit

from modelry.errors import Forbidden, Invalid, NotFound, Unavailable
from modelry.network import is_loopback
from modelry.sources import SourceFile

BLOCK_BYTES = 4 << 20


class StoreSource:
    """See `modelry.sources.Source`."""

    def __init__(self, parts: SplitResult, environment: Mapping[str, str]) -> None:
        self._obstore = _library()
        self._store = _store(parts, environment)
        self._path = unquote(parts.path).strip("/")
        self._is_directory = not self._path or parts.path.endswith("/")

    def files(self) -> Iterator[SourceFile]:
        """The object of that key, else all whose keys begin with it and a slash."""
        try:
            if not self._is_directory and (one := self._single()) is not None:
                yield one
                return
            prefix = f"{self._path}/" if self._path else ""
            for batch in self._obstore.list(self._store, prefix=prefix or None):
                for found in batch:
                    path = found["path"].removeprefix(prefix)
                    if path and not (found["size"] == 0 and found["path"].endswith("/")):
                        yield SourceFile(path, found["path"], found["size"])
        except Exception as error:
            raise self._told(error) from error

    def read(self, file: SourceFile) -> Iterator[bytes]:
        """The bytes of an object, as they come."""
        try:
            for block in self._obstore.get(self._store, file.address).stream(BLOCK_BYTES):
                yield bytes(block)
        except Exception as error:
            raise self._told(error) from error

    def _single(self) -> SourceFile | None:
        try:
            found = self._obstore.head(self._store, self._path)
        except FileNotFoundError:
            return None
        return SourceFile(self._path.rpartition("/")[2], self._path, found["size"])

    def _told(self, error: Exception) -> Exception:
        from obstore.exceptions import PermissionDeniedError, UnauthenticatedError

        if isinstance(error, FileNotFoundError):
            return NotFound(f"The store has no {self._path!r}.", next_step="Check the URI.")
        if isinstance(error, PermissionDeniedError | UnauthenticatedError):
            return Forbidden(
                f"The store does not let you read {self._path!r}.",
                next_step="Set the store's credentials in the environment (AWS_ACCESS_KEY_ID …).",
            )
        reason = str(error).strip().partition("\n")[0][:200]
        return Unavailable(f"Reading from the store failed: {reason}.")


def _library() -> Any:
    try:
        import obstore
    except ImportError:
        raise Invalid(
            "Importing from object stores needs a library that is not installed.",
            next_step="pip install 'modelry[import]'",
        ) from None
    return obstore


def _store(parts: SplitResult, environment: Mapping[str, str]) -> Any:
    from obstore.store import AzureStore, GCSStore, S3Store

    options: Any = {"connect_timeout": "10s", "timeout": "300s"}
    if parts.scheme == "s3":
        endpoint = environment.get("AWS_ENDPOINT_URL_S3") or environment.get("AWS_ENDPOINT_URL")
        options["allow_http"] = _may_be_plain(endpoint, environment)
        signed = _given(
            access_key_id=environment.get("AWS_ACCESS_KEY_ID"),
            secret_access_key=environment.get("AWS_SECRET_ACCESS_KEY"),
            session_token=environment.get("AWS_SESSION_TOKEN"),
        )
        region = environment.get("AWS_REGION") or environment.get("AWS_DEFAULT_REGION")
        place = _given(endpoint=endpoint, region=region or "us-east-1")
        return S3Store(
            parts.netloc, client_options=options, **place, **(signed or {"skip_signature": True})
        )
    if parts.scheme == "gs":
        account = environment.get("GOOGLE_APPLICATION_CREDENTIALS")
        key = {"application_credentials": account} if account else {"skip_signature": True}
        return GCSStore(parts.netloc, client_options=options, **key)
    container, at, host = parts.netloc.partition("@")
    if not at:
        raise Invalid(
            f"{parts.geturl()!a} does not say which account it is in.",
            next_step="Write abfs://CONTAINER@ACCOUNT.dfs.core.windows.net/PATH",
        )
    account = host.partition(".")[0]
    signed = _given(
        account_key=environment.get("AZURE_STORAGE_ACCOUNT_KEY"),
        sas_key=environment.get("AZURE_STORAGE_SAS_TOKEN"),
    )
    return AzureStore(
        container,
        account_name=account,
        client_options=options,
        **(signed or {"skip_signature": True}),
    )


def _may_be_plain(endpoint: str | None, environment: Mapping[str, str]) -> bool:
    """Plain http is for loopback, or networks that are trusted by MODELRY_ALLOW_HTTP=true."""
    allowed = environment.get("MODELRY_ALLOW_HTTP", "").lower() == "true"
    return endpoint is not None and (allowed or is_loopback(urlsplit(endpoint).hostname or ""))


def _given(**values: str | None) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value}
