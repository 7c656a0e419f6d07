"""Creations whose answer is lost on the way are carried out once, on the real registry."""

import json
import secrets
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from modelry import Conflict, Invalid, Modelry
from modelry.cli import modelry
from modelry.retries import RetryPolicy
from tests.client.servers import Script, forwarded, scripted
from tests.parts import LocalRegistry


def at(url: str, token: str) -> Modelry:
    return Modelry(url, token, retries=RetryPolicy(attempts=3, sleep=lambda seconds: None))


@pytest.fixture
def lossy(local_registry: LocalRegistry) -> Iterator[Script]:
    """The registry behind a network that loses its first answer."""
    steps = (forwarded(local_registry.url, lose_answer=True), forwarded(local_registry.url))
    with scripted(*steps) as script:
        yield script


def name() -> str:
    return f"made-{secrets.token_hex(4)}"


CREATIONS: dict[str, Callable[[Modelry, str], Any]] = {
    "a namespace": lambda registry, name: registry.create_namespace(name).name,
    "a model": lambda registry, name: registry.register_model(name).name,
}


@pytest.mark.parametrize("create", CREATIONS.values(), ids=CREATIONS)
def test_a_creation_whose_answer_was_lost_succeeds(
    local_registry: LocalRegistry, lossy: Script, create: Callable[[Modelry, str], Any]
) -> None:
    wanted = name()

    with at(lossy.url, local_registry.token("admin")) as client:
        assert create(client, wanted) == wanted

    first, second = lossy.asked
    assert first.headers["Idempotency-Key"] == second.headers["Idempotency-Key"]
    assert first.body == second.body


def test_every_call_has_a_key_of_its_own(registry: Modelry) -> None:
    wanted = name()
    registry.register_model(wanted)

    with pytest.raises(Conflict):
        registry.register_model(wanted)


def test_a_key_of_the_callers_own_makes_calls_one(registry: Modelry) -> None:
    wanted, key = name(), secrets.token_hex(8)

    first = registry.register_model(wanted, idempotency_key=key)
    registry.update_model(wanted, description="changed")

    assert registry.register_model(wanted, idempotency_key=key) == first
    with pytest.raises(Invalid, match="used before, with another body"):
        registry.register_model(wanted, description="other", idempotency_key=key)


def test_a_push_whose_registration_was_lost_makes_one_version(
    local_registry: LocalRegistry,
    lossy: Script,
    registry: Modelry,
    owner_token: str,
    tmp_path: Path,
) -> None:
    wanted = name()
    registry.register_model(wanted)
    (tmp_path / "weights.bin").write_bytes(b"weights")

    with at(lossy.url, owner_token) as client:
        version = client.push(tmp_path / "weights.bin", wanted, environment={}, code={})

    assert (version.number, version.state, version.registration) == (1, "ready", "new")
    assert registry.model(wanted).last_version == 1


def test_the_command_line_repeats_as_safely(local_registry: LocalRegistry, lossy: Script) -> None:
    wanted = name()
    surroundings = {"MODELRY_URL": lossy.url, "MODELRY_TOKEN": local_registry.token("admin")}

    done = CliRunner().invoke(
        modelry, ["namespaces", "--create", wanted, "--json"], env=surroundings
    )

    assert done.exit_code == 0, done.output
    assert json.loads(done.stdout)["name"] == wanted
    assert len(lossy.asked) == 2
