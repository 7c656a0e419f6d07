"""The image: its process, started as the image would start it, on real servers."""

import http.client
import json
import platform
import re
import secrets
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from pymongo import MongoClient

from iac.package import ROOT, compile_tree, copy_sources, install, minor_version
from local.ports import free_port
from local.programs import answers
from local.sandbox import PYTHON, without_privileges
from tests import parts
from tests.e2e.function_events import minio_notification
from tests.e2e.function_system import System, running_issuer, running_system
from tests.infrastructure.conftest import MACHINES

CONTAINERFILE = ROOT / "iac/container/Containerfile"
EVENTS_TOKEN = "a-token-of-the-senders"
FILES = {"a folder/w+x.bin": b"one"}


def instructions(name: str) -> list[str]:
    """The arguments of each instruction of this name, in order."""
    text = CONTAINERFILE.read_text(encoding="utf-8").replace("\\\n", " ")
    return re.findall(rf"^{name} +(.*)$", text, re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Container:
    """A running one: requests to it, and the registry that its tests speak to in other ways."""

    port: int
    process: "subprocess.Popen[bytes]"
    system: System

    def ask(
        self, method: str, path: str, body: Any = None, *, token: str = ""
    ) -> tuple[int, Mapping[str, str], bytes]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        headers = {"Authorization": f"Bearer {token or self.system.token}"}
        try:
            connection.request(method, path, None if body is None else json.dumps(body), headers)
            answer = connection.getresponse()
            return answer.status, answer.headers, answer.read()
        finally:
            connection.close()


@pytest.fixture(scope="module")
def image(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The image's /app, as its instructions make it."""
    tree = tmp_path_factory.mktemp("image") / "app"
    (lock,) = re.findall(r"requirements/\S+\.txt", instructions("COPY")[0])
    version = minor_version(sys.executable)
    install(MACHINES[platform.machine()], version, tree, ROOT / lock)
    assert {f"{room} /app/{room}" for room in ("core", "handlers")} <= set(instructions("COPY"))
    copy_sources(tree)
    compile_tree(sys.executable, tree)
    return tree


@pytest.fixture(scope="module")
def container(
    image: Path, mongodb_uri: str, s3: parts.S3Server, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Container]:
    database = f"test_{secrets.token_hex(6)}"
    with ExitStack() as stack:
        issuer = stack.enter_context(running_issuer(tmp_path_factory.mktemp("issuer")))
        bucket = stack.enter_context(parts.bucket_of(s3))
        system = stack.enter_context(running_system(mongodb_uri, database, s3, bucket, issuer))
        container = started(image, system)
        yield container
        container.process.kill()
        container.process.wait()
    with MongoClient[Any](mongodb_uri) as client:
        client.drop_database(database)


def started(image: Path, system: System) -> Container:
    """A container that is ready; whoever started it last stops it."""
    port = free_port()
    (entrypoint,) = instructions("ENTRYPOINT")
    command = json.loads(entrypoint)
    assert command[0] == "python"
    process = subprocess.Popen(
        [*without_privileges(), str(PYTHON), *command[1:]],
        cwd=image,
        env={
            **dict(pair.split("=", 1) for pair in instructions("ENV")[0].split()),
            **system.environment,
            "MODELRY_EVENTS_TOKEN": EVENTS_TOKEN,
            "PORT": str(port),
        },
    )
    end = time.monotonic() + parts.START_SECONDS
    while not answers(f"127.0.0.1:{port}", "/health"):
        assert process.poll() is None, "it ended"
        assert time.monotonic() < end, "it is not ready"
        time.sleep(0.05)
    return Container(port, process, system)


def test_it_runs_as_nobody_with_nothing_to_write() -> None:
    assert instructions("USER") == ["65532:65532"]
    assert "PYTHONDONTWRITEBYTECODE=1" in instructions("ENV")[0]
    assert not instructions("VOLUME")
    ignored = CONTAINERFILE.with_name("Containerfile.dockerignore").read_text(encoding="utf-8")
    assert ignored.startswith("*\n"), "what is not named does not come along"


def test_the_api_answers(container: Container) -> None:
    status, headers, body = container.ask("GET", "/api/v1/whoami")

    assert (status, json.loads(body)["principal"]) == (200, "subject:dev:alice")
    assert "server" not in headers
    assert container.ask("GET", "/health")[::2] == (200, b"OK")


def test_the_store_s_webhook_makes_a_version_ready(container: Container) -> None:
    version, items = container.system.declare(FILES)
    (key,) = container.system.send(items, FILES)
    event = minio_notification(container.system.bucket, key)

    refused, *_ = container.ask("POST", "/events/uploads", event)
    status, _, body = container.ask("POST", "/events/uploads", event, token=EVENTS_TOKEN)

    assert (refused, status) == (401, 200)
    assert json.loads(body) == {"outcomes": {"ready": 1}}
    assert container.system.state(version) == "ready"


def test_a_schedule_is_a_post(container: Container) -> None:
    status, _, body = container.ask("POST", "/events/sweep", token=EVENTS_TOKEN)

    assert status == 200
    assert {"expired", "purged", "sealed"} <= json.loads(body).keys()


def test_it_ends_when_it_is_asked_to(container: Container) -> None:
    container.process.send_signal(signal.SIGTERM)

    assert container.process.wait(parts.START_SECONDS) in {0, -signal.SIGTERM}
