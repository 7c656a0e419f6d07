"""Where the dialect answers, what it says of itself, and what it makes of bad requests."""

from typing import Any

import pytest

from core.domain.access import Role
from tests.api.client import Api, bearer
from tests.builders import ADMIN
from tests.dialects.mlflow.conftest import BASE, Mlflow

ADDRESSES = [
    f"{prefix}/{kind}/{generation}/mlflow/"
    for prefix in ("", "/ns/default")
    for kind in ("api", "ajax-api")
    for generation in ("2.0", "3.0")
]


@pytest.mark.parametrize("base", ADDRESSES)
def test_every_address_has_the_same_models(api: Api, base: str) -> None:
    Mlflow(api).post("registered-models/create", name="iris")

    found = Mlflow(api, base).get("registered-models/get", name="iris")

    assert found["registered_model"]["name"] == "iris"


@pytest.mark.parametrize("prefix", ["", "/ns/default"])
def test_what_is_said_before_there_is_a_token(api: Api, prefix: str) -> None:
    del api.headers["Authorization"]

    assert api.get(f"{prefix}/health").text == "OK"
    assert api.get(f"{prefix}/version").text[:2] == "3."
    said = api.get(f"{prefix}/api/3.0/mlflow/server-info").json()
    assert said["workspaces_enabled"] is True


def test_a_workspace_is_a_namespace(api: Api) -> None:
    api.world.registry.namespaces.create(ADMIN, "fraud", {})
    token = api.world.token(("fraud", Role.OWNER), ("default", Role.OWNER))
    api.headers.update({**bearer(token), "X-MLFLOW-WORKSPACE": "fraud"})

    Mlflow(api).post("registered-models/create", name="iris")

    assert api.world.database.models.get("fraud", "iris") is not None
    assert api.world.database.models.get("default", "iris") is None


def test_the_path_goes_before_the_workspace(api: Api) -> None:
    api.headers["X-MLFLOW-WORKSPACE"] = "elsewhere"

    made = Mlflow(api, "/ns/default" + BASE).post("registered-models/create", name="iris")

    assert made["registered_model"]["name"] == "iris"


def test_without_a_word_it_is_the_only_namespace_of_the_caller(api: Api) -> None:
    api.world.registry.namespaces.create(ADMIN, "fraud", {})
    api.headers.update(bearer(api.world.token(("fraud", Role.OWNER))))

    Mlflow(api).post("registered-models/create", name="iris")

    assert api.world.database.models.get("fraud", "iris") is not None


def test_a_token_may_be_the_password(api: Api, mlflow: Mlflow) -> None:
    token = api.headers.pop("Authorization").removeprefix("Bearer ")

    made = mlflow("POST", "registered-models/create", json={"name": "iris"}, auth=("anyone", token))

    assert made["registered_model"]["name"] == "iris"


@pytest.mark.parametrize("path", ["nothing", "registered-models/nothing", "registered-models"])
def test_an_unknown_path_is_no_endpoint(mlflow: Mlflow, path: str) -> None:
    mlflow.refused("ENDPOINT_NOT_FOUND", "GET", path)


def test_a_wrong_verb_is_said_so(mlflow: Mlflow) -> None:
    answer = mlflow.ask("PUT", "registered-models/create", json={"name": "iris"})

    assert answer.status_code == 405
    assert answer.json()["error_code"] == "INVALID_PARAMETER_VALUE"


@pytest.mark.parametrize(
    "options",
    [
        {"content": b'{"name": "iris"}', "headers": {"Content-Type": "text/plain"}},
        {"content": b'{"name": "iris"}'},
        {"content": b'{"name": ', "headers": {"Content-Type": "application/json"}},
        {"json": [{"name": "iris"}]},
        {"json": "iris"},
        {"json": {"name": 5}},
        {"json": {"name": None}},
        {"json": {"name": ""}},
        {"json": {"name": "iris", "tags": {"a": "b"}}},
        {"json": {"name": "iris", "tags": [{"key": "a", "value": 1}]}},
        {"json": {"name": "iris", "tags": [{"value": "x"}]}},
        {"json": {"name": "iris", "description": ["x"]}},
        {},
    ],
)
def test_a_body_that_is_none_is_the_users_mistake(mlflow: Mlflow, options: Any) -> None:
    mlflow.refused("INVALID_PARAMETER_VALUE", "POST", "registered-models/create", **options)


def test_null_is_absent_and_unknown_fields_are_ignored(mlflow: Mlflow) -> None:
    made = mlflow.post("registered-models/create", name="iris", tags=None, whatever=[1])

    assert "tags" not in made["registered_model"]


def test_a_get_may_say_it_in_its_body(mlflow: Mlflow) -> None:
    mlflow.post("registered-models/create", name="iris")

    found = mlflow("GET", "registered-models/get", json={"name": "iris"})

    assert found["registered_model"]["name"] == "iris"
