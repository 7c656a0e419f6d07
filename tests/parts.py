"""Real servers for tests: the embedded parts as `make run` starts them, or those named by
MODELRY_TEST_MONGODB_URI and MODELRY_TEST_S3_ENDPOINT (with _ACCESS_KEY and _SECRET_KEY)."""

import contextlib
import http.client
import json
import os
import secrets
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from minio import Minio
from minio.error import S3Error
from pymongo import MongoClient

from local import programs
from local.ports import free_port
from local.processes import Processes, Program
from local.state import Home

ROOT = Path(__file__).resolve().parents[1]
START_SECONDS = 90


@dataclass(frozen=True, slots=True)
class S3Server:
    """An S3-compatible server and the keys to all of it."""

    endpoint: str
    access_key: str
    secret_key: str

    def client(self) -> Minio:
        address = urlsplit(self.endpoint)
        return Minio(
            address.netloc,
            access_key=self.access_key,
            secret_key=self.secret_key,
            secure=address.scheme == "https",
            region="us-east-1",
        )


@contextlib.contextmanager
def mongodb(folder: Path) -> Iterator[str]:
    """The URI of a database server that keeps nothing beyond the block."""
    given = os.environ.get("MODELRY_TEST_MONGODB_URI")
    if given:
        yield given
        return
    port = free_port()
    with running(folder, programs.database(port, folder / "database")):
        yield programs.database_uri(port)


@contextlib.contextmanager
def object_store(folder: Path) -> Iterator[S3Server]:
    """An object store that keeps nothing beyond the block."""
    given = os.environ.get("MODELRY_TEST_S3_ENDPOINT")
    if given:
        yield S3Server(
            given,
            os.environ["MODELRY_TEST_S3_ACCESS_KEY"],
            os.environ["MODELRY_TEST_S3_SECRET_KEY"],
        )
        return
    port, secret = free_port(), secrets.token_urlsafe(32)
    with running(folder, programs.store(port, folder / "objects", folder / "state", secret)):
        yield S3Server(f"http://127.0.0.1:{port}", programs.STORE_ACCESS_KEY, secret)


@contextlib.contextmanager
def bucket_of(server: S3Server) -> Iterator[str]:
    """A fresh bucket, removed with all that is in it."""
    name = f"test-{secrets.token_hex(6)}"
    server.client().make_bucket(name)
    yield name
    remove_bucket(server, name)


@contextlib.contextmanager
def locking_bucket_of(server: S3Server) -> Iterator[str]:
    """A fresh bucket that locks objects. It stays, as they do, if they are locked for longer."""
    name = f"test-{secrets.token_hex(6)}"
    server.client().make_bucket(name, object_lock=True)
    yield name
    with contextlib.suppress(S3Error):
        remove_bucket(server, name)


def remove_bucket(server: S3Server, name: str) -> None:
    """Remove a bucket, if it is there, with all that is in it."""
    client = server.client()
    if not client.bucket_exists(name):
        return
    for found in client.list_objects(name, recursive=True):
        client.remove_object(name, str(found.object_name))
    client.remove_bucket(name)


@contextlib.contextmanager
def running(folder: Path, program: Program, seconds: float = START_SECONDS) -> Iterator[None]:
    """A program that answers during the block and is ended after it."""
    processes = Processes(folder)
    try:
        processes.wait_until_ready(processes.start([program]), seconds=seconds)
        yield
    finally:
        processes.stop()


@dataclass(slots=True)
class LocalRegistry:
    """`python -m local.run` as a child of the test, in a folder and on a port of its own."""

    folder: Path
    port: int = field(default_factory=free_port)
    child: "subprocess.Popen[str] | None" = None
    settings: dict[str, str] = field(default_factory=lambda: own_servers())

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def store(self) -> S3Server:
        """Its object store, with the keys to all of it."""
        addresses = Home(self.folder).addresses()
        assert addresses is not None
        return S3Server(
            addresses["store"],
            self.settings.get("MODELRY_S3_ACCESS_KEY", programs.STORE_ACCESS_KEY),
            self.settings.get("MODELRY_S3_SECRET_KEY") or Home(self.folder).store_secret(),
        )

    @property
    def bucket(self) -> str:
        return self.settings.get("MODELRY_S3_BUCKET", "modelry")

    @property
    def environment(self) -> dict[str, str]:
        inherited = {k: v for k, v in os.environ.items() if not k.startswith("MODELRY_")}
        place = {"PORT": str(self.port), "DATA_DIR": str(self.folder)}
        place["MODELRY_LOCAL_SWEEP_SECONDS"] = "5"
        return {**inherited, **self.settings, **place}

    @property
    def output(self) -> str:
        return self.screen.read_text(encoding="utf-8") if self.screen.exists() else ""

    @property
    def screen(self) -> Path:
        return self.folder.with_name(f"{self.folder.name}-screen.txt")

    def launch(self) -> "subprocess.Popen[str]":
        """Start it without waiting."""
        with self.screen.open("w") as screen:
            self.child = subprocess.Popen(
                [sys.executable, "-m", "local.run"],
                cwd=ROOT,
                env=self.environment,
                stdout=screen,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                text=True,
            )
        return self.child

    def start(self) -> "LocalRegistry":
        """Start it and wait until it says that it is ready."""
        child = self.launch()
        end = time.monotonic() + START_SECONDS
        while "Modelry is ready" not in self.output:
            assert child.poll() is None, f"it ended:\n{self.output}"
            assert time.monotonic() < end, f"it is not ready:\n{self.output}"
            time.sleep(0.05)
        return self

    def stop(self, number: int = signal.SIGINT) -> int:
        """Send it a signal and return its exit status."""
        assert self.child is not None
        self.child.send_signal(number)
        return self.child.wait(START_SECONDS)

    def discard(self) -> None:
        """Remove what it left on servers that go on running without it."""
        settings = self.settings
        if uri := settings.get("MODELRY_MONGODB_URI"):
            with MongoClient(uri) as client:
                client.drop_database(settings["MODELRY_MONGODB_DATABASE"])
        if endpoint := settings.get("MODELRY_S3_ENDPOINT"):
            keys = settings["MODELRY_S3_ACCESS_KEY"], settings["MODELRY_S3_SECRET_KEY"]
            remove_bucket(S3Server(endpoint, *keys), settings["MODELRY_S3_BUCKET"])

    def processes(self) -> dict[str, int]:
        """The process ids of what it started, by name."""
        noted = json.loads(Home(self.folder).running.read_text(encoding="utf-8"))
        return {child["name"]: child["pid"] for child in noted["processes"]}

    def token(self, role: str) -> str:
        """What `make token` prints."""
        asked = subprocess.run(
            ["make", "-s", "token", f"ROLE={role}"],
            cwd=ROOT,
            env=self.environment,
            capture_output=True,
            text=True,
            check=True,
        )
        return asked.stdout.removesuffix("\n")

    def call(
        self, method: str, path: str, body: Any = None, *, token: str | None = None
    ) -> tuple[int, Any]:
        """One request to the API: the status, and the JSON (or text) of the answer."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        headers = {"Content-Type": "application/json"}
        if token:
            headers["Authorization"] = f"Bearer {token}"
        try:
            sent = json.dumps(body) if body is not None else None
            connection.request(method, path, sent, headers)
            answer = connection.getresponse()
            text = answer.read().decode()
        finally:
            connection.close()
        is_json = "json" in (answer.headers["Content-Type"] or "")
        return answer.status, json.loads(text) if is_json else text


def own_servers() -> dict[str, str]:
    """The settings that point a registry at the servers the tests were given, if any."""
    given = os.environ
    settings: dict[str, str] = {}
    if uri := given.get("MODELRY_TEST_MONGODB_URI"):
        settings["MODELRY_MONGODB_URI"] = uri
        settings["MODELRY_MONGODB_DATABASE"] = f"test_{secrets.token_hex(6)}"
    if endpoint := given.get("MODELRY_TEST_S3_ENDPOINT"):
        settings["MODELRY_S3_ENDPOINT"] = endpoint
        settings["MODELRY_S3_ACCESS_KEY"] = given["MODELRY_TEST_S3_ACCESS_KEY"]
        settings["MODELRY_S3_SECRET_KEY"] = given["MODELRY_TEST_S3_SECRET_KEY"]
        settings["MODELRY_S3_BUCKET"] = f"test-{secrets.token_hex(6)}"
    for name in ("PORT", "TOKEN"):
        if value := given.get(f"MODELRY_TEST_WEBHOOK_{name}"):
            settings[f"MODELRY_WEBHOOK_{name}"] = value
    return settings
