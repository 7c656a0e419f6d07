"""Parts that fall away or are killed: what is said, what is kept, that it works again."""

import contextlib
import secrets
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import pytest

from local import programs
from local.ports import free_port
from modelry import Modelry, ModelryError
from modelry.errors import Unavailable
from modelry.retries import RetryPolicy
from tests import parts
from tests.parts import START_SECONDS, LocalRegistry

NAME = "default/outlives"
ONCE = RetryPolicy(attempts=1)


@contextlib.contextmanager
def started(registry: LocalRegistry) -> Iterator[LocalRegistry]:
    try:
        yield registry.start()
    finally:
        if registry.child is not None and registry.child.poll() is None:
            registry.stop()


def eventually(done: Callable[[], Any]) -> Any:
    """What `done` returns once the registry can be reached again."""
    end = time.monotonic() + START_SECONDS
    while True:
        try:
            return done()
        except ModelryError:
            if time.monotonic() > end:
                raise
            time.sleep(0.1)


def database(port: int, folder: Path) -> tuple[AbstractContextManager[None], dict[str, str]]:
    program = programs.database(port, folder / "database")
    return parts.running(folder, program), {"MODELRY_MONGODB_URI": programs.database_uri(port)}


def store(port: int, folder: Path) -> tuple[AbstractContextManager[None], dict[str, str]]:
    program = programs.store(port, folder / "objects", folder / "state", "a-secret-of-the-test")
    return parts.running(folder, program), {
        "MODELRY_S3_ENDPOINT": f"http://127.0.0.1:{port}",
        "MODELRY_S3_ACCESS_KEY": programs.STORE_ACCESS_KEY,
        "MODELRY_S3_SECRET_KEY": "a-secret-of-the-test",
    }


@pytest.mark.parametrize("part", [database, store])
def test_a_part_that_is_down_is_said_and_nothing_is_lost(
    part: Callable[[int, Path], tuple[AbstractContextManager[None], dict[str, str]]],
    tmp_path: Path,
) -> None:
    port, folder = free_port(), tmp_path / "part"
    folder.mkdir()
    source = tmp_path / "model.bin"
    source.write_bytes(secrets.token_bytes(1000))
    running, settings = part(port, folder)
    registry = LocalRegistry(tmp_path / "home")
    registry.settings = {**registry.settings, **settings}

    with contextlib.ExitStack() as stack:
        with running:
            stack.enter_context(started(registry))
            client = Modelry(registry.url, token=registry.token("owner"), retries=ONCE)
            first = client.push(source, NAME)
        with pytest.raises(Unavailable) as refused:
            client.push(source, NAME, parameters={"again": True})
        status, said = registry.call("GET", "/health")
        with part(port, folder)[0]:
            second = eventually(lambda: client.push(source, NAME, parameters={"again": True}))
            kept = client.version(f"{NAME}:{first.number}")

    assert refused.value.status == 503
    assert (status, said["status"]) == (503, 503)
    assert (kept.state, kept.digest) == ("ready", first.digest)
    assert (second.state, second.digest) == ("ready", first.digest)


def test_a_push_goes_on_after_the_whole_registry_was_killed(tmp_path: Path) -> None:
    source = tmp_path / "big.bin"
    source.write_bytes(secrets.token_bytes(1 << 20) * 140)
    registry = LocalRegistry(tmp_path / "home")
    failures: list[Exception] = []

    def push(client: Modelry) -> None:
        try:
            client.push(source, NAME)
        except ModelryError as error:
            failures.append(error)

    with started(registry):
        token = registry.token("owner")
        client = Modelry(registry.url, token=token, retries=ONCE)
        pushing = threading.Thread(target=push, args=(client,))
        pushing.start()
        eventually(lambda: client.version(f"{NAME}:1"))
        assert registry.child is not None
        registry.child.kill()
        registry.child.wait()
        pushing.join(START_SECONDS)
    with started(registry):
        again = Modelry(registry.url, token=token)
        pending = again.version(f"{NAME}:1").state
        version = again.push(source, NAME)
        pulled = again.pull(f"{NAME}:1", tmp_path / "pulled")

    assert failures, "the push was not interrupted"
    assert (pending, version.number, version.state) == ("pending", 1, "ready")
    assert pulled.digest == version.digest
