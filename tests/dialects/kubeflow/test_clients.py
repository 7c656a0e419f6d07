"""Kubeflow's own client, both generations and unmodified, against a running registry."""

import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import uvicorn

from core.domain.access import Role
from handlers.api.app import create_app
from local.ports import free_port
from tests.builders import World

ROOT = Path(__file__).resolve().parents[3]
FLOW = Path(__file__).with_name("flow.py")


@pytest.fixture
def world() -> World:
    made = World()
    made.pushed({"a.bin": b"1"}, model="native")
    return made


@pytest.fixture
def port(world: World) -> Iterator[int]:
    """Where a registry answers."""
    port = free_port()
    config = uvicorn.Config(
        create_app(world.registry, world.settings), port=port, log_level="warning"
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        assert thread.is_alive()
        time.sleep(0.01)
    yield port
    server.should_exit = True
    thread.join()


@pytest.mark.parametrize("generation", ["v1", "v1alpha3"])
def test_a_team_works_with_its_own_client(world: World, port: int, generation: str) -> None:
    python = ROOT / f".venv-clients/kubeflow-{generation}/bin/python"
    assert python.exists(), "`make test` sets the clients up"
    token = world.token(("default", Role.OWNER))

    done = subprocess.run(
        [str(python), str(FLOW), "http://127.0.0.1", str(port), token],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )

    assert done.stdout.endswith("done\n"), done.stderr
    churn = world.database.models.get("default", "churn")
    assert churn is not None
    assert (churn.description, churn.last_version) == ("Who leaves", 5)
    if generation == "v1alpha3":
        run = world.database.runs.get("default", 1)
        assert run is not None
        assert (run.parameters, run.metrics) == ({"lr": 0.1, "shuffle": True}, {"loss": 0.25})
