"""Versions that are in a retired stage, which Kubeflow's clients see as archived."""

from typing import Any

import pytest

from core.domain.versions import ByNumber
from tests.api.client import Api
from tests.builders import ADMIN
from tests.dialects.kubeflow.conftest import Kubeflow


@pytest.fixture
def versions(api: Api, kubeflow: Kubeflow) -> dict[str, Any]:
    """A version in `Archived`, one in `Staging`, one that was archived, and one that was not."""
    kubeflow.post("/registered_models", name="churn")
    made = {}
    for number, name in enumerate(("retired", "staged", "kept", "fresh"), 1):
        made[name] = kubeflow.post("/model_versions", name=name, registeredModelId="1")
        if name in {"retired", "staged"}:
            stage = "Archived" if name == "retired" else "Staging"
            place = (ADMIN, "default", "churn", ByNumber(number))
            api.world.registry.promotions.promote(*place, stage)
    kubeflow.patch(f"/model_versions/{made['kept']['id']}", state="ARCHIVED")
    return made


def test_a_version_in_a_retired_stage_is_archived_wherever_it_is_shown(
    kubeflow: Kubeflow, versions: dict[str, Any]
) -> None:
    states = {"retired": "ARCHIVED", "staged": "LIVE", "kept": "ARCHIVED", "fresh": "LIVE"}

    for path in ("/model_versions", "/registered_models/1/versions"):
        found = kubeflow.get(path)["items"]
        assert {each["name"]: each["state"] for each in found} == states
    one = versions["retired"]["id"]
    assert kubeflow.get(f"/model_versions/{one}")["state"] == "ARCHIVED"
    shown = kubeflow.get("/model_version", name="retired", parentResourceId="1")
    assert shown["state"] == "ARCHIVED"
    assert shown["customProperties"]["modelry.stage"]["string_value"] == "Archived"


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("state = 'ARCHIVED'", ["retired", "kept"]),
        ("state = 'LIVE'", ["staged", "fresh"]),
        ("state != 'ARCHIVED'", ["staged", "fresh"]),
        ("state <> 'LIVE' AND name LIKE 'r%'", ["retired"]),
        ("state IN ('ARCHIVED')", ["retired", "kept"]),
        ("state IN ('LIVE', 'ARCHIVED')", ["retired", "staged", "kept", "fresh"]),
        ("state IN ()", []),
        ("state LIKE 'ARCH%'", ["retired", "kept"]),
        ("state ILIKE '%live'", ["staged", "fresh"]),
        ("state LIKE 'live'", []),
        ("state = 'GONE'", []),
    ],
)
def test_versions_are_filtered_by_the_state_that_is_shown(
    kubeflow: Kubeflow, versions: dict[str, Any], query: str, names: list[str]
) -> None:
    assert kubeflow.names("/model_versions", filterQuery=query) == names


def test_what_a_client_sends_back_changes_nothing_of_how_it_is_kept(
    api: Api, kubeflow: Kubeflow, versions: dict[str, Any]
) -> None:
    path = f"/model_versions/{versions['retired']['id']}"

    changed = kubeflow.patch(path, state="ARCHIVED", description="d")
    kubeflow.patch(path, 409, state="LIVE")

    assert (changed["state"], changed["description"]) == ("ARCHIVED", "d")
    native = api.get("/api/v1/namespaces/default/models/churn/versions/1").json()
    assert (native["retention"], native["stage"]) == ("active", "Archived")
    place = (ADMIN, "default", "churn", ByNumber(1))
    api.world.registry.promotions.promote(*place, "Development")
    assert kubeflow.get(path)["state"] == "LIVE"
