"""Operators at a terminal: compare, clean, back up, and bring back into a new database."""

import subprocess
import sys
import uuid

import pytest

from modelry import Modelry
from tests.parts import ROOT, LocalRegistry


def operate(
    registry: LocalRegistry, *arguments: str, **settings: str
) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "local.admin", *arguments],
        cwd=ROOT,
        env={**registry.environment, **settings},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def room(local_registry: LocalRegistry) -> str:
    name = f"room-{uuid.uuid4().hex[:8]}"
    with Modelry(local_registry.url, local_registry.token("admin"), namespace=name) as registry:
        registry.create_namespace(name)
        registry.register_model("iris", description="Flowers")
        registry.push(str(ROOT / "LICENSE"), "iris", code={}, environment={})
    return name


def test_an_operator_compares_and_cleans(local_registry: LocalRegistry, room: str) -> None:
    agreed = operate(local_registry, "check", room)
    nothing = operate(local_registry, "clean", room, "--yes")

    assert (agreed.returncode, agreed.stdout) == (0, "Nothing to say: they agree.\n"), agreed.stderr
    assert (nothing.returncode, nothing.stderr) == (0, "")


def test_a_backup_is_brought_back_into_a_new_database(
    local_registry: LocalRegistry, room: str
) -> None:
    written = operate(local_registry, "backup")
    assert written.returncode == 0, written.stderr
    name, _, counted = written.stdout.partition(" written: ")
    elsewhere = {"MODELRY_MONGODB_DATABASE": f"restored_{uuid.uuid4().hex[:8]}"}

    restored = operate(local_registry, "restore", name, **elsewhere)
    again = operate(local_registry, "restore", name, **elsewhere)
    checked = operate(local_registry, "check", room, **elsewhere)

    assert restored.stdout == f"{name} restored: {counted}", restored.stderr
    assert again.returncode == 2
    assert "not empty" in again.stderr
    assert checked.stdout == "Nothing to say: they agree.\n", checked.stderr


def test_what_cannot_be_done_is_said(local_registry: LocalRegistry) -> None:
    unknown = operate(local_registry, "restore", "never")
    elsewhere = operate(local_registry, "check", "nowhere")

    assert (unknown.returncode, elsewhere.returncode) == (2, 2)
    assert "no whole backup 'never'" in unknown.stderr
    assert "'nowhere'" in elsewhere.stderr
