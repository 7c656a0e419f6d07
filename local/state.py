"""What one registry keeps in its folder (DATA_DIR), and who is using that folder now."""

import fcntl
import json
import os
import secrets
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from local.issuer.keys import write_secret


class InUse(Exception):
    """Another live registry has the folder."""


@dataclass(frozen=True, slots=True)
class Home:
    """The folder of one registry, and where things are in it."""

    folder: Path

    @property
    def database(self) -> Path:
        return self.folder / "database"

    @property
    def objects(self) -> Path:
        return self.folder / "objects"

    @property
    def store_state(self) -> Path:
        return self.folder / "store-state"

    @property
    def issuer(self) -> Path:
        return self.folder / "issuer"

    @property
    def logs(self) -> Path:
        return self.folder / "logs"

    @property
    def running(self) -> Path:
        return self.folder / "running.json"

    def lock(self) -> IO[str]:
        """Take the folder for as long as the returned file is open. Raises `InUse`."""
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        for inner in (self.database, self.objects, self.store_state, self.logs):
            inner.mkdir(exist_ok=True)
        file = (self.folder / "lock").open("a")
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            file.close()
            raise InUse(str(self.folder)) from None
        return file

    def remembered_ports(self) -> dict[str, int]:
        """The ports of the last run, so that addresses and issued tokens stay good."""
        return dict(_read(self.folder / "ports.json"))

    def remember_ports(self, ports: dict[str, int]) -> None:
        (self.folder / "ports.json").write_text(json.dumps(ports), encoding="utf-8")

    def webhook_token(self) -> str:
        """The bearer token that a store must show to the webhook, made on first use."""
        return _secret_kept_in(self.folder / "webhook-token")

    def audit_key(self) -> str:
        """The key that seals the audit log, made on first use."""
        return _secret_kept_in(self.folder / "audit-key", secrets.token_hex)

    def token_pepper(self) -> str:
        """The key that access tokens are hashed under, made on first use."""
        return _secret_kept_in(self.folder / "token-pepper", secrets.token_hex)

    def relay_key(self) -> str:
        """The key that secrets of webhooks are kept under, made on first use."""
        return _secret_kept_in(self.folder / "relay-key", secrets.token_hex)

    def store_secret(self) -> str:
        """The embedded store's secret key, made on first use."""
        return _secret_kept_in(self.folder / "store-secret")

    def note_running(self, addresses: dict[str, str], processes: Sequence[tuple[str, int]]) -> None:
        """Write down what runs, for `make token` and for the next start."""
        pids = [(name, pid) for name, pid in processes if pid > 0]
        noted = {
            "pid": os.getpid(),
            "started": started_at(os.getpid()),
            "addresses": addresses,
            "processes": [{"name": n, "pid": p, "started": started_at(p)} for n, p in pids],
        }
        write_secret(self.running, json.dumps(noted, indent=1))

    def forget_running(self) -> None:
        self.running.unlink(missing_ok=True)

    def addresses(self) -> dict[str, str] | None:
        """The addresses of the live registry of this folder; None if none runs."""
        noted = _read(self.running)
        if not noted or started_at(noted["pid"]) != noted["started"]:
            return None
        return dict(noted["addresses"])

    def end_leftovers(self) -> list[str]:
        """End what a killed launcher left behind; return the names. Only with the lock held."""
        left = [
            child
            for child in _read(self.running).get("processes", [])
            if child["started"] and started_at(child["pid"]) == child["started"]
        ]
        for number, grace in ((signal.SIGTERM, 5.0), (signal.SIGKILL, 5.0)):
            for child in left:
                if started_at(child["pid"]) == child["started"]:
                    os.kill(child["pid"], number)
            end = time.monotonic() + grace
            while time.monotonic() < end and any(
                started_at(child["pid"]) == child["started"] for child in left
            ):
                time.sleep(0.05)
        self.forget_running()
        return [child["name"] for child in left]


def started_at(pid: int) -> str | None:
    """When the process with this id started, as its system says it; None if there is none.

    Process ids are used again: one is the same process only if it started at the same time.
    """
    if sys.platform == "linux":
        try:
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        except OSError:
            return None
        return None if fields[0] == "Z" else fields[19]
    asked = subprocess.run(
        ["ps", "-o", "lstart=", "-p", str(pid)], capture_output=True, text=True, check=False
    )
    return asked.stdout.strip() or None


def _secret_kept_in(path: Path, make: Callable[[int], str] = secrets.token_urlsafe) -> str:
    if not path.exists():
        write_secret(path, make(32))
    return path.read_text(encoding="utf-8")


def _read(path: Path) -> dict[str, Any]:
    try:
        return dict(json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError):
        return {}
