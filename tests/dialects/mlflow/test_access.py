"""Every operation of the dialect without a grant, and without a token."""

import re
from typing import Any

import pytest

from core.domain.access import Role
from handlers.api.mlflow.app import GROUPS, router_of
from tests.api.client import Api, bearer
from tests.builders import ADMIN

OPERATIONS = sorted(
    (method, route.path)
    for group in GROUPS
    if group != "server"
    for route in router_of(group).routes
    for method in route.methods
)
PREFIXES = ("/api/2.0", "/ns/default/api/2.0")
SENT = {
    "name": "iris",
    "version": "1",
    "description": "x",
    "key": "k",
    "value": "1",
    "alias": "champion",
    "stage": "Production",
    "source": "s3://elsewhere/m",
    "run_ids": "1",
    "experiment_id": "1",
    "experiment_ids": ["1"],
    "experiment_name": "first",
    "new_name": "second",
    "metric_key": "loss",
    "max_results": 5,
    "timestamp": 1,
    "status": "FINISHED",
    "model_json": '{"artifact_path": "m", "flavors": {}, "utc_time_created": "x", "run_id": "1"}',
    "run_id": "1",
    "artifact_file_path": "x",
    "path": "x",
    "upload_id": "u",
    "url": "https://example.com/hook",
    "events": [{"entity": "MODEL_VERSION", "action": "CREATED"}],
}
"""What any operation needs; each takes its own and ignores the rest."""
OTHERWISE = {
    "/mlflow/logged-models/{model_id}": {"status": "LOGGED_MODEL_READY"},
    "/mlflow/webhooks": {"status": "ACTIVE"},
    "/mlflow/webhooks/{webhook_id}": {"status": "ACTIVE"},
}


def ask(api: Api, prefix: str, method: str, path: str) -> Any:
    """The operation in a form that is good."""
    address = prefix + re.sub(r"\{[^}]+\}", "1", path)
    fields = {**SENT, **OTHERWISE.get(path, {})}
    sent = {"params": fields} if method == "GET" else {"json": fields}
    return api.request(method, address, **sent)


def stored(api: Api) -> list[Any]:
    """All that such operations could change."""
    tables = api.world.database._tables
    nouns = (tables.models, tables.experiments, tables.runs, tables.logged_models, tables.points)
    return [dict(each) for each in nouns]


@pytest.fixture
def api() -> Api:
    made = Api()
    made.world.pushed({"a.bin": b"1"})
    registry = made.world.registry
    registry.experiments.create(ADMIN, "default", "first", {})
    registry.runs.create(ADMIN, "default", "first", {}, parameters={"k": "1"})
    registry.logged_models.create(ADMIN, "default", "first", {}, run="1")
    return made


@pytest.mark.parametrize("prefix", PREFIXES)
@pytest.mark.parametrize(("method", "path"), OPERATIONS)
def test_nothing_is_told_to_whoever_has_no_grant(
    api: Api, prefix: str, method: str, path: str
) -> None:
    stranger = api.world.token(subject="stranger")
    before = stored(api)

    api.headers.update(bearer(stranger))
    refused = ask(api, prefix, method, path)

    assert refused.status_code in {403, 404}, refused.text
    assert refused.json()["error_code"] in {"PERMISSION_DENIED", "RESOURCE_DOES_NOT_EXIST"}
    assert stored(api) == before


@pytest.mark.parametrize("prefix", PREFIXES)
@pytest.mark.parametrize(("method", "path"), OPERATIONS)
def test_nobody_gets_in_without_a_token(api: Api, prefix: str, method: str, path: str) -> None:
    del api.headers["Authorization"]

    refused = ask(api, prefix, method, path)

    assert refused.status_code == 401
    assert refused.json()["error_code"] == "UNAUTHENTICATED"


@pytest.mark.parametrize(("method", "path"), OPERATIONS)
def test_readers_change_nothing(api: Api, method: str, path: str) -> None:
    api.headers.update(bearer(api.world.token(("default", Role.READER))))
    before = stored(api)

    answer = ask(api, PREFIXES[0], method, path)

    private = {403} if "/webhooks" in path else set()  # where owners are told is theirs to know
    reads = {200, 307, 404, 400} | private
    assert answer.status_code in (reads if method == "GET" else {200, 400, 403, 404})
    assert stored(api) == before
