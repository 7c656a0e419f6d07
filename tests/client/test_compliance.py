"""Reports of what lacks, and retention, through the SDK and the command."""

import json
import secrets
from pathlib import Path

import pytest

from modelry import Invalid, Modelry, Stale
from tests.client.commands import Command
from tests.parts import LocalRegistry


@pytest.fixture
def name(registry: Modelry, tmp_path: Path) -> str:
    model = f"model-{secrets.token_hex(4)}"
    registry.register_model(model, compliance={"risk_class": "high", "intended_use": "triage"})
    (tmp_path / "model.bin").write_bytes(secrets.token_bytes(100))
    registry.push(
        tmp_path / "model.bin",
        model,
        metrics={"recall": 0.9},
        compliance={"personal_data": {"present": False}},
    )
    return model


@pytest.fixture
def modelry(local_registry: LocalRegistry, owner_token: str, tmp_path: Path) -> Command:
    return Command(local_registry, owner_token, tmp_path)


@pytest.fixture
def room(local_registry: LocalRegistry) -> str:
    """A namespace of its own, for policies."""
    name = f"room-{secrets.token_hex(4)}"
    with Modelry(local_registry.url, local_registry.token("admin")) as admin:
        admin.create_namespace(name)
    return name


def test_a_report_says_what_lacks(registry: Modelry, name: str) -> None:
    found = registry.compliance(name)

    assert found.risk_class == "high"
    assert [each["id"] for each in found.rule_sets] == ["eu-ai-act", "eu-ai-act-annex-iv", "gdpr"]
    gdpr = registry.compliance(f"{name}:1", rules=["gdpr"])
    assert gdpr.counts == {"present": 1, "partial": 0, "missing": 0, "not_applicable": 14}
    with pytest.raises(Invalid, match="no rule set 'hipaa'"):
        registry.compliance(name, rules=["hipaa"])


def test_the_command_prints_a_table_of_what_lacks(modelry: Command, name: str) -> None:
    shown = modelry("compliance", name, "--lacking")
    raw = modelry("compliance", name, "--json", "--rules", "gdpr")

    assert shown.stdout.startswith(f"default/{name}:1, risk class high\n")
    rows = [line.split()[:2] for line in shown.stdout.splitlines() if "Annex IV(4)" in line]
    assert rows == [["missing", "AI"]]
    assert "  nothing lacks\n" in shown.stdout
    assert "present, " in shown.stdout
    assert json.loads(raw.stdout)["counts"]["missing"] == 0


def test_retention_is_set_and_what_is_not_said_stays(modelry: Command, room: str) -> None:
    admin = Command(modelry.registry, modelry.registry.token("admin"), modelry.folder)
    admin("retention", "--keep", "3650:risk=high", "--keep", "365:stage=Production", namespace=room)
    shown = admin("retention", "--grace", "30", "--reason", "policy 12", namespace=room)
    none = admin("retention", "--keep-nothing", namespace=room)

    assert shown.stdout.splitlines() == [
        "deletions can be undone for  30 days",
        "uploads are waited for       as the registry is set up",
        "kept 3650 days: risk high",
        "kept 365 days: stage Production",
    ]
    assert "kept" not in none.stdout
    assert "30 days" in none.stdout
    for wrong in ("x", "3:colour=red", "3:risk="):
        assert admin("retention", "--keep", wrong, namespace=room).returncode == 2


def test_retention_is_compared_and_set(local_registry: LocalRegistry, room: str) -> None:
    with Modelry(local_registry.url, local_registry.token("admin"), namespace=room) as admin:
        before = admin.retention()
        admin.set_retention(grace_days=9, etag=before.etag)

        with pytest.raises(Stale):
            admin.set_retention(grace_days=8, etag=before.etag)
        with pytest.raises(Invalid, match=r"keep\.0\.risk_classes"):
            admin.set_retention(keep=[{"days": 1, "risk_classes": ["enormous"]}])
        assert admin.retention().grace_days == 9


def test_rule_sets_are_chosen(local_registry: LocalRegistry, room: str) -> None:
    with Modelry(local_registry.url, local_registry.token("admin"), namespace=room) as admin:
        assert admin.rule_sets()["rule_sets"] is None
        assert admin.set_rule_sets(["gdpr"])["rule_sets"] == ["gdpr"]
        assert len(admin.rule_sets()["available"]) == 3


def test_the_command_shows_and_chooses_rule_sets(
    local_registry: LocalRegistry, room: str, tmp_path: Path
) -> None:
    admin = Command(local_registry, local_registry.token("admin"), tmp_path)

    chosen = admin("rules", "gdpr", "--reason", "no high risk here", namespace=room)
    shown = admin("rules", namespace=room)
    wrong = admin("rules", "hipaa", namespace=room)

    assert (chosen.stdout, chosen.stderr) == (shown.stdout, "")
    assert [line.split()[1] == "yes" for line in shown.stdout.splitlines()[1:]] == [
        *(False, False, True),
    ]
    assert (wrong.returncode, "no rule set 'hipaa'" in wrong.stderr) == (1, True)
