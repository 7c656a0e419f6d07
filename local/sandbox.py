"""A function's sandbox as its platform makes one: the zip, unpacked and read-only, under the real
runtime client, which asks our end of the runtime API for events.

The client's environment holds nothing of the registry's, so that what lacks in the zip is missing.
"""

import json
import os
import queue
import shutil
import subprocess
import tempfile
import threading
import time
import uuid
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from local.ports import HOST

PYTHON = Path(__file__).resolve().parents[1] / ".venv-runtime" / "bin" / "python"
ANSWER_LIMIT_BYTES = 6 << 20
INIT_SECONDS = 10.0
"""How long the platform waits for the first request for an event."""
API = "/2018-06-01/runtime"
REGION = "eu-west-1"
FUNCTION_ARN = f"arn:aws:lambda:{REGION}:123456789012:function:modelry"


class SandboxFailed(Exception):
    """The function did not start, raised, ran out of time, or ended; the message says what."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one event: "idle" says that the client asks for the next."""

    kind: str
    body: bytes
    at: float


class _RuntimeApi(ThreadingHTTPServer):
    """One sandbox's end of the runtime API: hands out events, collects outcomes."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__((HOST, 0), _RuntimeRequest)
        self.events: queue.Queue[tuple[str, bytes, int]] = queue.Queue()
        self.outcomes: queue.Queue[Outcome] = queue.Queue()
        threading.Thread(target=self.serve_forever, args=(0.02,), daemon=True).start()


class _RuntimeRequest(BaseHTTPRequestHandler):
    server: _RuntimeApi
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = 1 << 16

    def do_GET(self) -> None:
        self.server.outcomes.put(Outcome("idle", b"", time.perf_counter()))
        request_id, event, deadline_ms = self.server.events.get()
        self.reply(
            200,
            event,
            {
                "Content-Type": "application/json",
                "Lambda-Runtime-Aws-Request-Id": request_id,
                "Lambda-Runtime-Deadline-Ms": str(deadline_ms),
                "Lambda-Runtime-Invoked-Function-Arn": FUNCTION_ARN,
            },
        )

    def do_POST(self) -> None:
        body = self.read()
        kind = self.path.removeprefix(f"{API}/").rpartition("/")[2]
        if self.path == f"{API}/init/error":
            kind = "init"
        elif kind == "response" and len(body) > ANSWER_LIMIT_BYTES:
            kind, body = "error", b'{"errorType": "Function.ResponseSizeTooLarge"}'
        self.server.outcomes.put(Outcome(kind, body, time.perf_counter()))
        self.reply(202, b'{"status": "OK"}')

    def read(self) -> bytes:
        """The body, which may come in chunks."""
        if (size := self.headers.get("Content-Length")) is not None:
            return self.rfile.read(int(size))
        body = b""
        while count := int(self.rfile.readline().split(b";")[0], 16):
            body += self.rfile.read(count)
            self.rfile.readline()
        self.rfile.readline()
        return body

    def reply(self, status: int, body: bytes, headers: Mapping[str, str] | None = None) -> None:
        self.send_response(status)
        for name, value in {**(headers or {}), "Content-Length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)
        self.wfile.flush()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def unpacked(package: Path) -> Iterator[Path]:
    """The zip as a folder that nobody can write to, for any number of sandboxes."""
    folder = Path(tempfile.mkdtemp(prefix="modelry-task-"))
    try:
        with zipfile.ZipFile(package) as archive:
            archive.extractall(folder)
        for path in (folder, *folder.rglob("*")):
            path.chmod(0o555 if path.is_dir() else 0o444)
        yield folder
    finally:
        for path in (folder, *folder.rglob("*")):
            if path.is_dir():
                path.chmod(0o755)
        shutil.rmtree(folder)


@dataclass(slots=True)
class Sandbox:
    """One sandbox; use it as a context manager. `init_ms` is what its start took, from the start
    of the process to its first request for an event; `last_ms` the last event."""

    task: Path
    handler: str
    environment: Mapping[str, str]
    seconds: float = 29.0
    init_ms: float = 0.0
    last_ms: float = 0.0
    _api: _RuntimeApi = field(default_factory=_RuntimeApi)
    _process: "subprocess.Popen[bytes] | None" = None

    def __enter__(self) -> "Sandbox":
        began = time.perf_counter()
        self._process = subprocess.Popen(
            [*without_privileges(), str(PYTHON), "-m", "awslambdaric", self.handler],
            cwd=self.task,
            env=self._environment(),
        )
        try:
            outcome = self._next(INIT_SECONDS)
            if outcome.kind != "idle":
                raise SandboxFailed(f"{self.handler} does not start: {outcome.body.decode()}")
        except BaseException:
            self.__exit__()
            raise
        self.init_ms = (outcome.at - began) * 1e3
        return self

    def __exit__(self, *_: object) -> None:
        assert self._process is not None
        self._process.kill()
        self._process.wait()
        self._api.shutdown()
        self._api.server_close()

    def __call__(self, event: Any) -> Any:
        """The answer to one event. Raises `SandboxFailed`."""
        began = time.perf_counter()
        deadline_ms = int((time.time() + self.seconds) * 1e3)
        self._api.events.put((str(uuid.uuid4()), json.dumps(event).encode(), deadline_ms))
        outcome = self._next(self.seconds)
        self.last_ms = (outcome.at - began) * 1e3
        if outcome.kind != "response":
            raise SandboxFailed(f"{self.handler} failed: {outcome.body.decode()}")
        self._next(self.seconds)  # it asks for the next event: only now the platform freezes it
        return json.loads(outcome.body)

    def peak_mib(self) -> int:
        """The most memory it had so far, where the system tells (Linux)."""
        assert self._process is not None
        status = Path(f"/proc/{self._process.pid}/status").read_text(encoding="ascii")
        (line,) = (line for line in status.splitlines() if line.startswith("VmHWM"))
        return int(line.split()[1]) >> 10

    def _next(self, seconds: float) -> Outcome:
        assert self._process is not None
        end = time.monotonic() + seconds
        while True:
            try:
                return self._api.outcomes.get(timeout=0.05)
            except queue.Empty:
                if self._process.poll() is not None:
                    raise SandboxFailed(
                        f"{self.handler} ended with {self._process.returncode}"
                    ) from None
                if time.monotonic() > end:
                    raise SandboxFailed(f"{self.handler} did not answer in {seconds} s") from None

    def _environment(self) -> dict[str, str]:
        return {
            **self.environment,
            "PATH": "/usr/local/bin:/usr/bin:/bin",
            "LANG": "en_US.UTF-8",
            "TZ": ":UTC",
            "AWS_LAMBDA_RUNTIME_API": f"{HOST}:{self._api.server_port}",
            "AWS_LAMBDA_FUNCTION_NAME": "modelry",
            "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "1024",
            "AWS_REGION": REGION,
            "LAMBDA_TASK_ROOT": str(self.task),
            "_HANDLER": self.handler,
            "PYTHONPATH": str(self.task),
        }


def without_privileges() -> list[str]:
    """What makes even root heed that files are read-only."""
    if os.getuid() or not shutil.which("setpriv"):
        return []
    return ["setpriv", "--bounding-set", "-dac_override,-dac_read_search"]
