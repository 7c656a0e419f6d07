"""Fetching the files of a ready version: in parallel ranges, checked, resumable, all or nothing."""

import errno
import hashlib
import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from queue import Queue
from typing import BinaryIO
from urllib.parse import quote, urlsplit

import urllib3
from urllib3.exceptions import HTTPError, ProtocolError

from modelry.errors import Conflict, Damaged, ModelryError, Unavailable
from modelry.network import is_loopback
from modelry.progress import Meter
from modelry.ranges import Chunk, Target
from modelry.records import RemoteFile
from modelry.staging import Staging
from modelry.transfers import (
    RENEWALS,
    WORKERS,
    Transfers,
    is_expired,
    is_patient,
    store_error,
)
from modelry.transport import Transport, reason_of

CHUNK_BYTES = 32 << 20
BLOCK_BYTES = 1 << 20
_PAGE_SIZE = 200
_HASHERS = 2
_WAITING_BLOCKS = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Download:
    """The pull of one ready version into a staging directory; `path` is its API address, `query`
    goes along with what is asked of it.

    Unless `streams_local_files`, a store on this machine is asked for ranges like any other.
    """

    transport: Transport
    path: str
    manifest: Sequence[RemoteFile]
    staging: Staging
    meter: Meter
    workers: int = WORKERS
    streams_local_files: bool = True
    query: Mapping[str, object] = field(default_factory=dict)

    def run(self) -> None:
        """Fetch every file and check its SHA-256; one that is wrong is fetched once more.

        Raises `Damaged` if it is wrong again, and whatever a transfer raises after its retries.
        """
        self.meter.begin("receiving", sum(file.size_bytes for file in self.manifest))
        wrong = self.fetch(self._addressed())
        if wrong:
            again = [(file, self._fresh_url(file)) for file in wrong]
            wrong = self.fetch(again)
        if wrong:
            raise Damaged(
                f"{len(wrong)} files are not what the registry says they are, twice over.",
                problems=[(file.path, "has another SHA-256 digest") for file in wrong[:20]],
                next_step="Tell whoever runs the registry; nothing was written to the destination.",
            )
        self.meter.finish()

    def fetch(self, addressed: Iterable[tuple[RemoteFile, str]]) -> list[RemoteFile]:
        """Fetch the files and return those whose digest is wrong, which are forgotten."""
        checks: list[tuple[RemoteFile, Future[str]]] = []
        with (
            ThreadPoolExecutor(_HASHERS, "modelry-check") as hashers,
            Transfers(self.workers) as transfers,
        ):
            for file, url in addressed:
                there = set(self.staging.written(file.path))
                target = Target(file, url, there, CHUNK_BYTES)
                self.staging.open_file(file.path, file.size_bytes).close()
                chunks = list(target.chunks())
                check: Future[str] = Future()
                if len(chunks) == 1 and not target.there:
                    transfers.submit(self._whole, transfers, target, check)
                elif len(chunks) > 1 and not target.there and self._is_served_in_one(url):
                    transfers.submit(self._streamed, transfers, target, check)
                else:
                    check = hashers.submit(self._follow, transfers, target)
                    self.meter.skip(target.there_bytes())
                    for run in target.runs(together=self._is_served_in_one(url)):
                        transfers.submit(self._run, transfers, target, run)
                checks.append((file, check))
        wrong = [file for file, check in checks if check.result() != file.sha256]
        for file in wrong:
            self.staging.forget(file.path)
            self.meter.skip(-file.size_bytes)
        return wrong

    def _is_served_in_one(self, url: str) -> bool:
        """Whether neighbouring ranges shall come in one stream. Several fill a network; from a
        store on this machine they gain nothing, and the embedded one reads the whole object for
        each of them."""
        return self.streams_local_files and is_loopback(urlsplit(url).hostname or "")

    def _addressed(self) -> Iterator[tuple[RemoteFile, str]]:
        """Every file of the manifest with its address, asked for page by page."""
        left = {file.path: file for file in self.manifest}
        for item in self.transport.items(
            f"{self.path}/downloads", page_size=_PAGE_SIZE, **self.query
        ):
            file = left.pop(item["path"], None)
            if file is not None:
                yield file, item["url"]
        if left:
            raise Conflict(
                f"The registry gives no address for {next(iter(left))!r}.",
                next_step="Pull again; the version may have been changing state.",
            )

    def _fresh_url(self, file: RemoteFile) -> str:
        answer = self.transport.get(f"{self.path}/files/{quote(file.path)}", **self.query)
        return answer.headers["Location"]

    def _whole(self, transfers: Transfers, target: Target, check: Future[str]) -> None:
        """A file of one range: hashed on its way to the disk."""
        hashed = hashlib.sha256()
        self._receive(transfers, target, 0, target.file.size_bytes, hashed.update)
        self.staging.note_written(target.file.path, 0)
        check.set_result(hashed.hexdigest())

    def _streamed(self, transfers: Transfers, target: Target, check: Future[str]) -> None:
        """A large file in one stream: each block is hashed while the next one arrives."""
        blocks: Queue[bytes | None] = Queue(_WAITING_BLOCKS)
        with ThreadPoolExecutor(1, "modelry-hash") as hasher:
            digest = hasher.submit(_digest_of, blocks)
            try:
                self._run(transfers, target, list(target.chunks()), blocks.put)
            finally:
                blocks.put(None)
            check.set_result(digest.result())

    def _run(
        self,
        transfers: Transfers,
        target: Target,
        run: Sequence[Chunk],
        on_block: Callable[[bytes], object] = len,
    ) -> None:
        """Fetch neighbouring ranges, noting each as soon as it is on the disk."""
        left = deque(run)
        position = run[0].offset

        def note(block: bytes) -> None:
            nonlocal position
            on_block(block)
            position += len(block)
            while left and left[0].end <= position:
                number = left.popleft().number
                self.staging.note_written(target.file.path, number)
                target.arrive(number)

        self._receive(transfers, target, position, run[-1].end - position, note)

    def _follow(self, transfers: Transfers, target: Target) -> str:
        """Hash a file of several ranges from the disk, right behind those that arrive."""
        hashed = hashlib.sha256()
        view = memoryview(bytearray(BLOCK_BYTES))
        with self.staging.open_file(target.file.path, target.file.size_bytes) as file:
            for number, _, size_bytes in target.chunks():
                target.wait_for(number, transfers.check)
                while size_bytes:
                    count = file.readinto(view[:size_bytes])  # type: ignore[attr-defined]  # typeshed: BinaryIO has none
                    hashed.update(view[:count])
                    size_bytes -= count
        return hashed.hexdigest()

    def _receive(
        self,
        transfers: Transfers,
        target: Target,
        offset: int,
        size_bytes: int,
        on_block: Callable[[bytes], None],
    ) -> None:
        """Write one range of a file, going on where a connection broke."""
        attempt = renewals = 0
        end = offset + size_bytes
        with self.staging.open_file(target.file.path, target.file.size_bytes) as output:
            output.seek(offset)
            while offset < end:
                attempt += 1
                transfers.check()
                try:
                    answer = self._request(target, offset, end)
                    for block in self._blocks(target, answer, offset, end):
                        transfers.check()
                        _write(output, block)
                        on_block(block)
                        offset += len(block)
                        attempt = 0
                        self.meter.add(len(block))
                except HTTPError as error:
                    if self.transport.retries.wait(max(1, attempt)):
                        continue
                    reason = reason_of(error)
                    raise Unavailable(
                        f"Receiving {target.file.path!r} failed: {reason}."
                    ) from error
                if offset == end:
                    return
                if is_expired(answer) and renewals < RENEWALS:
                    renewals += 1
                    target.url = self._fresh_url(target.file)
                elif not is_patient(answer) or not self.transport.retries.wait(
                    attempt, answer.headers
                ):
                    raise self._refusal(target, answer)

    def _blocks(
        self, target: Target, answer: urllib3.BaseHTTPResponse, offset: int, end: int
    ) -> Iterator[bytes]:
        """The range's bytes as they come; none if it was refused. Raises urllib3's `HTTPError`
        if the connection breaks before the end."""
        if answer.status not in {200, 206}:
            answer.read(cache_content=True)
            return
        self._check_range(target, answer, offset, end)
        while offset < end:
            block = answer.read(min(BLOCK_BYTES, end - offset))
            if not block:
                raise ProtocolError("the answer ended early")
            offset += len(block)
            yield block
        answer.release_conn()

    def _request(self, target: Target, offset: int, end: int) -> urllib3.BaseHTTPResponse:
        headers = {"Accept-Encoding": "identity"}
        if end - offset < target.file.size_bytes:
            headers["Range"] = f"bytes={offset}-{end - 1}"
            if target.etag:
                headers["If-Match"] = target.etag
        return self.transport.network.request("GET", target.url, headers=headers, preload=False)

    def _check_range(
        self, target: Target, answer: urllib3.BaseHTTPResponse, offset: int, end: int
    ) -> None:
        size_bytes = target.file.size_bytes
        if answer.status == 206:
            expected = f"bytes {offset}-{end - 1}/{size_bytes}"
            fits = answer.headers.get("Content-Range") == expected
        else:
            length = answer.headers.get("Content-Length")
            fits = end - offset == size_bytes and length in {None, str(size_bytes)}
        if not fits:
            answer.close()
            raise Damaged(
                f"The object store has {target.file.path!r} at another size than declared, or"
                " serves no ranges.",
                next_step="Tell whoever runs the registry.",
            )
        target.etag = target.etag or answer.headers.get("ETag")

    def _refusal(self, target: Target, answer: urllib3.BaseHTTPResponse) -> ModelryError:
        if answer.status == 412:
            return Damaged(f"The file {target.file.path!r} changed in the store during the pull.")
        return store_error(f"{target.file.path!r}", answer)


def _digest_of(blocks: "Queue[bytes | None]") -> str:
    """SHA-256, in hex, of the blocks up to None."""
    hashed = hashlib.sha256()
    while (block := blocks.get()) is not None:
        hashed.update(block)
    return hashed.hexdigest()


def _write(output: BinaryIO, block: bytes) -> None:
    """Write all of it: an unbuffered file may take less, on a disk that is almost full."""
    if output.write(block) != len(block):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), output.name)
