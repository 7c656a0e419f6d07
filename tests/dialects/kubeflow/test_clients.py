"""Kubeflow's own client, both generations and unmodified, against a running registry."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from core.domain.access import Role
from tests import parts
from tests.builders import World
from tests.dialects.kubeflow import coverage
from tests.dialects.running import run_in, serving

FLOW = Path(__file__).with_name("flow.py")
GENERATIONS = ("v1", "v1alpha3")


def worked(generation: str, store: parts.S3Server, bucket: str) -> tuple[World, Any]:
    """A registry that a team has worked with, and what they used of the client."""
    world = World()
    world.pushed({"a.bin": b"1"}, model="native")
    token = world.token(("default", Role.OWNER))
    place = (store.endpoint, bucket, store.access_key, store.secret_key)
    with serving(world.registry, world.settings) as port:
        said = run_in(f"kubeflow-{generation}", FLOW, "http://127.0.0.1", str(port), token, *place)
    return world, json.loads(said.splitlines()[-1])


@pytest.fixture(scope="module")
def done(s3: parts.S3Server) -> Iterator[Mapping[str, tuple[World, Any]]]:
    """What each generation's client has done."""
    with parts.bucket_of(s3) as bucket:
        yield {generation: worked(generation, s3, bucket) for generation in GENERATIONS}


@pytest.mark.parametrize("generation", GENERATIONS)
def test_a_team_works_with_its_own_client(
    done: Mapping[str, tuple[World, Any]], generation: str
) -> None:
    world, used = done[generation]

    assert used["never"] == []  # no public method is left out
    churn = world.database.models.get("default", "churn")
    assert churn is not None
    assert (churn.description, churn.last_version) == ("Who leaves", 5)
    if generation == "v1alpha3":
        run = world.database.runs.get("default", 1)
        assert run is not None
        assert (run.parameters, run.metrics) == ({"lr": 0.1, "shuffle": True}, {"loss": 0.25})


def test_the_table_of_what_is_covered_is_what_the_tests_cover(
    done: Mapping[str, tuple[World, Any]],
) -> None:
    used = {generation: done[generation][1]["sent"] for generation in GENERATIONS}

    assert coverage.PAGE.read_text(encoding="utf-8") == coverage.page(used), (
        "the table is stale: python -m tests.dialects.kubeflow.coverage"
    )
