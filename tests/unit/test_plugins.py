"""The example of the documentation, installed as an operator installs it."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from core.adapters.plugins.loading import load
from core.domain.gates import Facts
from core.domain.versions import ByNumber
from core.errors import Forbidden, Invalid
from tests.builders import ADMIN, World
from tests.hooking import hooked

EXAMPLE = Path(__file__).parents[2] / "docs/examples/house-rules"


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    folder = tmp_path_factory.mktemp("plugins")
    options = ["--quiet", "--no-index", "--no-deps", "--no-build-isolation", "--no-compile"]
    command = [sys.executable, "-m", "pip", "install", *options, "--target", str(folder)]
    subprocess.run([*command, str(EXAMPLE)], check=True, timeout=120)
    sys.path.insert(0, str(folder))
    yield
    sys.path.remove(str(folder))
    sys.modules.pop("modelry_house_rules", None)


@pytest.fixture
def world(installed: None) -> World:
    return hooked(World(), load(["house-rules"], 2))


def test_a_pickle_is_refused_before_anything_is_stored(world: World) -> None:
    world.registry.models.register(ADMIN, "default", "iris", {})

    with pytest.raises(Forbidden, match=r"'house-rules' objects .* model\.pkl is a pickle") as told:
        world.registered({"model.pkl": b"x", "README.md": b"y"})

    assert told.value.refusal is not None
    assert told.value.refusal.action == "version.registered"
    model = world.database.models.get("default", "iris")
    assert model is not None
    assert model.last_version == 0
    assert world.pushed({"model.onnx": b"x"}).number == 1


def test_the_champion_leaves_with_a_ticket_only(world: World) -> None:
    aliases = world.registry.aliases
    number = world.pushed({"model.onnx": b"x"}).number
    aliases.point(ADMIN, "default", "iris", "champion", ByNumber(number))

    with pytest.raises(Forbidden, match="give a ticket as the reason"):
        aliases.remove(ADMIN, "default", "iris", "champion", reason="it is bad")
    aliases.remove(ADMIN, "default", "iris", "champion", reason="ML-12: it is bad")

    model = world.database.models.get("default", "iris")
    assert model is not None
    assert model.aliases == {}


def test_a_gate_asks_the_plug_in(world: World) -> None:
    ticket = load(["house-rules"], 2).gate_hooks["change-ticket"]
    version = world.pushed({"model.onnx": b"x"}, tags={"ticket": "ML-12"})
    facts: Any = Facts(
        version=version,
        from_stage="Development",
        to_stage="Staging",
        requester="dev:alice",
        now=world.clock.now(),
        latest=world.clock.now(),
    )

    assert ticket({"queue": "ML"}, facts) is None
    assert ticket({"queue": "OPS"}, facts) == "tag the version with a ticket of OPS, such as OPS-12"


def test_what_is_installed_but_not_named_is_not_even_imported(installed: None) -> None:
    sys.modules.pop("modelry_house_rules", None)

    plugins = load([], 2)

    assert plugins.gate_hooks == {}
    assert "modelry_house_rules" not in sys.modules


def test_a_name_that_nothing_offers_says_what_there_is(installed: None) -> None:
    with pytest.raises(Invalid, match="names 'house-rule', which 0 installed") as told:
        load(["house-rule"], 2)

    assert "house-rules" in told.value.next_step
