"""Kubeflow's own client, both generations and unmodified, against a running registry."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from core.domain.access import Role
from tests.builders import World
from tests.dialects.running import run_in, serving

FLOW = Path(__file__).with_name("flow.py")


@pytest.fixture
def world() -> World:
    made = World()
    made.pushed({"a.bin": b"1"}, model="native")
    return made


@pytest.fixture
def port(world: World) -> Iterator[int]:
    """Where a registry answers."""
    with serving(world.registry, world.settings) as port:
        yield port


@pytest.mark.parametrize("generation", ["v1", "v1alpha3"])
def test_a_team_works_with_its_own_client(world: World, port: int, generation: str) -> None:
    token = world.token(("default", Role.OWNER))

    said = run_in(f"kubeflow-{generation}", FLOW, "http://127.0.0.1", str(port), token)

    assert said.endswith("done\n")
    churn = world.database.models.get("default", "churn")
    assert churn is not None
    assert (churn.description, churn.last_version) == ("Who leaves", 5)
    if generation == "v1alpha3":
        run = world.database.runs.get("default", 1)
        assert run is not None
        assert (run.parameters, run.metrics) == ({"lr": 0.1, "shuffle": True}, {"loss": 0.25})
