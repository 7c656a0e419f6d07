"""Every operation of the dialect without a grant, and without a token."""

from typing import Any

import pytest

from core.domain.access import Role
from handlers.api.kubeflow.app import GROUPS, router_of
from tests.api.client import Api, bearer
from tests.builders import ADMIN
from tests.dialects.kubeflow.conftest import FIRST, V1

OPERATIONS = sorted(
    (method, route.path)  # type: ignore[attr-defined]
    for group in GROUPS
    for route in router_of(group).routes
    for method in route.methods  # type: ignore[attr-defined]
)
SERVICE = {"registeredModelId": "1", "servingEnvironmentId": "1"}
BODY: dict[str, Any] = {
    "/registered_models": {"name": "a"},
    "/model_versions": {"name": "a", "registeredModelId": "1"},
    "/registered_models/{registered_model_id}/versions": {"name": "a", "registeredModelId": "1"},
    "/serving_environments": {"name": "a"},
    "/inference_services": SERVICE,
    "/serving_environments/{serving_environment_id}/inference_services": SERVICE,
    "/inference_services/{inference_service_id}/serves": {"modelVersionId": "1"},
}
IDS = (
    "registered_model_id", "model_version_id", "artifact_id", "serving_environment_id",
    "inference_service_id",
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
    params = FIND if not path.endswith("s") and "{" not in path else None
    return api.request(method, prefix + address, json=body, params=params)


@pytest.fixture
def api() -> Api:
    made = Api()
    made.world.pushed({"a.bin": b"1"})
    registry = made.world.registry
    registry.environments.create(ADMIN, "default", "iris-prod", {})
    registry.deployments.create(ADMIN, "default", "iris-prod", "iris", {})
    return made


def test_every_operation_of_both_generations_is_there() -> None:
    assert len(OPERATIONS) == len(set(OPERATIONS)) >= 36


@pytest.mark.parametrize(("method", "path"), OPERATIONS)
@pytest.mark.parametrize("prefix", [V1, FIRST, f"/ns/default{V1}"])
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


@pytest.mark.parametrize(("method", "path"), OPERATIONS)
def test_nobody_gets_in_without_a_token(api: Api, method: str, path: str) -> None:
    del api.headers["Authorization"]

    refused = ask(api, V1, method, path)

    assert refused.status_code == 401
    assert refused.json()["code"] == "Unauthorized"


@pytest.mark.parametrize(("method", "path"), OPERATIONS)
def test_readers_read_and_change_nothing(api: Api, method: str, path: str) -> None:
    api.headers.update(bearer(api.world.token(("default", Role.READER))))

    answer = ask(api, V1, method, path)

    expected = {200, 404} if method == "GET" else {403}
    assert answer.status_code in expected, answer.text
