"""Pushing the same training twice, and versions that tell what changed, on a real registry."""

import json
import secrets
import subprocess
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from modelry import Modelry
from modelry.build import record_code
from modelry.cli import modelry
from modelry.errors import Conflict, NotFound
from tests.parts import LocalRegistry

FACTS = {"parameters": {"depth": 3}, "code": {"commit": "c0ffee"}, "signature": {"inputs": ["x"]}}


@pytest.fixture
def model() -> str:
    return f"iris-{secrets.token_hex(4)}"


@pytest.fixture
def weights(tmp_path: Path) -> Path:
    path = tmp_path / "weights.bin"
    path.write_bytes(secrets.token_bytes(1000))
    return path


def test_the_same_training_pushed_twice_sends_nothing_the_second_time(
    registry: Modelry, weights: Path, model: str
) -> None:
    first = registry.push(weights, model, **FACTS)
    steps = []

    second = registry.push(weights, model, **FACTS, progress=lambda at: steps.append(at.stage))
    third = registry.push(weights, model, **FACTS, on_repeat="new")

    assert [each.registration for each in (first, second, third)] == ["new", "existing", "new"]
    assert [each.number for each in (first, second, third)] == [1, 1, 2]
    assert set(steps) == {"reading"}
    assert second.raw == first.raw


def test_a_version_is_given_or_follows_from_what_changed(
    registry: Modelry, weights: Path, model: str
) -> None:
    registry.push(weights, model, **FACTS)
    second = registry.push(weights, model, **{**FACTS, "parameters": {"depth": 4}})
    third = registry.push(weights, model, **{**FACTS, "signature": {"inputs": []}}, version="3.0.0")

    assert (second.version, second.version_reason) == ("1.1.0", "parameters changed since 1.0.0")
    assert third.version == "3.0.0"
    with pytest.raises(Conflict, match=r"3\.0\.0"):
        registry.push(weights, model, **FACTS, version="3.0.0", on_repeat="new")
    with pytest.raises(Conflict, match="signature changed"):
        registry.push(weights, model, **FACTS, version="3.1.0")


def test_a_version_is_pulled_by_every_new_name(
    registry: Modelry, weights: Path, model: str, tmp_path: Path
) -> None:
    first = registry.push(weights, model, **FACTS)
    second = registry.push(weights, model, **{**FACTS, "parameters": {"depth": 4}})

    named = {
        ":1.0.0": first,
        ":==1.1.0": second,
        ":~=1.0": second,
        ":~=1.0.0": first,
        f"@{first.fingerprint}": first,
    }
    for index, (name, version) in enumerate(named.items()):
        pulled = registry.pull(f"{model}{name}", tmp_path / str(index))
        assert pulled.version.number == version.number
    with pytest.raises(NotFound, match=r"from 2\.0\.0 on"):
        registry.version(f"{model}:~=2.0")


def command(local_registry: LocalRegistry, token: str, *arguments: str) -> Result:
    settings = {"MODELRY_URL": local_registry.url, "MODELRY_TOKEN": token}
    return CliRunner(env=settings).invoke(modelry, arguments, catch_exceptions=False)


def test_the_command_line_says_which_version_and_why(
    local_registry: LocalRegistry, owner_token: str, weights: Path, model: str
) -> None:
    def push(*more: str) -> Result:
        fixed = ("--no-code", "--no-environment", "-p", "depth=3")
        return command(local_registry, owner_token, "push", str(weights), model, *fixed, *more)

    first, again, changed = push(), push(), push("-p", "depth=4")
    given = push("--version", "4.0.0-rc.1", "--on-repeat", "new", "--json")
    shown = command(local_registry, owner_token, "show", f"{model}:~=1.0")

    assert f"default/{model}:1 is ready" in first.stdout
    assert "version 1.0.0: first version" in first.stdout
    assert "same training as version 1 (1.0.0); nothing was sent" in again.stdout
    assert "version 1.1.0: parameters changed since 1.0.0" in changed.stdout
    assert json.loads(given.stdout)["version"] == "4.0.0-rc.1"
    assert json.loads(given.stdout)["registration"] == "new"
    words = " ".join(shown.stdout.split())
    assert f"{model}:2 1.1.0" in words
    assert "semantic version parameters changed since 1.0.0" in words


def git(folder: Path, *arguments: str) -> None:
    identity = ("-c", "user.name=a", "-c", "user.email=a@example.org")
    subprocess.run(["git", "-C", folder, *identity, *arguments], check=True, capture_output=True)


def test_changes_in_the_working_tree_are_recorded_by_their_digest(tmp_path: Path) -> None:
    script = tmp_path / "train.py"
    script.write_text("depth = 3\n")
    git(tmp_path, "init", "-q")
    git(tmp_path, "add", "train.py")
    git(tmp_path, "commit", "-q", "-m", "one")

    clean = record_code(tmp_path)
    script.write_bytes(b"depth = 4  # \xff\n")
    dirty = record_code(tmp_path)
    git(tmp_path, "config", "diff.mnemonicPrefix", "true")
    git(tmp_path, "config", "diff.context", "9")
    same = record_code(tmp_path)
    script.write_text("depth = 5\n")
    other = record_code(tmp_path)

    assert (clean["dirty"], "diff_sha256" in clean) == (False, False)
    assert dirty["dirty"]
    assert dirty == same
    assert dirty["commit"] == other["commit"] == clean["commit"]
    assert len({dirty["diff_sha256"], other["diff_sha256"]}) == 2
