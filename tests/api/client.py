"""The application on a memory World, and requests to it as a client writes them."""

from collections.abc import Mapping
from typing import Any

from starlette.testclient import TestClient

from core.domain.access import Role
from handlers.api.app import create_app
from tests.builders import World, declare

ADMIN_ROLE = ("*", Role.ADMIN)
PROBLEM = "application/problem+json"
MODEL = "/api/v1/namespaces/default/models/iris"


class Api(TestClient):
    """A `World` over HTTP, asked by an administrator unless a request says otherwise."""

    def __init__(self, world: World | None = None, **settings: Any) -> None:
        self.world = world or World(**settings)
        super().__init__(
            create_app(self.world.registry, self.world.settings),
            raise_server_exceptions=False,
            follow_redirects=False,
        )
        self.headers["Authorization"] = f"Bearer {self.world.token(ADMIN_ROLE, subject='root')}"


def bearer(token: str) -> Mapping[str, str]:
    """The header that carries a token."""
    return {"Authorization": f"Bearer {token}"}


def problem(answer: Any, status: int, kind: str) -> dict[str, Any]:
    """The problem details of an answer, held to their form."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == PROBLEM
    body = answer.json()
    required = {"type", "title", "status", "detail", "next_step", "request_id"}
    assert required <= set(body) <= required | {"problems"}
    assert (body["type"], body["status"]) == (f"urn:modelry:problem:{kind}", status)
    assert body["title"]
    assert body["detail"]
    assert body["next_step"]
    assert body["request_id"] == answer.headers["x-request-id"]
    return body


def declared(path: str, content: bytes) -> dict[str, Any]:
    """A file as a request body declares it."""
    declaration = declare(path, content)
    return {
        "path": path,
        "size_bytes": declaration.size_bytes,
        "sha256": declaration.sha256,
        "parts_sha256": declaration.parts_sha256,
    }
