"""Every operation of the API in a form that succeeds, on a registry prepared for it."""

from collections.abc import Iterator
from typing import Any

from core.domain.access import Role
from core.domain.pages import PageRequest
from core.domain.versions import ByNumber
from handlers.api.openapi import generate
from tests.api.client import Api, bearer, declared
from tests.builders import ADMIN

# Bodies and queries that make an operation good.
BODY: dict[str, Any] = {
    "create_namespace": {"name": "team"},
    "update_namespace": {"owner": "x"},
    "put_grant": {"grantee": "subject:dev:bob", "role": "reader"},
    "put_system_grant": {"grantee": "subject:dev:bob", "role": "auditor"},
    "register_model": {"name": "lilies"},
    "update_model": {"owner": "x"},
    "register_version": {"files": [declared("new", b"new")]},
    "update_version": {"owner": "x"},
    "sign_parts": {"path": "large", "parts": [{"number": 1, "sha256": "0" * 64}]},
    "point_alias": {"version": "1"},
}
QUERY = {
    "remove_grant": {"grantee": "group:dev:somebody"},
    "remove_system_grant": {"grantee": "group:dev:somebody"},
}
PENDING = {"open_upload", "sign_parts", "complete_upload", "abandon_upload"}


def operations() -> Iterator[tuple[str, str, str]]:
    """Name, method and path of every operation in the document."""
    for path, methods in generate()["paths"].items():
        for method, operation in methods.items():
            yield operation["operationId"], method.upper(), path


OPERATIONS = sorted(operations())
NAMES = [name for name, _, _ in OPERATIONS]


def prepared() -> Api:
    """A ready version 1 with an alias, a pending version 2 with a file in parts of 8 bytes."""
    made = Api()
    registry = made.world.registry
    made.world.pushed({"a": b"1"})
    registry.aliases.point(ADMIN, "default", "iris", "champion", ByNumber(1))
    made.world.registered({"large": b"0123456789"})
    registry.uploads.open(ADMIN, "default", "iris", 2, PageRequest())
    registry.grants.put(ADMIN, "default", "group:dev:somebody", Role.READER)
    registry.grants.put(ADMIN, "*", "group:dev:somebody", Role.AUDITOR)
    return made


def ask(api: Api, name: str, method: str, path: str, token: str | None) -> Any:
    """The operation in a form that would succeed, with this token."""
    number = "2" if name in PENDING else "1"
    address = path.format(
        namespace="default", model="iris", version=number, number=number, name="champion", path="a"
    )
    if token is None:
        api.headers.pop("Authorization", None)
    headers = {**(bearer(token) if token else {}), "If-Match": "*"}
    if name == "point_alias":
        del headers["If-Match"]
    return api.request(
        method, f"/api/v1{address}", json=BODY.get(name), params=QUERY.get(name), headers=headers
    )
