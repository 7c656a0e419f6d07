"""What uploads and downloads share: bounded parallel work, and how an object store refuses."""

import re
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from types import TracebackType
from typing import Any, Self

import urllib3

from modelry.errors import Damaged, ModelryError, Unavailable
from modelry.retries import RETRIED_STATUSES

WORKERS = 4
RENEWALS = 2
_EXPIRED_STATUSES = frozenset({401, 403, 404})
_PATIENT_STATUSES = RETRIED_STATUSES | {408, 425, 500}
_PATIENT_CODES = frozenset({"RequestTimeout", "SlowDown", "OperationAborted", "InternalError"})


class Stopped(Exception):
    """Raised in a transfer to end it, because another one failed or the user gave up."""


class Transfers:
    """Runs transfers in threads, few waiting at a time; the first failure stops them all."""

    def __init__(self, workers: int = WORKERS) -> None:
        self._pool = ThreadPoolExecutor(workers, "modelry-transfer")
        self._room = threading.Semaphore(2 * workers)
        self._stop = threading.Event()
        self._failure: BaseException | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if error is not None:
            self._stop.set()
        try:
            self._pool.shutdown(wait=True, cancel_futures=error is not None)
        except BaseException:
            self._stop.set()
            raise
        if self._failure is not None and (error is None or isinstance(error, Stopped)):
            raise self._failure

    def submit(self, work: Callable[..., None], *arguments: Any) -> None:
        """Run `work` when a thread is free; waits while many are waiting already.

        Raises the failure of an earlier transfer, if there is one.
        """
        self._room.acquire()
        self.check()
        self._pool.submit(work, *arguments).add_done_callback(self._done)

    def check(self) -> None:
        """Raise `Stopped` if there is no use in going on."""
        if self._stop.is_set():
            raise Stopped

    def _done(self, future: Future[None]) -> None:
        error = None if future.cancelled() else future.exception()
        if error is not None and not isinstance(error, Stopped):
            self._failure = self._failure or error
            self._stop.set()
        self._room.release()


def is_expired(response: urllib3.BaseHTTPResponse) -> bool:
    """Whether a fresh address may help: it ran out, or what it led to is gone."""
    return response.status in _EXPIRED_STATUSES


def is_patient(response: urllib3.BaseHTTPResponse) -> bool:
    """Whether the same request may succeed a little later."""
    return response.status in _PATIENT_STATUSES or store_code(response) in _PATIENT_CODES


def store_code(response: urllib3.BaseHTTPResponse) -> str:
    """The error code in an object store's XML answer, empty if there is none."""
    found = re.search(rb"<Code>([A-Za-z0-9]{1,64})</Code>", response.data[:4096])
    return found[1].decode() if found else ""


def store_error(what: str, response: urllib3.BaseHTTPResponse) -> ModelryError:
    """The error for an answer of the object store that no retry and no fresh address cured."""
    code = store_code(response)
    reason = f"HTTP status {response.status}" + (f", {code}" if code else "")
    message = f"The object store refused {what}: {reason}."
    if code in {"BadDigest", "InvalidDigest", "XAmzContentChecksumMismatch", "InvalidRequest"} or (
        "SHA256Mismatch" in code
    ):
        return Damaged(message)
    if is_patient(response):
        return Unavailable(message)
    return ModelryError(
        message,
        next_step="Check that this machine's clock is right and that nothing between here and the"
        " store changes requests; then try again.",
        status=response.status,
    )
