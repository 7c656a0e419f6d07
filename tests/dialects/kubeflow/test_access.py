"""Every operation of the dialect without a grant, and without a token."""

from collections.abc import Iterable
from typing import Any

import pytest

from core.domain.access import Role
from handlers.api.kubeflow.app import GROUPS, router_of
from handlers.api.kubeflow.first import FIRST_GROUPS
from tests.api.client import Api, bearer
from tests.builders import ADMIN
from tests.dialects.kubeflow.conftest import FIRST, V1


def operations(groups: Iterable[str]) -> list[tuple[str, str]]:
    """Method and path of all that these groups can."""
    return sorted(
        (method, route.path)
        for group in groups
        for route in router_of(group).routes
        for method in route.methods
    )


SECOND = operations(GROUPS)
OPERATIONS = [
    *((V1, *operation) for operation in SECOND),
    *((f"/ns/default{V1}", *operation) for operation in SECOND),
    *((FIRST, *operation) for operation in operations(FIRST_GROUPS)),
]
RUN = {"experimentId": "1"}
SERVICE = {"registeredModelId": "1", "servingEnvironmentId": "1"}
BODY: dict[str, Any] = {
    "/registered_models": {"name": "a"},
    "/model_versions": {"name": "a", "registeredModelId": "1"},
    "/registered_models/{registered_model_id}/versions": {"name": "a", "registeredModelId": "1"},
    "/serving_environments": {"name": "a"},
    "/inference_services": SERVICE,
    "/serving_environments/{serving_environment_id}/inference_services": SERVICE,
    "/inference_services/{inference_service_id}/serves": {"modelVersionId": "1"},
    "/experiment_runs": RUN,
    "/experiments/{experiment_id}/experiment_runs": RUN,
}
IDS = (
    "registered_model_id", "model_version_id", "artifact_id", "serving_environment_id",
    "inference_service_id", "experiment_id", "experiment_run_id",
)  # fmt: skip
ARTIFACT = {"artifactType": "model-artifact", "name": "a"}
CHANGE = {"description": "x"}
FIND = {"externalId": "x"}


def ask(api: Api, prefix: str, method: str, path: str) -> Any:
    """The operation in a form that is good."""
    address = path
    for name in IDS:
        address = address.replace(f"{{{name}}}", "1")
    body = None
    if method in {"POST", "PATCH"}:
        is_artifact = "artifact" in path and "model_artifacts" not in path.split("/")[1]
        strict = {"name": "a"} if method == "POST" else CHANGE
        body = BODY.get(path, strict) if not is_artifact else {**ARTIFACT, **CHANGE}
    is_find = not path.endswith(("s", "metric_history")) and "{" not in path
    params = FIND if is_find else None
    return api.request(method, prefix + address, json=body, params=params)


@pytest.fixture
def api() -> Api:
    made = Api()
    made.world.pushed({"a.bin": b"1"})
    registry = made.world.registry
    registry.environments.create(ADMIN, "default", "iris-prod", {})
    registry.deployments.create(ADMIN, "default", "iris-prod", "iris", {})
    registry.experiments.create(ADMIN, "default", "iris-tries", {})
    registry.runs.create(ADMIN, "default", "iris-tries", {})
    return made


def test_every_operation_of_both_generations_is_there() -> None:
    assert len(SECOND) == len(set(SECOND)) == 40
    assert len(operations(FIRST_GROUPS)) == len(set(operations(FIRST_GROUPS))) == 56


@pytest.mark.parametrize(("prefix", "method", "path"), OPERATIONS)
def test_nothing_is_told_to_whoever_has_no_grant(
    api: Api, prefix: str, method: str, path: str
) -> None:
    stranger = api.world.token(subject="stranger")
    before = dict(api.world.database._tables.models)

    api.headers.update(bearer(stranger))
    refused = ask(api, prefix, method, path)

    assert refused.status_code in {403, 404}, refused.text
    assert "iris" not in refused.text
    assert api.world.database._tables.models == before


@pytest.mark.parametrize(("prefix", "method", "path"), OPERATIONS)
def test_nobody_gets_in_without_a_token(api: Api, prefix: str, method: str, path: str) -> None:
    del api.headers["Authorization"]

    refused = ask(api, prefix, method, path)

    assert refused.status_code == 401
    assert refused.json()["code"] == "Unauthorized"


@pytest.mark.parametrize(("prefix", "method", "path"), OPERATIONS)
def test_readers_read_and_change_nothing(api: Api, prefix: str, method: str, path: str) -> None:
    api.headers.update(bearer(api.world.token(("default", Role.READER))))

    answer = ask(api, prefix, method, path)

    expected = {200, 404} if method == "GET" else {403}
    assert answer.status_code in expected, answer.text
