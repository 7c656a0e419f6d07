"""The real `mlflow server` on this machine, on SQLite or on a PostgreSQL of its own."""

import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench.load import Target
from local.ports import HOST, free_port
from local.programs import answers

ROOT = Path(__file__).resolve().parents[1]
ENVIRONMENT = ROOT / ".venv-clients" / "mlflow-3" / "bin"
DISTRIBUTIONS = "/usr/lib/postgresql"
START_SECONDS = 120.0
PREFIX = "/api/2.0/mlflow"
# Nothing runs in it but what is asked of it.
QUIET = {"MLFLOW_DISABLE_TELEMETRY": "true", "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false"}


class NotHere(Exception):
    """Something that would be measured is not on this machine; the message says what."""


@dataclass(frozen=True, slots=True)
class Postgres:
    """A PostgreSQL server that takes anybody from this machine, and what it wrote down."""

    port: int
    log: Path

    @property
    def uri(self) -> str:
        """As SQLAlchemy names it."""
        return f"postgresql+psycopg2://postgres@{HOST}:{self.port}/postgres"

    def statements(self) -> int:
        """How many statements it has been sent so far, BEGIN and COMMIT among them."""
        return self.log.read_bytes().count(b"LOG:  statement:")


@dataclass(frozen=True, slots=True)
class MlflowServer:
    """A running server; `uri` is its database's."""

    target: Target
    uri: str

    def fill(self, models: Mapping[str, int]) -> None:
        """Write models with so many versions each straight into the tables."""
        lines = "".join(f"{name} {versions}\n" for name, versions in models.items())
        script = ROOT / "bench" / "mlflow_rows.py"
        command = [str(ENVIRONMENT / "python"), str(script), self.uri]
        subprocess.run(command, input=lines, text=True, check=True)


@contextmanager
def mlflow_server(name: str, uri: str) -> Iterator[MlflowServer]:
    """One with one worker, as Modelry's API has one. Raises `NotHere` without its environment."""
    program = ENVIRONMENT / "mlflow"
    if not program.exists():
        raise NotHere("mlflow: make .venv-clients/mlflow-3/stamp")
    port = free_port()
    command = [str(program), "server", "--backend-store-uri", uri, "--workers", "1"]
    with tempfile.TemporaryDirectory(prefix="bench-mlflow-") as folder:
        log = Path(folder) / "log.txt"
        with log.open("wb") as output:
            child = subprocess.Popen(
                [*command, "--artifacts-destination", folder, "--host", HOST, "--port", str(port)],
                stdout=output,
                stderr=subprocess.STDOUT,
                cwd=folder,
                env={**os.environ, **QUIET},
                start_new_session=True,
            )
        try:
            _wait(child, lambda: answers(f"{HOST}:{port}", "/health"), log)
            yield MlflowServer(Target(name, port, child.pid, PREFIX, may_fail=True), uri)
        finally:
            os.killpg(child.pid, signal.SIGTERM)
            child.wait(START_SECONDS)


@contextmanager
def postgres() -> Iterator[Postgres]:
    """A new one in a folder that goes away. Raises `NotHere` if its programs are not installed."""
    programs = _postgres_programs()
    folder = Path(tempfile.mkdtemp(prefix="bench-postgres-"))
    port, log = free_port(), folder / "log.txt"
    cluster = f"{folder}/cluster"
    initialise = [f"{programs}/initdb", "-D", cluster, "-U", "postgres", "-A", "trust"]
    serve = [f"{programs}/postgres", "-D", cluster, "-p", str(port), "-h", HOST]
    serve += ["-k", str(folder), "-c", "log_statement=all"]
    as_user: list[str] = []
    if os.geteuid() == 0:  # it refuses to be run by root
        shutil.chown(folder, "postgres", "postgres")
        as_user = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"]
    try:
        subprocess.run([*as_user, *initialise], check=True, stdout=subprocess.DEVNULL, cwd=folder)
        with log.open("wb") as output:
            child = subprocess.Popen(
                [*as_user, *serve], stdout=output, stderr=subprocess.STDOUT, cwd=folder
            )
        try:
            _wait(child, lambda: b"ready to accept connections" in log.read_bytes(), log)
            yield Postgres(port, log)
        finally:
            child.send_signal(signal.SIGINT)
            child.wait(START_SECONDS)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _postgres_programs() -> Path:
    """The folder of the newest ones: on PATH, or where Debian puts them."""
    if found := shutil.which("initdb"):
        return Path(found).parent
    folders = sorted(Path(DISTRIBUTIONS).glob("*/bin"), key=lambda each: float(each.parent.name))
    if not folders:
        raise NotHere("PostgreSQL: apt install postgresql")
    return folders[-1]


def _wait(child: "subprocess.Popen[bytes]", is_ready: Callable[[], bool], log: Path) -> None:
    end = time.monotonic() + START_SECONDS
    while not is_ready():
        if child.poll() is not None or time.monotonic() > end:
            raise RuntimeError(f"{child.args!r:.80} did not start:\n{log.read_text()[-2000:]}")
        time.sleep(0.1)
