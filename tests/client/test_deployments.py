"""Environments and deployments through the SDK and the command, against the whole registry."""

import json
import secrets
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from modelry import Conflict, Invalid, Modelry, NotFound
from modelry.cli import modelry as command
from tests.parts import LocalRegistry


@pytest.fixture
def model(registry: Modelry, tmp_path: Path) -> str:
    """A model with two versions, the first of them @champion."""
    name = f"model-{secrets.token_hex(4)}"
    for _ in (1, 2):
        (tmp_path / "model.bin").write_bytes(secrets.token_bytes(100))
        registry.push(tmp_path / "model.bin", name)
    registry.set_alias(name, "champion", 1)
    return name


@pytest.fixture
def place(registry: Modelry) -> str:
    return registry.create_environment(f"eu/{secrets.token_hex(4)}", "kserve").id


def run(local: LocalRegistry, token: str, *arguments: str) -> Result:
    settings = {"MODELRY_URL": local.url, "MODELRY_TOKEN": token}
    return CliRunner().invoke(command, arguments, env=settings)


def test_deploying_again_redirects_what_is_there(registry: Modelry, model: str, place: str) -> None:
    environment = registry.environment(place)
    first = registry.deploy(f"{model}@champion", environment.name, runtime="triton")
    second = registry.deploy(f"{model}:2", environment.name, reason="the champion is ill")

    assert (first.id, first.name, first.follows, first.pinned) == (
        second.id, model, "@champion", None,
    )  # fmt: skip
    assert (second.follows, second.pinned, second.runtime) == ("2", 2, "triton")
    (change, _) = registry.deployment_history(second.id)
    assert (change.action, change.reason) == ("deployment.updated", "the champion is ill")
    registry.register_model(f"other-{model}")
    with pytest.raises(Conflict, match="deploys the model"):
        registry.deploy(f"other-{model}", environment.name, name=model)


def test_what_was_seen_is_what_serves_then_and_now(
    registry: Modelry, model: str, place: str
) -> None:
    deployment = registry.deploy(model, place)
    assert registry.deployment_target(deployment.id).number == 2

    registry.observe_deployment(deployment.id, 1, endpoint="https://iris.test/v2")
    at = registry.deployment(deployment.id).observed_at
    registry.observe_deployment(deployment.id, 2, traffic={1: 80, 2: 20})
    registry.observe_deployment(deployment.id, 2)

    now = registry.deployment(deployment.id)
    assert (now.serving, now.endpoint, now.observed_state) == (2, "https://iris.test/v2", "running")
    assert registry.deployment_target(deployment.id).in_sync
    assert registry.deployment(deployment.id, as_of=at).serving == 1
    (then,) = registry.deployments(model=model, as_of=at)
    assert (then.id, then.serving) == (deployment.id, 1)
    seen = list(registry.serve_records(deployment.id))
    assert [(each.number, dict(each.traffic)) for each in seen] == [
        (2, {}), (2, {"1": 80, "2": 20}), (1, {}),
    ]  # fmt: skip


def test_an_environment_whose_name_no_path_can_hold_is_found(registry: Modelry, place: str) -> None:
    name = registry.environment(place).name

    assert registry.environment(name).id == place
    assert registry.update_environment(name, kind="vllm").kind == "vllm"
    with pytest.raises(NotFound):
        registry.environment("eu/nowhere")
    with pytest.raises(NotFound, match="no deployment 'x'"):
        registry.deployment("nowhere/x")
    with pytest.raises(Invalid, match="ENVIRONMENT/NAME"):
        registry.deployment("nowhere")


def test_the_commands_say_what_runs_where(
    local_registry: LocalRegistry, owner_token: str, registry: Modelry, model: str
) -> None:
    prod = f"prod-{secrets.token_hex(4)}"

    def done(*arguments: str) -> str:
        result = run(local_registry, owner_token, *arguments)
        assert result.exit_code == 0, result.output
        return result.output

    done("environments", prod, "--create", "--kind", "triton")
    assert prod in done("environments")
    assert done("deploy", f"{model}@champion", prod) == (
        f"{prod}/{model} should run {model}@champion.\n"
    )
    done("observe", f"{prod}/{model}", "1", "-t", "1=70", "-t", "2=30")
    assert "1=70% 2=30%" in done("deployments", "-e", prod)
    shown: dict[str, Any] = json.loads(done("deployments", f"{prod}/{model}", "--json"))
    assert (shown["serving"], shown["traffic"]) == (1, {"1": 70, "2": 30})
    assert "running" in done("deployments", f"{prod}/{model}", "--records")
    assert "deployment.observed" in done("deployments", f"{prod}/{model}", "--history")
    assert "should run no more" in done("undeploy", f"{prod}/{model}", "--reason", "moved")
    assert registry.deployment(f"{prod}/{model}").desired_state == "undeployed"
