"""A whole registry on free ports and in a folder that goes away: what the measurements ask."""

import http.client
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bench.load import Target
from local.ports import HOST, free_port
from local.state import Home
from local.token import token_of

ROOT = Path(__file__).resolve().parents[1]
START_SECONDS = 90.0


@dataclass(frozen=True, slots=True)
class Registry:
    """A running registry and the variables it was started with."""

    home: Home
    port: int
    environment: Mapping[str, str]

    @property
    def url(self) -> str:
        """Where its API answers."""
        return f"http://{HOST}:{self.port}"

    def token(self) -> str:
        """An administrator's."""
        return token_of(self.home, "admin")

    def pid(self, name: str) -> int:
        """The process id of one of its programs."""
        noted = json.loads(self.home.running.read_text(encoding="utf-8"))
        return next(int(child["pid"]) for child in noted["processes"] if child["name"] == name)

    def target(self, prefix: str = "/api/v1", name: str = "native") -> Target:
        """One of its dialects, for a load in the administrator's name."""
        headers = {"Authorization": f"Bearer {self.token()}"}
        return Target(name, self.port, self.pid("api"), prefix, headers)

    def address(self, name: str) -> str:
        """Where one of its programs answers."""
        return (self.home.addresses() or {})[name]


@contextmanager
def registry(**settings: str) -> Iterator[Registry]:
    """Start one and end it; `settings` are MODELRY_ variables on top of the usual ones."""
    with tempfile.TemporaryDirectory(prefix="modelry-bench-") as folder:
        home, port = Home(Path(folder) / "home"), free_port()
        kept = {name: text for name, text in os.environ.items() if not name.startswith("MODELRY_")}
        environment = {**kept, **settings, "PORT": str(port), "DATA_DIR": str(home.folder)}
        screen = Path(folder) / "screen.txt"
        with screen.open("w") as output:
            child = subprocess.Popen(
                [sys.executable, "-m", "local.run"],
                cwd=ROOT,
                env=environment,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        try:
            _wait_until_ready(child, screen)
            yield Registry(home, port, environment)
        finally:
            child.send_signal(signal.SIGINT)
            child.wait(START_SECONDS)


def _wait_until_ready(child: "subprocess.Popen[bytes]", screen: Path) -> None:
    end = time.monotonic() + START_SECONDS
    while "Modelry is ready" not in (said := screen.read_text(encoding="utf-8")):
        if child.poll() is not None or time.monotonic() > end:
            raise RuntimeError(f"The registry did not start:\n{said}")
        time.sleep(0.05)


@dataclass(slots=True)
class Caller:
    """One kept-open connection to a registry's API, in somebody's name."""

    registry: Registry
    token: str
    connection: http.client.HTTPConnection = field(init=False)

    def __post_init__(self) -> None:
        self.connection = http.client.HTTPConnection(HOST, self.registry.port, timeout=60)

    def call(self, method: str, path: str, body: Any = None) -> Any:
        """One request below /api/v1; the JSON of its answer. Raises `RuntimeError` for a refusal.

        Changes are meant for whatever revision is there.
        """
        headers = {
            "Authorization": f"Bearer {self.token}",
            "Content-Type": "application/json",
            **({"If-Match": "*"} if method == "PATCH" else {}),
        }
        sent = None if body is None else json.dumps(body)
        self.connection.request(method, f"/api/v1{path}", sent, headers)
        answer = self.connection.getresponse()
        content = answer.read()
        if answer.status >= 300:
            raise RuntimeError(f"{method} {path}: {answer.status} {content[:500]!r}")
        return json.loads(content) if content else None


def memory_mib(pid: int) -> float:
    """What a process holds in memory now. Linux only."""
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / (1 << 20)
