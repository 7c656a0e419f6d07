"""Kubeflow's dialect on a memory registry."""

from collections.abc import Callable
from typing import Any

import pytest

from core.domain.access import Role
from tests.api.client import Api, bearer

V1 = "/api/model_registry/v1"
FIRST = "/api/model_registry/v1alpha3"


class Kubeflow:
    """What a client of one generation sends, and what it is answered."""

    def __init__(self, api: Api, prefix: str) -> None:
        self.api = api
        self.prefix = prefix

    def __call__(self, method: str, path: str, status: int, **options: Any) -> Any:
        answer = self.api.request(method, self.prefix + path, **options)
        assert answer.status_code == status, answer.text
        if status >= 400 and answer.content and answer.headers["content-type"] != TEXT:
            body = answer.json()
            assert set(body) == {"code", "message"}
            assert body["message"]
        return answer.json() if answer.content and answer.headers["content-type"] != TEXT else None

    def get(self, path: str, status: int = 200, **params: Any) -> Any:
        return self("GET", path, status, params=params)

    def post(self, path: str, status: int = 201, **body: Any) -> Any:
        return self("POST", path, status, json=body)

    def patch(self, path: str, status: int = 200, **body: Any) -> Any:
        return self("PATCH", path, status, json=body)

    def names(self, path: str, **params: Any) -> list[str]:
        return [each["name"] for each in self.get(path, **params)["items"]]


TEXT = "text/plain; charset=utf-8"
Model = Callable[..., Any]


@pytest.fixture
def api() -> Api:
    made = Api()
    made.headers.update(bearer(made.world.token(("default", Role.OWNER))))
    return made


@pytest.fixture(params=[V1, FIRST], ids=["v1", "v1alpha3"])
def kubeflow(api: Api, request: pytest.FixtureRequest) -> Kubeflow:
    """Either generation."""
    return Kubeflow(api, request.param)


def text(value: str) -> dict[str, str]:
    return {"string_value": value, "metadataType": "MetadataStringValue"}


def integer(value: int) -> dict[str, str]:
    return {"int_value": str(value), "metadataType": "MetadataIntValue"}
