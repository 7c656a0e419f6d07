"""Pushes and pulls that were killed go on where they stopped."""

import json
import os
import secrets
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from modelry import Modelry, Snapshot, downloads
from modelry.files import PART_BYTES
from tests.parts import LocalRegistry

PATIENCE_SECONDS = 60


def start(
    registry: LocalRegistry, token: str, config: Path, code: str
) -> "subprocess.Popen[bytes]":
    environment = {
        **os.environ,
        "MODELRY_URL": registry.url,
        "MODELRY_TOKEN": token,
        "XDG_CONFIG_HOME": str(config),
    }
    return subprocess.Popen([sys.executable, "-c", code], env=environment)


def kill_when(child: "subprocess.Popen[bytes]", happened: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE_SECONDS
    while not happened():
        assert child.poll() is None, "it ended before it could be killed"
        assert time.monotonic() < end, "nothing happened"
        time.sleep(0.005)
    child.send_signal(signal.SIGKILL)
    child.wait()


def test_a_killed_push_sends_only_what_the_store_lacks(
    local_registry: LocalRegistry, registry: Modelry, owner_token: str, tmp_path: Path
) -> None:
    name = f"model-{secrets.token_hex(4)}"
    source = tmp_path / "big.bin"
    source.write_bytes(secrets.token_bytes(1 << 20) * 160)
    code = (
        "from modelry import Modelry\n"
        f"Modelry(workers=1).push({str(source)!r}, {name!r}, code={{}}, environment={{}})"
    )
    upload = f"/namespaces/default/models/{name}/versions/1/upload"

    def a_part_arrived() -> bool:
        if name not in [model.name for model in registry.models()]:
            return False
        if registry.model(name).last_version == 0:
            return False
        answer = registry.transport.request("POST", upload, idempotent=True).document
        return any(item["received_parts"] for item in answer["items"])

    kill_when(start(local_registry, owner_token, tmp_path, code), a_part_arrived)
    seen: list[Snapshot] = []
    version = registry.push(source, name, code={}, environment={}, progress=seen.append)

    sending = [snapshot for snapshot in seen if snapshot.stage == "sending"]
    assert sending[0].done_bytes >= PART_BYTES
    assert sending[-1].done_bytes == sending[-1].total_bytes == 160 << 20
    assert (version.number, version.state) == (1, "ready")
    assert registry.model(name).last_version == 1


def test_a_killed_pull_fetches_only_what_the_disk_lacks(
    local_registry: LocalRegistry, registry: Modelry, owner_token: str, tmp_path: Path
) -> None:
    name = f"model-{secrets.token_hex(4)}"
    source = tmp_path / "big.bin"
    source.write_bytes(secrets.token_bytes(1 << 20) * 130)
    registry.push(source, name)
    code = (
        f"from modelry import Modelry\nModelry(workers=1).pull({name!r}, {str(tmp_path / 'out')!r})"
    )

    def a_range_is_written() -> bool:
        journals = list(tmp_path.glob(".out.modelry-*/journal"))
        return any(len(journal.read_text().splitlines()) > 1 for journal in journals)

    kill_when(start(local_registry, owner_token, tmp_path, code), a_range_is_written)
    assert not (tmp_path / "out").exists()
    (journal,) = tmp_path.glob(".out.modelry-*/journal")
    written = [json.loads(line) for line in journal.read_text().splitlines()[1:]]
    seen: list[Snapshot] = []
    pulled = registry.pull(name, tmp_path / "out", progress=seen.append)

    assert seen[0].done_bytes >= len(written) * downloads.CHUNK_BYTES > 0
    assert seen[-1].done_bytes == 130 << 20
    assert (pulled.path / "big.bin").read_bytes() == source.read_bytes()
    assert list(tmp_path.glob(".out.*")) == []


def test_a_range_that_was_noted_but_is_wrong_is_fetched_again(
    registry: Modelry, tmp_path: Path
) -> None:
    name = f"model-{secrets.token_hex(4)}"
    (tmp_path / "a.bin").write_bytes(secrets.token_bytes(5000))
    version = registry.push(tmp_path / "a.bin", name)
    assert version.digest is not None
    folder = tmp_path / f".out.modelry-{version.digest[7:23]}"
    (folder / "content").mkdir(parents=True)
    (folder / "content" / "a.bin").write_bytes(b"!" * 5000)
    heading = {"digest": version.digest, "chunk_bytes": downloads.CHUNK_BYTES}
    (folder / "journal").write_text(f'{json.dumps(heading)}\n["a.bin", 0]\n')

    pulled = registry.pull(name, tmp_path / "out")

    assert (pulled.path / "a.bin").read_bytes() == (tmp_path / "a.bin").read_bytes()
