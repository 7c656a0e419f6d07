"""The programs that make up a registry on one machine: what starts each, and when it is ready."""

import http.client
import json
import os
import socket
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from local.issuer.issuer import AUDIENCE
from local.issuer.people import CLI, GROUPS, SHORT_NAME
from local.ports import HOST
from local.processes import Program
from local.state import Home

PARTS = Path(__file__).resolve().parents[1] / ".venv-parts" / "bin"
ROOT = Path(__file__).resolve().parents[1]
STORE_ACCESS_KEY = "modelry-local"
LARGEST_EMBEDDED_FILE_BYTES = 1 << 30


def database(port: int, folder: Path) -> Program:
    """SecantusDB, which speaks MongoDB's wire protocol; what it acknowledged is on disk."""
    command = [
        *(str(PARTS / "secantusd-py"), "--sync-on-commit", "--cache-size", "256M"),
        *("--host", HOST, "--port", str(port), "--storage-path", str(folder)),
    ]
    return Program(
        name="database",
        command=command,
        environment=plain_environment(),
        is_ready=lambda: _listens(port),
    )


def database_uri(port: int) -> str:
    """Where the embedded database answers."""
    return f"mongodb://{HOST}:{port}/?directConnection=true"


def store(port: int, objects: Path, state: Path, secret_key: str) -> Program:
    """ministack's S3 and SQS, persistent, on the loopback interface only."""
    environment = {
        "BIND_HOST": HOST,
        "GATEWAY_PORT": str(port),
        "SERVICES": "s3,sqs",
        "IOT_MTLS_ENABLED": "0",
        "SFTP_ENABLED": "0",
        "S3_PERSIST": "1",
        "PERSIST_STATE": "1",
        "S3_DATA_DIR": str(objects),
        "STATE_DIR": str(state),
        "AWS_ACCESS_KEY_ID": STORE_ACCESS_KEY,
        "AWS_SECRET_ACCESS_KEY": secret_key,
        "AWS_DEFAULT_REGION": "us-east-1",
    }
    return Program(
        name="store",
        command=[str(PARTS / "ministack")],
        environment={**plain_environment(), **environment},
        is_ready=lambda: answers(f"{HOST}:{port}", "/_ministack/health"),
    )


def issuer(port: int, folder: Path) -> Program:
    """The development issuer."""
    return Program(
        name="issuer",
        command=[sys.executable, "-m", "local.issuer", str(port), str(folder)],
        environment={**plain_environment(), "PYTHONPATH": str(ROOT)},
        is_ready=lambda: answers(f"{HOST}:{port}", "/jwks"),
    )


def api(port: int, environment: Mapping[str, str]) -> Program:
    """The API function's application, under uvicorn."""
    command = [
        *(sys.executable, "-m", "uvicorn", "local.api:app", "--no-server-header"),
        *("--host", HOST, "--port", str(port), "--timeout-graceful-shutdown", "3"),
    ]
    return Program(
        name="api",
        command=command,
        environment=environment,
        is_ready=lambda: answers(f"{HOST}:{port}", "/health"),
    )


def trigger(port: int, environment: Mapping[str, str]) -> Program:
    """What hands the store's events to the upload function."""
    return Program(
        name="trigger",
        command=[sys.executable, "-m", "local.trigger", str(port)],
        environment=environment,
        is_ready=lambda: _listens(port),
    )


def ticker(environment: Mapping[str, str], log: Path) -> Program:
    """What calls the scheduled functions."""
    return Program(
        name="ticker",
        command=[sys.executable, "-m", "local.ticker"],
        environment=environment,
        is_ready=lambda: log.exists() and log.stat().st_size > 0,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Addresses:
    """Where the programs of a registry listen."""

    api: int
    issuer: int
    trigger: int
    database: int
    store: int

    def url(self, name: str) -> str:
        """The address of a program that speaks HTTP."""
        return f"http://{HOST}:{getattr(self, name)}"


def registry_environment(home: Home, ports: Addresses, given: Mapping[str, str]) -> dict[str, str]:
    """The MODELRY_ variables of API, trigger and ticker; those given are kept.

    A MODELRY_MONGODB_URI or MODELRY_S3_ENDPOINT that is given stands for a server of one's own.
    """
    environment = dict(given)
    if "MODELRY_MONGODB_URI" not in given:
        environment["MODELRY_MONGODB_URI"] = database_uri(ports.database)
        environment["MODELRY_MONGODB_WALKS_INDEXES"] = "false"
    if "MODELRY_S3_ENDPOINT" not in given:
        environment |= {
            "MODELRY_S3_ENDPOINT": ports.url("store"),
            "MODELRY_S3_ACCESS_KEY": STORE_ACCESS_KEY,
            "MODELRY_S3_SECRET_KEY": home.store_secret(),
            "MODELRY_LOCAL_QUEUE": ports.url("store"),
        }
        environment.setdefault("MODELRY_MAX_FILE_BYTES", str(_largest_file_bytes()))
    admins = f"group:{SHORT_NAME}:{GROUPS['admin']}"
    dev = {
        "name": SHORT_NAME,
        "url": ports.url("issuer"),
        "audience": AUDIENCE,
        "client_id": CLI,
    }
    others = json.loads(given.get("MODELRY_ISSUERS") or "[]")
    environment |= {
        "MODELRY_ISSUERS": json.dumps([*others, dev]),
        "MODELRY_ADMINS": ",".join(filter(None, [given.get("MODELRY_ADMINS"), admins])),
        "MODELRY_PUBLIC_URL": ports.url("api"),
        "PYTHONPATH": str(ROOT),
        "PYTHONUNBUFFERED": "1",
    }
    environment.setdefault("MODELRY_WEBHOOK_TOKEN", home.webhook_token())
    environment.setdefault("MODELRY_AUDIT_KEY", home.audit_key())
    environment.setdefault("MODELRY_TOKEN_PEPPERS", f"local:{home.token_pepper()}")
    environment.setdefault("MODELRY_RELAY_KEYS", f"local:{home.relay_key()}")
    environment.setdefault("MODELRY_RELAY_ALLOWS_PRIVATE", "true")
    return environment


def answers(netloc: str, path: str) -> bool:
    """Whether a GET of the path is answered with 200 within a second."""
    connection = http.client.HTTPConnection(netloc, timeout=5)
    try:
        connection.request("GET", path)
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex((HOST, port)) == 0


def plain_environment() -> dict[str, str]:
    """What any program needs, and none of the variables that configure this or another cloud."""
    return {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("MODELRY_", "AWS_", "PYTHON"))
    }


def _largest_file_bytes() -> int:
    """A sixth of the memory, at most 1 GiB: the embedded store holds files in it, with copies."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return min(LARGEST_EMBEDDED_FILE_BYTES, memory // 6)
