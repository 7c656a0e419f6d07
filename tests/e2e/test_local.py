"""`make run`: that it comes up, goes down, and keeps what it was given."""

import hashlib
import http.client
import os
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from local.ports import free_port
from local.state import Home, started_at
from tests.parts import ROOT, START_SECONDS, LocalRegistry

CONTENT = b"forty-two" * 1000
PATH = "a folder/w+x.bin"
MODELS = "/api/v1/namespaces/default/models"


@pytest.fixture
def registry(tmp_path: Path) -> Iterator[LocalRegistry]:
    registry = LocalRegistry(tmp_path / "home")
    yield registry
    if registry.child is not None and registry.child.poll() is None:
        registry.stop()
    registry.discard()


def push(registry: LocalRegistry, model: str, token: str) -> None:
    """Declare a version of one file and send its bytes, and nothing more."""
    digest = hashlib.sha256(CONTENT).hexdigest()
    file = {"path": PATH, "size_bytes": len(CONTENT), "sha256": digest}
    status, said = registry.call("POST", MODELS, {"name": model}, token=token)
    assert status == 201, said
    versions = f"{MODELS}/{model}/versions"
    status, said = registry.call("POST", versions, {"files": [file]}, token=token)
    assert status == 201, said
    status, said = registry.call("POST", f"{versions}/1/upload", {}, token=token)
    assert status == 200, said
    (item,) = said["items"]
    assert send(item["method"].upper(), item["url"], item["headers"], CONTENT)[0] == 200


def send(method: str, url: str, headers: dict[str, str], body: bytes = b"") -> tuple[int, bytes]:
    address, _, path = url.removeprefix("http://").partition("/")
    connection = http.client.HTTPConnection(address, timeout=30)
    try:
        connection.request(method, f"/{path}", body, headers)
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


def wait_until_ready(registry: LocalRegistry, model: str, token: str) -> dict[str, object]:
    end = time.monotonic() + START_SECONDS
    while True:
        status, version = registry.call("GET", f"{MODELS}/{model}/versions/1", token=token)
        if status == 200 and version["state"] != "pending":
            return dict(version)
        assert time.monotonic() < end, version
        time.sleep(0.05)


def wait_until_gone(pids: list[int]) -> None:
    end = time.monotonic() + START_SECONDS
    while left := [pid for pid in pids if started_at(pid) is not None]:
        assert time.monotonic() < end, f"still there: {left}"
        time.sleep(0.05)


def test_a_registry_is_healthy_and_gives_a_token_for_each_role(
    local_registry: LocalRegistry,
) -> None:
    assert local_registry.call("GET", "/health") == (200, "OK")
    for role, group, scope in (
        ("admin", "admins", "*"),
        ("auditor", "auditors", "*"),
        ("reader", "readers", "default"),
        ("writer", "writers", "default"),
        ("approver", "approvers", "default"),
        ("owner", "owners", "default"),
    ):
        token = local_registry.token(role)
        status, me = local_registry.call("GET", "/api/v1/whoami", token=token)

        assert (status, me["groups"]) == (200, [group])
        assert me["principal"] == f"subject:dev:dev-{role}"
        assert {"scope": scope, "role": role} in me["roles"]


def test_the_store_s_own_event_makes_an_upload_ready(local_registry: LocalRegistry) -> None:
    token = local_registry.token("writer")

    push(local_registry, "announced", token)

    version = wait_until_ready(local_registry, "announced", token)
    assert (version["state"], version["size_bytes"]) == ("ready", len(CONTENT))


def test_metadata_artifacts_and_tokens_outlive_a_restart(registry: LocalRegistry) -> None:
    registry.start()
    token = registry.token("owner")
    push(registry, "kept", token)
    completion = f"{MODELS}/kept/versions/1/upload/complete"
    status, completed = registry.call("POST", completion, {}, token=token)
    assert (status, completed["state"]) == (200, "ready")
    before = completed["version"]

    assert registry.stop() == 0
    registry.start()

    status, after = registry.call("GET", f"{MODELS}/kept/versions/1", token=token)
    assert (status, after) == (200, before)
    status, page = registry.call("GET", f"{MODELS}/kept/versions/1/downloads", token=token)
    assert send("GET", page["items"][0]["url"], {}) == (200, CONTENT)
    status, grants = registry.call("GET", "/api/v1/namespaces/default/grants", token=token)
    assert len(grants["items"]) == 5, "the first start's grants, once"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_every_process_it_started(
    registry: LocalRegistry, number: signal.Signals
) -> None:
    registry.start()
    pids = list(registry.processes().values())

    assert registry.stop(number) == 0

    assert [pid for pid in pids if started_at(pid) is not None] == []
    assert Home(registry.folder).addresses() is None


def test_a_signal_while_it_starts_ends_it_too(registry: LocalRegistry) -> None:
    child = registry.launch()
    noted = Home(registry.folder).running
    end = time.monotonic() + START_SECONDS
    while not noted.exists():
        assert child.poll() is None, registry.output
        assert time.monotonic() < end, registry.output
        time.sleep(0.01)
    pids = list(registry.processes().values())

    assert registry.stop() == 0

    wait_until_gone(pids)
    assert "Modelry is ready" not in registry.output


def test_after_the_launcher_is_killed_nothing_stays_and_the_next_start_works(
    registry: LocalRegistry,
) -> None:
    registry.start()
    pids = list(registry.processes().values())

    registry.stop(signal.SIGKILL)
    registry.start()

    wait_until_gone(pids)
    assert registry.call("GET", "/health") == (200, "OK")


def test_a_program_that_dies_is_named_with_its_log_and_everything_ends(
    registry: LocalRegistry,
) -> None:
    registry.start()
    processes = registry.processes()

    os.kill(processes["trigger"], signal.SIGKILL)

    assert registry.child is not None
    assert registry.child.wait(START_SECONDS) == 1
    assert "trigger has ended unexpectedly. The end of" in registry.output
    wait_until_gone(list(processes.values()))


def test_two_registries_run_side_by_side(
    local_registry: LocalRegistry, registry: LocalRegistry
) -> None:
    registry.start()

    for each in (local_registry, registry):
        assert each.call("GET", "/health") == (200, "OK")
    stranger = registry.token("admin")
    status, _ = local_registry.call("GET", "/api/v1/whoami", token=stranger)
    assert status == 401, "each trusts its own issuer only"


def test_a_port_that_is_taken_is_named(
    local_registry: LocalRegistry, registry: LocalRegistry
) -> None:
    registry.port = local_registry.port

    assert registry.launch().wait(START_SECONDS) == 1

    assert f"Something listens on 127.0.0.1:{registry.port} already" in registry.output
    assert "make run PORT=" in registry.output


def test_a_folder_in_use_is_named(local_registry: LocalRegistry, registry: LocalRegistry) -> None:
    registry.folder = local_registry.folder
    registry.port = free_port()
    screen = local_registry.screen.read_text()

    status = registry.launch().wait(START_SECONDS)
    output = registry.output
    local_registry.screen.write_text(screen)

    assert status == 1
    assert f"DATA_DIR={registry.folder} already, at {local_registry.url}" in output


def test_without_a_registry_there_is_no_token_but_advice(registry: LocalRegistry) -> None:
    asked = subprocess.run(
        ["make", "-s", "token"],
        cwd=ROOT,
        env=registry.environment,
        capture_output=True,
        text=True,
        check=False,
    )

    assert asked.returncode != 0
    assert asked.stdout == ""
    assert "Start one: make run" in asked.stderr


@pytest.mark.parametrize("authorization", [None, "", "Bearer", "Bearer wrong", "Basic wrong"])
def test_the_webhook_refuses_a_wrong_or_absent_token(
    local_registry: LocalRegistry, authorization: str | None
) -> None:
    headers = {} if authorization is None else {"Authorization": authorization}

    status, _ = send("POST", webhook_of(local_registry), headers, b'{"Records": [{}]}')

    assert status == 401


def test_the_webhook_takes_an_event_with_the_right_token(local_registry: LocalRegistry) -> None:
    token = local_registry.settings.get("MODELRY_WEBHOOK_TOKEN")
    token = token or Home(local_registry.folder).webhook_token()

    status, _ = send(
        "POST", webhook_of(local_registry), {"Authorization": f"Bearer {token}"}, b"{}"
    )

    assert status == 200


def webhook_of(registry: LocalRegistry) -> str:
    addresses = Home(registry.folder).addresses()
    assert addresses is not None
    return f"{addresses['trigger']}/"
