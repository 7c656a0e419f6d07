"""Searches for models: pages, orders, filters, and prompts among them."""

from typing import Any

import pytest

from tests.api.client import Api
from tests.dialects.mlflow.conftest import Mlflow
from tests.dialects.mlflow.test_models import INVALID, MODELS, create, names


def test_models_are_found_by_page(mlflow: Mlflow) -> None:
    for name in ("c", "a", "b", "d"):
        create(mlflow, name)

    first = mlflow.get(f"{MODELS}/search", max_results=2)
    token = first["next_page_token"]
    second = mlflow.get(f"{MODELS}/search", max_results=2, page_token=token)

    assert [model["name"] for model in first["registered_models"]] == ["a", "b"]
    assert [model["name"] for model in second["registered_models"]] == ["c", "d"]
    assert "next_page_token" not in second


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        (["name DESC"], ["c", "b", "a"]),
        (["name"], ["a", "b", "c"]),
        (["last_updated_timestamp DESC"], ["a", "b", "c"]),
        (["timestamp asc", "name desc"], ["c", "b", "a"]),
    ],
)
def test_models_come_in_order(
    api: Api, mlflow: Mlflow, order: list[str], expected: list[str]
) -> None:
    for name in ("c", "b", "a"):
        create(mlflow, name)
        api.world.clock.advance(seconds=1)

    assert names(mlflow, order_by=order) == expected


@pytest.mark.parametrize(
    "params",
    [
        {"order_by": "creation_timestamp"},
        {"order_by": "nothing ASC"},
        {"order_by": "name UP"},
        {"order_by": ["name", "name DESC"]},
        {"max_results": 0},
        {"max_results": -1},
        {"max_results": 1001},
        {"max_results": "many"},
        {"max_results": "9" * 30},
        {"page_token": "x"},
        {"page_token": "eyJvZmZzZXQiOiAyfQ=="},
        {"filter": "name = iris"},
        {"filter": "run_id = 'x'"},
    ],
)
def test_a_search_that_is_none_is_refused(mlflow: Mlflow, params: Any) -> None:
    create(mlflow)

    mlflow.refused(INVALID, "GET", f"{MODELS}/search", params=params)


def test_prompts_are_hidden_unless_they_are_asked_for(mlflow: Mlflow) -> None:
    is_prompt = "tags.`mlflow.prompt.is_prompt`"
    create(mlflow, "model")
    create(mlflow, "tagged", tags=[{"key": "team", "value": "a"}])
    create(mlflow, "prompt", tags=[{"key": "mlflow.prompt.is_prompt", "value": "true"}])

    assert names(mlflow) == ["model", "tagged"]
    assert names(mlflow, filter="name LIKE '%o%'") == ["model"]
    assert names(mlflow, filter=f"{is_prompt} = 'true'") == ["prompt"]
    assert names(mlflow, filter=f"{is_prompt} != 'true'") == ["model", "tagged"]
    assert names(mlflow, filter=f"{is_prompt} = 'false'") == ["model", "tagged"]
    assert names(mlflow, order_by="name DESC") == ["tagged", "model"]
