"""Operations on the files that runs keep: sent to and fetched from the object store itself."""

import os
from pathlib import Path
from urllib.parse import quote

from urllib3.exceptions import HTTPError

from modelry.errors import Invalid, Unavailable
from modelry.network import BLOCK_BYTES
from modelry.runs import Runs
from modelry.transfers import is_patient, store_error
from modelry.transport import reason_of

MAX_BYTES = 5 << 30
"""What a store takes in one request."""


class LoggedFiles(Runs):
    """Files of runs, by their paths."""

    def log_file(
        self,
        id: str,
        source: str | os.PathLike[str],
        path: str | None = None,
        *,
        namespace: str | None = None,
    ) -> None:
        """Keep a file (at most 5 GiB) with a run, by its name or at a `path`, in place of the one
        there is. Raises `Invalid`, `NotFound`, `Forbidden`, `Unavailable`."""
        file = Path(source)
        size_bytes = file.stat().st_size
        if size_bytes > MAX_BYTES:
            raise Invalid(
                f"{file} has {size_bytes} bytes; a run's file has at most {MAX_BYTES}.",
                next_step="Split it, or push it as a version of a model.",
            )
        place = f"{self.run_path(id, namespace)}/files"
        attempt = 0
        while True:
            attempt += 1
            asked = {"path": path or file.name}
            signed = self.transport.request("POST", place, body=asked, idempotent=True).document
            headers = {**signed["headers"], "Content-Length": str(size_bytes)}
            try:
                with file.open("rb") as content:
                    answer = self.transport.network.request(
                        "PUT", signed["url"], headers=headers, body=content if size_bytes else b""
                    )
            except HTTPError as error:
                if self.transport.retries.wait(attempt):
                    continue
                raise Unavailable(f"Sending {file} failed: {reason_of(error)}.") from error
            if answer.status < 300:
                return
            if not is_patient(answer) or not self.transport.retries.wait(attempt, answer.headers):
                raise store_error(f"{file.name!r}", answer)

    def fetch_run_file(
        self,
        id: str,
        path: str,
        target: str | os.PathLike[str],
        *,
        namespace: str | None = None,
    ) -> None:
        """Fetch one file of a run. Raises `NotFound`; what was at `target` stays until all of it
        is there."""
        place = f"{self.run_path(id, namespace)}/files/{quote(path)}"
        address = self.transport.request("GET", place).headers["Location"]
        part = Path(f"{os.fspath(target)}.part")
        try:
            answer = self.transport.network.request("GET", address, preload=False)
            if answer.status != 200:
                answer.read()
                raise store_error(f"{path!r}", answer)
            with part.open("wb") as out:
                for block in answer.stream(BLOCK_BYTES, decode_content=False):
                    out.write(block)
            answer.release_conn()
        except HTTPError as error:
            part.unlink(missing_ok=True)
            raise Unavailable(f"Fetching {path!r} failed: {reason_of(error)}.") from error
        part.replace(target)

    def remove_run_files(self, id: str, path: str, *, namespace: str | None = None) -> None:
        """Remove a file of a run, or a folder with all that is in it."""
        place = f"{self.run_path(id, namespace)}/files/{quote(path)}"
        self.transport.request("DELETE", place)
