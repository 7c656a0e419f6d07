"""MLflow's dialect on a memory registry."""

from typing import Any

import pytest

from core.domain.access import Role
from tests.api.client import Api, bearer

BASE = "/api/2.0/mlflow/"


class Mlflow:
    """What a client of MLflow's sends below one address, and what it is answered."""

    def __init__(self, api: Api, base: str = BASE) -> None:
        self.api = api
        self.base = base

    def ask(self, method: str, path: str, **options: Any) -> Any:
        """The answer as it is."""
        return self.api.request(method, self.base + path, **options)

    def __call__(self, method: str, path: str, **options: Any) -> Any:
        """The object that a success answers."""
        answer = self.ask(method, path, **options)
        assert answer.status_code == 200, answer.text
        assert isinstance(answer.json(), dict)
        return answer.json()

    def get(self, path: str, /, **params: Any) -> Any:
        return self("GET", path, params=params)

    def post(self, path: str, /, **body: Any) -> Any:
        return self("POST", path, json=body)

    def patch(self, path: str, /, **body: Any) -> Any:
        return self("PATCH", path, json=body)

    def delete(self, path: str, /, **body: Any) -> Any:
        return self("DELETE", path, json=body)

    def refused(self, code: str, method: str, path: str, **options: Any) -> str:
        """The message of a refusal with this code, held to its form."""
        answer = self.ask(method, path, **options)
        body = answer.json()
        assert (body.get("error_code"), answer.status_code) == (code, STATUS[code]), answer.text
        assert set(body) == {"error_code", "message"}
        assert body["message"]
        return str(body["message"])


STATUS = {
    "INVALID_PARAMETER_VALUE": 400,
    "RESOURCE_ALREADY_EXISTS": 400,
    "UNAUTHENTICATED": 401,
    "PERMISSION_DENIED": 403,
    "RESOURCE_DOES_NOT_EXIST": 404,
    "ENDPOINT_NOT_FOUND": 404,
    "RESOURCE_CONFLICT": 409,
    "NOT_IMPLEMENTED": 501,
}


@pytest.fixture
def api() -> Api:
    made = Api()
    made.headers.update(bearer(made.world.token(("default", Role.OWNER))))
    return made


@pytest.fixture
def mlflow(api: Api) -> Mlflow:
    """The client's own address."""
    return Mlflow(api)
