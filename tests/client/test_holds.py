"""Legal holds and what rules ask of a model, through the SDK and the command."""

import json
import os
import secrets
import subprocess
import sys
from pathlib import Path

import pytest

from modelry import Conflict, Forbidden, Invalid, Modelry
from modelry.sections import model_sections, version_sections
from tests.parts import LocalRegistry


@pytest.fixture
def name(registry: Modelry, tmp_path: Path) -> str:
    """A model with a version."""
    model = f"model-{secrets.token_hex(4)}"
    registry.register_model(model, compliance={"risk_class": "high", "limitations": "no nights"})
    (tmp_path / "model.bin").write_bytes(secrets.token_bytes(100))
    registry.push(tmp_path / "model.bin", model)
    return model


def modelry(
    registry: LocalRegistry, *words: str, role: str = "owner"
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "modelry", *words, "--url", registry.url],
        env={**os.environ, "MODELRY_TOKEN": registry.token(role)},
        capture_output=True,
        text=True,
        timeout=60,
    )


def test_what_is_held_cannot_be_deleted_until_it_is_released(registry: Modelry, name: str) -> None:
    held = registry.hold(f"{name}:1", matter="case 7", reason="litigation")

    assert [hold["reference"] for hold in held.holds] == ["case 7"]
    assert registry.model(name).held_versions == [1]
    with pytest.raises(Conflict, match="on legal hold"):
        registry.delete(name, reason="why")
    assert registry.release(f"{name}:1", reason="closed").holds == []
    assert registry.delete(name, reason="why").state == "deleted"


def test_a_models_compliance_is_changed_and_checked(registry: Modelry, name: str) -> None:
    changed = registry.update_model(name, compliance={"risk_class": "limited"}, reason="narrower")

    assert changed.compliance == {"risk_class": "limited", "limitations": "no nights"}
    with pytest.raises(Invalid, match=r"compliance\.risk_class"):
        registry.update_model(name, compliance={"risk_class": "enormous"})
    found = registry.search_models(filter=f"compliance.risk_class = 'limited' AND name = '{name}'")
    assert [model.name for model in found] == [name]


def test_show_shows_compliance_and_holds(registry: Modelry, name: str) -> None:
    registry.hold(name, matter="case 7", reason="litigation")
    registry.hold(f"{name}:1", matter="tax", reason="an audit")

    of_model = {section.title: section.rows for section in model_sections(registry.model(name))}
    version = registry.version(f"{name}:1")
    of_version = {section.title: section.rows for section in version_sections(version)}

    assert ("risk_class", "high") in of_model["Compliance"]
    assert of_model["Legal holds"][0][:2] == ("case 7", "litigation")
    assert of_version["Legal holds"][0][:2] == ("tax", "an audit")


def test_the_commands_say_what_is_held_for_what(local_registry: LocalRegistry, name: str) -> None:
    held = modelry(local_registry, "hold", name, "--matter", "case 7", "--reason", "litigation")
    both = modelry(
        local_registry, "hold", name, "--matter", "tax", "--reason", "an audit", "--json"
    )
    unclear = modelry(local_registry, "release", name, "--reason", "closed")
    one = modelry(local_registry, "release", name, "--matter", "tax", "--reason", "closed")
    none = modelry(local_registry, "release", name, "--reason", "closed")

    assert held.stdout.splitlines()[0] == f"default/{name} is on legal hold."
    assert held.stdout.splitlines()[2].split()[:3] == ["case", "7", "litigation"]
    assert [hold["reference"] for hold in json.loads(both.stdout)["holds"]] == ["case 7", "tax"]
    assert (unclear.returncode, "2 legal holds" in unclear.stderr) == (1, True)
    assert "tax" not in one.stdout
    assert none.stdout == f"default/{name} is on no legal hold any more.\n"


def test_a_writer_sets_none(local_registry: LocalRegistry, name: str) -> None:
    token = local_registry.token("writer")

    with Modelry(local_registry.url, token) as writer, pytest.raises(Forbidden):
        writer.hold(name, matter="case 7", reason="why")
