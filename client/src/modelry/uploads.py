"""Sending the declared files of a version straight to the object store, in parallel, resumably."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from urllib3.exceptions import HTTPError

from modelry.errors import Conflict, Damaged, Invalid, Unavailable
from modelry.files import HashedFile, part_size_bytes
from modelry.progress import Meter
from modelry.transfers import (
    RENEWALS,
    WORKERS,
    Transfers,
    is_expired,
    is_patient,
    store_error,
)
from modelry.transport import Transport, reason_of

BLOCK_BYTES = 1 << 20
SIGNED_AT_ONCE = 16
ROUNDS = 3
_PAGE_SIZE = 200
_COMPLETIONS = 1_000

Signed = Mapping[str, Any]


class Slice:
    """A range of a file as a request body: read block by block into one buffer.

    `sent` is how much of it was handed to the connection.
    """

    def __init__(
        self, file: HashedFile, offset: int, size_bytes: int, on_bytes: Callable[[int], None]
    ) -> None:
        self._file = file
        self._offset = offset
        self._size_bytes = size_bytes
        self._on_bytes = on_bytes
        self.sent = 0

    def __iter__(self) -> Iterator[memoryview]:
        view = memoryview(bytearray(min(BLOCK_BYTES, self._size_bytes)))
        with self._file.found.source.open("rb", buffering=0) as source:
            source.seek(self._offset)
            while self.sent < self._size_bytes:
                count = source.readinto(view[: self._size_bytes - self.sent])
                if not count:
                    raise Invalid(
                        f"The file {self._file.path!r} became shorter while it was being pushed.",
                        next_step="Wait until whatever writes it is done, then push again.",
                    )
                yield view[:count]
                self.sent += count
                self._on_bytes(count)


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    """The upload of one pending version; `path` is its address in the API."""

    transport: Transport
    path: str
    files: Mapping[str, HashedFile]
    meter: Meter
    workers: int = WORKERS

    def run(self, *, wait: bool = True) -> Mapping[str, Any]:
        """Send what the store lacks until the version is ready, and return it as JSON.

        Without `wait` completion is asked for once. Raises `Damaged` if the store keeps refusing
        the bytes, and whatever a transfer raises after its retries.
        """
        problems: list[tuple[str, str]] = []
        for _ in range(ROUNDS):
            self._send_missing()
            try:
                version, problems = self._complete(wait)
            except Conflict as conflict:
                if not conflict.problems:
                    raise
                problems = list(conflict.problems)
                continue
            if version is not None:
                return version
        raise Damaged(
            f"{len(problems)} files did not arrive as they were declared, {ROUNDS} times over.",
            problems=problems[:20],
        )

    def _complete(self, wait: bool) -> tuple[Mapping[str, Any] | None, list[tuple[str, str]]]:
        """(the version, []) once there is nothing to send; (None, what lacks) if there is."""
        for _ in range(_COMPLETIONS):
            done = self.transport.request(
                "POST", f"{self.path}/upload/complete", idempotent=True
            ).document
            if done["state"] == "ready" or not wait:
                return done["version"], []
            if done["remaining"]:
                return None, [(lack["path"], lack["problem"]) for lack in done["remaining"]]
        raise Unavailable("The registry did not finish checking what was sent.")

    def _send_missing(self) -> None:
        total = sum(file.size_bytes for file in self.files.values())
        self.meter.begin("sending", total)
        wanted = 0
        pages = self.transport.pages("POST", f"{self.path}/upload", page_size=_PAGE_SIZE)
        with Transfers(self.workers) as transfers:
            for page in pages:
                wanted += sum(item["size_bytes"] for item in page["items"])
                if not page.get("next_page_token"):
                    self.meter.skip(total - wanted)
                for item in page["items"]:
                    self._submit(transfers, item)
        self.meter.finish()

    def _submit(self, transfers: Transfers, item: Mapping[str, Any]) -> None:
        file = self.files.get(item["path"])
        if file is None:
            raise Invalid(
                f"The registry asks for {item['path']!r}, which was not declared.",
                next_step="Tell whoever runs the registry.",
            )
        file.check_unchanged()
        if item["method"] == "put":
            transfers.submit(self._send_file, transfers, file, item)
        else:
            self._submit_parts(transfers, file, item)

    def _submit_parts(
        self, transfers: Transfers, file: HashedFile, item: Mapping[str, Any]
    ) -> None:
        if item["part_size_bytes"] != part_size_bytes(file.size_bytes):
            raise Invalid(
                f"The registry wants {file.path!r} in parts of another size than this client's.",
                next_step="Install the newest client: pip install --upgrade modelry",
            )
        received = set(item["received_parts"])
        for number in received:
            self.meter.skip(_part(file, number)[1])
        missing = [n for n in range(1, item["part_count"] + 1) if n not in received]
        for at in range(0, len(missing), SIGNED_AT_ONCE):
            for signed in self._sign(file, missing[at : at + SIGNED_AT_ONCE]):
                transfers.submit(self._send_part, transfers, file, signed)

    def _sign(self, file: HashedFile, numbers: list[int]) -> list[Signed]:
        body = {
            "path": file.path,
            "parts": [
                {"number": number, "sha256": file.part_digests[number - 1].hex()}
                for number in numbers
            ],
        }
        answer = self.transport.request(
            "POST", f"{self.path}/upload/parts", body=body, idempotent=True
        )
        return list(answer.document["items"])

    def _send_part(self, transfers: Transfers, file: HashedFile, signed: Signed) -> None:
        number = signed["number"]
        offset, size_bytes = _part(file, number)

        def renew() -> Signed | None:
            return self._sign(file, [number])[0]

        self.put(transfers, file, offset, size_bytes, signed, renew)

    def _send_file(self, transfers: Transfers, file: HashedFile, signed: Signed) -> None:
        def renew() -> Signed | None:
            pages = self.transport.pages("POST", f"{self.path}/upload", page_size=_PAGE_SIZE)
            items = (item for page in pages for item in page["items"])
            return next((item for item in items if item["path"] == file.path), None)

        self.put(transfers, file, 0, file.size_bytes, signed, renew)

    def put(
        self,
        transfers: Transfers,
        file: HashedFile,
        offset: int,
        size_bytes: int,
        signed: Signed,
        renew: Callable[[], Signed | None],
    ) -> None:
        """Send one range to one address, with retries, and fresh addresses when it runs out."""

        def on_bytes(count: int) -> None:
            transfers.check()
            self.meter.add(count)

        attempt = renewals = 0
        while True:
            attempt += 1
            transfers.check()
            body = Slice(file, offset, size_bytes, on_bytes)
            headers = {**signed["headers"], "Content-Length": str(size_bytes)}
            try:
                answer = self.transport.network.request(
                    "PUT", signed["url"], headers=headers, body=body if size_bytes else b""
                )
            except HTTPError as error:
                self.meter.add(-body.sent)
                if self.transport.retries.wait(attempt):
                    continue
                raise Unavailable(f"Sending {file.path!r} failed: {reason_of(error)}.") from error
            if answer.status < 300:
                return
            self.meter.add(-body.sent)
            if is_expired(answer) and renewals < RENEWALS:
                renewals += 1
                fresh = renew()
                if fresh is None:
                    self.meter.skip(size_bytes)
                    return
                signed = fresh
            elif not is_patient(answer) or not self.transport.retries.wait(attempt, answer.headers):
                file.check_unchanged()
                raise store_error(f"{file.path!r}", answer)


def _part(file: HashedFile, number: int) -> tuple[int, int]:
    """Where a part begins, and its size."""
    part_bytes = part_size_bytes(file.size_bytes)
    offset = (number - 1) * part_bytes
    return offset, min(part_bytes, file.size_bytes - offset)
