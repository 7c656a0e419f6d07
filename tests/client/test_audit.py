"""The audit log through the SDK and the command, against the whole registry."""

import json
import os
import secrets
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from modelry import Conflict, Forbidden, Modelry
from modelry.audit.verification import verify_export
from tests.parts import LocalRegistry

SEALED_SECONDS = 90


@pytest.fixture
def auditor(local_registry: LocalRegistry) -> Iterator[Modelry]:
    with Modelry(local_registry.url, local_registry.token("auditor")) as client:
        yield client


@pytest.fixture
def pulled(registry: Modelry, tmp_path: Path) -> str:
    """A model that was pushed and pulled."""
    name = f"model-{secrets.token_hex(4)}"
    (tmp_path / "model.bin").write_bytes(b"weights")
    registry.push(tmp_path / "model.bin", name)
    registry.pull(name, tmp_path / "pulled")
    return name


def run(registry: LocalRegistry, role: str, *arguments: str) -> "subprocess.CompletedProcess[str]":
    environment = {
        **os.environ,
        "MODELRY_URL": registry.url,
        "MODELRY_TOKEN": registry.token(role),
        "PYTHONPATH": "client/src",
    }
    return subprocess.run(
        [sys.executable, "-m", "modelry", "audit", *arguments],
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_who_pulled_what_is_told_to_auditors_and_owners(
    registry: Modelry, auditor: Modelry, pulled: str
) -> None:
    subject = f"default/{pulled}/1"

    (event,) = auditor.audit_events(action="download.granted", subject=subject)
    (own,) = registry.audit_events(namespace="default", kind="download", subject=subject)

    assert event.raw == own.raw
    assert event.details["file_count"] == 1
    assert event.actor_roles
    with pytest.raises(Forbidden):
        next(registry.audit_events())


def test_a_refusal_is_told_to_auditors(
    local_registry: LocalRegistry, auditor: Modelry, pulled: str
) -> None:
    with Modelry(local_registry.url, local_registry.token("reader")) as reader:
        with pytest.raises(Forbidden):
            reader.update_model(pulled, owner="me")
        with pytest.raises(Forbidden):
            next(reader.audit_events(namespace="default"))

    subject = f"default/{pulled}"
    (event,) = auditor.audit_events(outcome="refused", subject=subject)
    assert event.details["wanted"] == "model.update"


def test_an_owner_is_told_what_to_do_instead_of_an_export(
    registry: Modelry, tmp_path: Path
) -> None:
    with pytest.raises(Forbidden, match="prove single events"):
        registry.export_audit(tmp_path / "export", namespace="default")


def sealed(auditor: Modelry, subject: str) -> Any:
    """The event of the pull and its proof, once `sweep` has sealed it."""
    (event,) = auditor.audit_events(action="download.granted", subject=subject)
    end = time.monotonic() + SEALED_SECONDS
    while True:
        try:
            return event, auditor.prove(event)
        except Conflict:
            assert time.monotonic() < end, "sweep did not seal it"
            time.sleep(0.5)


def test_the_log_is_sealed_exported_proved_and_verified(
    local_registry: LocalRegistry, auditor: Modelry, pulled: str, tmp_path: Path
) -> None:
    event, proof = sealed(auditor, f"default/{pulled}/1")
    folder, keys, proven = tmp_path / "export", tmp_path / "keys.json", tmp_path / "proof.json"

    assert proof["event"]["id"] == event.id
    keys.write_text(run(local_registry, "auditor", "keys").stdout)
    exported = run(local_registry, "auditor", "export", str(folder), "--json")
    last = json.loads(exported.stdout)["last"]
    verified = run(
        local_registry, "auditor", "verify", str(folder), "--keys", str(keys), "--known", last
    )
    assert verified.returncode == 0, verified.stderr
    assert "nothing was altered, removed, added or reordered" in verified.stdout
    assert verify_export(folder).is_good
    made = run(local_registry, "auditor", "prove", event.id, "--out", str(proven))
    assert "is under checkpoint" in made.stdout
    checked = run(local_registry, "auditor", "verify", str(proven), "--keys", str(keys))
    assert checked.returncode == 0

    text = (folder / "events.ndjson").read_text()
    (folder / "events.ndjson").write_text(text.replace(event.request_id, "another"))
    found = run(local_registry, "auditor", "verify", str(folder), "--keys", str(keys))

    assert found.returncode == 1
    assert "was altered" in found.stderr
    listed = run(local_registry, "auditor", "checkpoints")
    assert last in listed.stdout


def test_the_log_is_listed_and_exported_as_cloud_events(
    local_registry: LocalRegistry, pulled: str, tmp_path: Path
) -> None:
    listed = run(local_registry, "owner", "list", "-n", "default", "--action", "download.*")
    file = tmp_path / "events.json"
    written = run(
        local_registry, "owner", "export", str(file), "-n", "default",
        "--format", "cloudevents", "--subject", f"default/{pulled}/1",
    )  # fmt: skip

    assert f"default/{pulled}/1 1 files" in listed.stdout
    assert written.returncode == 0, written.stderr
    events = [json.loads(line) for line in file.read_text().splitlines()]
    assert "modelry.download.granted" in {event["type"] for event in events}
