"""The end of a version's life through the SDK and the command, against the whole registry."""

import secrets
import warnings
from pathlib import Path

import pytest

from modelry import DeprecatedVersion, Modelry
from tests.client.commands import Command
from tests.parts import LocalRegistry


@pytest.fixture
def run(local_registry: LocalRegistry, owner_token: str, tmp_path: Path) -> Command:
    return Command(local_registry, owner_token, tmp_path)


@pytest.fixture
def name(registry: Modelry, tmp_path: Path) -> str:
    """A model with two versions; the second is @champion."""
    model = f"model-{secrets.token_hex(4)}"
    for _ in (1, 2):
        (tmp_path / "model.bin").write_bytes(secrets.token_bytes(100))
        registry.push(tmp_path / "model.bin", model)
    registry.set_alias(model, "champion", 2)
    return model


def test_a_pull_of_a_deprecated_version_warns_and_goes_on(
    registry: Modelry, name: str, tmp_path: Path
) -> None:
    registry.deprecate(f"{name}:1", successor="@champion", sunset="2099-01-01", note="drifts")

    with pytest.warns(DeprecatedVersion) as told:
        pulled = registry.pull(f"{name}:1", tmp_path / "old")

    assert pulled.version.number == 1
    text = str(told[0].message)
    assert text.startswith(f"default/{name}:1 has been deprecated since ")
    assert text.endswith(
        f"; it is to be retired on 2099-01-01. Use default/{name}@champion instead. drifts."
    )


def test_a_pull_of_what_is_not_deprecated_any_more_does_not(
    registry: Modelry, name: str, tmp_path: Path
) -> None:
    registry.deprecate(f"{name}:1")
    registry.undeprecate(f"{name}:1", reason="a mistake")

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        registry.pull(f"{name}:1", tmp_path / "old")


def test_the_command_deprecates_and_a_pull_says_so(run: Command, name: str, tmp_path: Path) -> None:
    done = run("deprecate", f"{name}:1", "--successor", "@champion", "--since", "2098-01-01")
    pulled = run("pull", f"{name}:1", str(tmp_path / "old"))
    shown = run("show", f"{name}:1")
    both = run("deprecate", f"{name}:1", "--undo", "--note", "x")
    undone = run("deprecate", f"{name}:1", "--undo")
    again = run("pull", f"{name}:1", str(tmp_path / "new"))

    said = f"default/{name}:1 is going to be deprecated on 2098-01-01. Use"
    assert done.stdout == f"{said} default/{name}@champion instead.\n"
    assert f"Warning: {said}" in pulled.stderr
    assert "Warning" not in pulled.stdout + again.stderr
    assert (pulled.returncode, both.returncode) == (0, 2)
    assert said in shown.stdout
    assert undone.stdout == f"default/{name}:1 is not deprecated.\n"
