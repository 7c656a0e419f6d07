"""Stages through the SDK and the command, against the whole registry."""

import json
import secrets
from pathlib import Path

import pytest

from modelry import Conflict, Invalid, Modelry, Stale
from tests.client.commands import Command
from tests.parts import LocalRegistry

GATED = """
stages = [
  {name = "Draft"},
  {name = "Live", holds = "one", alias = "live", displaced_to = "Draft"},
]

[[transitions]]
from = "Draft"
to = "Live"
gates = [{rule = "metric", require = "auc >= champion - 0.01"}]
"""


@pytest.fixture
def run(local_registry: LocalRegistry, owner_token: str, tmp_path: Path) -> Command:
    return Command(local_registry, owner_token, tmp_path)


@pytest.fixture
def name(registry: Modelry, tmp_path: Path) -> str:
    """A model with three versions, the third worse than the others."""
    return pushed(registry, tmp_path, "default")


def pushed(registry: Modelry, folder: Path, namespace: str) -> str:
    model = f"model-{secrets.token_hex(4)}"
    for auc in (0.9, 0.91, 0.7):
        (folder / "model.bin").write_bytes(secrets.token_bytes(100))
        registry.push(folder / "model.bin", f"{namespace}/{model}", metrics={"auc": auc})
    return model


def test_versions_are_promoted_and_rolled_back(registry: Modelry, name: str) -> None:
    for number in (1, 2):
        registry.promote(f"{name}:{number}", "Staging")
        done = registry.promote(f"{name}:{number}", "Production", reason="better")
    again = registry.promote(f"{name}:2", "Production")

    back = registry.rollback(name, "Production", reason="drifts")

    assert (done.version.number, done.from_stage, done.displaced, done.moved) == (
        2,
        "Staging",
        1,
        True,
    )
    assert not again.moved
    assert (back.version.number, back.displaced) == (1, 2)
    assert registry.version(f"{name}:stage:Production").number == 1
    assert registry.version(f"{name}@production").stage == "Production"
    assert {each.name: each.version for each in registry.stages(name)}["Production"] == 1
    assert registry.model(name).stages == {"Production": 1}
    with pytest.raises(Conflict, match="Nothing was in"):
        registry.rollback(name, "Production")


def test_a_rollback_names_a_stage_or_an_alias(registry: Modelry, name: str) -> None:
    with pytest.raises(Invalid):
        registry.rollback(name)
    registry.set_alias(name, "champion", 1)
    registry.set_alias(name, "champion", 2)

    assert registry.rollback(f"{name}@champion").version.number == 1
    with pytest.raises(Stale):
        registry.rollback(f"{name}@champion", from_version=3)


def test_the_commands_promote_show_and_roll_back(run: Command, name: str) -> None:
    staged = run("promote", f"{name}:1", "Staging")
    asked = run("promote", f"{name}:1", "production", "--dry-run")
    done = run("promote", f"{name}:1", "Production", "--reason", "first")
    again = run("promote", f"{name}:1", "Production")
    run("promote", f"{name}:2", "Staging")
    second = run("promote", f"{name}:2", "Production", "--json")
    stages = run("stages", name)
    shown = run("show", f"{name}:stage:Production")
    model = run("show", name)
    refused = run("promote", f"{name}:3", "Production")
    looked = run("rollback", name, "Production", "--dry-run")
    back = run("rollback", name, "Production", "--reason", "drifts")
    history = run("history", f"{name}@production")
    nothing = run("rollback", name, "Production")
    neither = run("rollback", name)

    assert staged.stdout == f"default/{name}:1 is in Staging.\n"
    assert asked.stdout == f"default/{name}:1 may pass from Staging to Production.\n"
    assert done.stdout == f"default/{name}:1 is in Production.\n"
    assert again.stdout == f"default/{name}:1 is in Production already.\n"
    assert json.loads(second.stdout)["displaced"] == 1
    assert "Production   2           @production" in stages.stdout
    assert f"default/{name}:2" in shown.stdout.splitlines()[0]
    assert "Production" in shown.stdout.splitlines()[1] + shown.stdout.splitlines()[0]
    assert "Production  version 2" in model.stdout
    assert refused.returncode == 1
    assert "There is no way from Development to Production." in refused.stderr
    assert looked.stdout == f"default/{name}:1 may pass from Staging to Production.\n"
    assert back.stdout == f"default/{name}:1 is back in Production, in place of version 2.\n"
    assert "alias.rolled-back" in history.stdout
    assert "drifts" in history.stdout
    assert (nothing.returncode, neither.returncode) == (1, 2)


def test_a_lifecycle_is_shown_edited_and_kept_from_two_editors(
    registry: Modelry, local_registry: LocalRegistry, tmp_path: Path
) -> None:
    namespace = f"team-{secrets.token_hex(4)}"
    with Modelry(local_registry.url, local_registry.token("admin")) as admin:
        admin.create_namespace(namespace)
    run = Command(local_registry, local_registry.token("admin"), tmp_path)
    (tmp_path / "stages.toml").write_text(GATED)
    (tmp_path / "broken.json").write_text("{")

    default = run("lifecycle", namespace=namespace)
    exported = run("lifecycle", "--json", namespace=namespace)
    edited = run("lifecycle", "stages.toml", "--reason", "simpler", namespace=namespace)
    (tmp_path / "old.json").write_text(exported.stdout)
    stale = run("lifecycle", "old.json", namespace=namespace)
    broken = run("lifecycle", "broken.json", namespace=namespace)

    assert "Production   one    @production  protected" in default.stdout
    assert json.loads(exported.stdout)["revision"] == 0
    assert "Draft  Live  metric auc >= champion - 0.01" in edited.stdout
    assert stale.returncode == 1
    assert "is at revision 1" in stale.stderr
    assert "cannot be read" in broken.stderr


def test_a_closed_gate_is_shown_with_its_reason(
    local_registry: LocalRegistry, tmp_path: Path
) -> None:
    namespace = f"team-{secrets.token_hex(4)}"
    run = Command(local_registry, local_registry.token("admin"), tmp_path)
    (tmp_path / "stages.toml").write_text(GATED)
    with Modelry(local_registry.url, local_registry.token("admin")) as admin:
        admin.create_namespace(namespace)
        name = pushed(admin, tmp_path, namespace)
    run("lifecycle", "stages.toml", namespace=namespace)
    run("promote", f"{name}:1", "Live", namespace=namespace)

    asked = run("promote", f"{name}:3", "Live", "--dry-run", namespace=namespace)
    refused = run("promote", f"{name}:3", "Live", namespace=namespace)
    passed = run("promote", f"{name}:2", "Live", namespace=namespace)

    assert asked.returncode == refused.returncode == 1
    why = "0.7 is not >= 0.89; version 1 in Live has 0.9"
    assert f"CLOSED  metric  auc >= champion - 0.01  {why}" in asked.stdout
    assert why in refused.stderr
    assert passed.stdout.splitlines()[1].startswith("open")
    assert passed.stdout.endswith(f"{namespace}/{name}:2 is in Live, in place of version 1.\n")
