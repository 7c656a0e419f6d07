"""MLflow's own client, both generations and unmodified, against the registry's models."""

from pathlib import Path

import pytest

from core.domain.access import Role
from tests.builders import World
from tests.dialects.running import run_in, serving

FLOW = Path(__file__).with_name("registry.py")


@pytest.mark.parametrize("generation", ["mlflow-3", "mlflow-2"])
def test_every_registry_method_of_the_client_works(generation: str) -> None:
    world = World()

    with serving(world.registry, world.settings) as port:
        server = {
            "MLFLOW_TRACKING_URI": f"http://127.0.0.1:{port}",
            "MLFLOW_TRACKING_TOKEN": world.token(("default", Role.OWNER)),
            "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "0",
        }
        said = run_in(generation, FLOW, variables=server)

    assert "left out: []" in said
    iris = world.database.models.get("default", "iris")
    assert iris is not None
    assert iris.last_version == 4
