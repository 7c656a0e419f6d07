"""MLflow's own client, both generations and unmodified, tracks runs in a running registry."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from core.domain.access import Role
from tests.builders import World
from tests.dialects.running import run_in, serving

FLOW = Path(__file__).with_name("tracking.py")


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def port(world: World) -> Iterator[int]:
    """Where a registry answers."""
    with serving(world.registry, world.settings) as port:
        yield port


@pytest.mark.parametrize("generation", ["mlflow-3", "mlflow-2"])
def test_every_tracking_method_of_the_client_works(
    world: World, port: int, generation: str
) -> None:
    server = {
        "MLFLOW_TRACKING_URI": f"http://127.0.0.1:{port}",
        "MLFLOW_TRACKING_TOKEN": world.token(("default", Role.OWNER)),
        "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "0",
    }

    said = run_in(generation, FLOW, variables=server)

    assert said.endswith("done\n")
    run = world.database.runs.get("default", 1)
    assert run is not None
    assert (run.name, run.status, run.parameters["lr"]) == ("renamed", "finished", "0.1")
    inner = world.database.runs.get("default", 4)
    assert inner is not None
    assert inner.parent_id == 3
