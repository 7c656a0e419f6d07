"""The past and deletion through the SDK and the command, against the whole registry."""

import json
import os
import secrets
import subprocess
import sys
from pathlib import Path

import pytest

from modelry import Conflict, Invalid, Modelry, NotFound, Version
from modelry.moments import moment
from tests.parts import LocalRegistry


@pytest.fixture
def name(registry: Modelry, tmp_path: Path) -> str:
    """A model with two versions; @champion went from the first to the second."""
    model = f"model-{secrets.token_hex(4)}"
    for number in (1, 2):
        (tmp_path / "model.bin").write_bytes(secrets.token_bytes(100))
        registry.push(tmp_path / "model.bin", model)
        registry.set_alias(model, "champion", number, reason=f"to {number}")
    return model


def test_a_version_is_found_and_pulled_as_of_a_time(
    registry: Modelry, name: str, tmp_path: Path
) -> None:
    moved = next(iter(registry.history(f"{name}@champion")))
    then = registry.version(f"{name}:1").created_at
    before = list(registry.history(f"{name}@champion"))[1].at

    assert moved.action == "alias.moved"
    assert moved.changes[0] | {"field": "/version", "before": 1, "after": 2} == moved.changes[0]
    assert registry.version(f"{name}@champion").number == 2
    assert registry.version(f"{name}@champion", as_of=before).number == 1
    assert [each.number for each in registry.versions(name, as_of=then)] == [1]
    pulled = registry.pull(f"{name}@champion", tmp_path / "old", as_of=before)
    assert pulled.version.number == 1
    (change,) = registry.diff(f"{name}@champion", before)
    assert (change.field, change.before, change.after) == ("/version", 1, 2)
    with pytest.raises(NotFound):
        registry.model(name, as_of="2020-01-01")


def test_an_update_is_undone(registry: Modelry, name: str) -> None:
    registry.update_model(name, owner="us", reason="ours")
    registry.update_model(name, owner="them", reason="theirs")

    assert registry.undo(name, reason="no").owner == "us"

    told = [
        (each.action, each.reason)
        for each, _ in zip(registry.history(name), range(3), strict=False)
    ]
    assert told == [
        ("model.update-undone", "no"),
        ("model.updated", "theirs"),
        ("model.updated", "ours"),
    ]
    with pytest.raises(Conflict):
        registry.undo(f"{name}:1")


def test_what_is_deleted_or_archived_comes_back(registry: Modelry, name: str) -> None:
    with pytest.raises(Conflict, match="@champion"):
        registry.delete(f"{name}@champion", reason="why")

    deleted = registry.delete(f"{name}:1", reason="leaked")
    with pytest.raises(NotFound, match="undeleted until"):
        registry.version(f"{name}:1")
    back = registry.undelete(f"{name}:1")
    registry.archive(name)

    assert isinstance(deleted, Version)
    assert deleted.purge_at is not None
    assert (deleted.retention, back.retention) == ("deleted", "active")
    assert name not in [each.name for each in registry.models()]
    assert name in [each.name for each in registry.models(archived=True)]
    assert registry.restore(name).state == "active"


def test_the_command_shows_and_undoes(
    local_registry: LocalRegistry, owner_token: str, registry: Modelry, name: str
) -> None:
    def run(*arguments: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [sys.executable, "-m", "modelry", *arguments],
            env={
                **os.environ,
                "MODELRY_URL": local_registry.url,
                "MODELRY_TOKEN": owner_token,
            },
            capture_output=True,
            text=True,
            check=False,
        )

    registry.update_model(name, owner="us", reason="ours")
    before = list(registry.history(f"{name}@champion"))[1].at
    assert before is not None

    shown = run("history", name)
    undone = run("undo", name)
    old = run("show", f"{name}@champion", "--as-of", before.isoformat(), "--json")
    removed = run("rm", f"{name}:1", "--reason", "leaked")
    unnamed = run("rm", f"{name}:1")
    restored = run("restore", f"{name}:1")
    archived = run("archive", f"{name}:1", "--reason", "old")
    again = run("restore", f"{name}:1")
    nothing = run("ls", name, "--as-of", "2020-01-01")
    renamed = run("rename", name, f"{name}-2", "--reason", "clearer")

    assert "model.updated" in shown.stdout
    assert "/owner: us" in shown.stdout
    assert "is as it was before its last update." in undone.stdout
    assert json.loads(old.stdout)["number"] == 1
    assert "`modelry restore` brings it back until" in removed.stdout
    assert (unnamed.returncode, nothing.returncode) == (2, 3)
    assert restored.stdout == again.stdout == f"default/{name}:1 is back.\n"
    assert archived.stdout == f"default/{name}:1 is archived.\n"
    assert renamed.stdout == f"default/{name}-2 is the new name of {name}.\n"
    assert registry.version(f"{name}-2:1").number == 1


def test_times_are_written_for_the_registry() -> None:
    assert moment(None) is None
    assert moment("2026-11-24T08:00:00+01:00") is not None
    assert (moment("2026-11-24") or "")[10:19] == "T00:00:00"
    with pytest.raises(Invalid):
        moment("yesterday")
