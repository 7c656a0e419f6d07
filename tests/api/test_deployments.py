"""Environments and deployments over HTTP."""

from typing import Any

import pytest

from core.domain.versions import ByNumber
from tests.api.client import Api, problem
from tests.builders import ADMIN, World

NAMESPACE = "/api/v1/namespaces/default"


@pytest.fixture
def api() -> Api:
    """Two ready versions, the first of them @champion, and an environment `prod`."""
    world = World()
    for content in (b"1", b"2"):
        world.pushed({"a": content})
    world.registry.aliases.point(ADMIN, "default", "iris", "champion", ByNumber(1))
    api = Api(world)
    created = api.post(f"{NAMESPACE}/environments", json={"name": "prod", "kind": "kserve"})
    assert created.status_code == 201
    return api


def deploy(api: Api, **fields: Any) -> Any:
    body = {"environment": "prod", "model": "iris", **fields}
    return api.post(f"{NAMESPACE}/deployments", json=body)


def test_a_deployment_is_created_read_and_changed_by_its_revision(api: Api) -> None:
    made = deploy(api, name="web", follows="1", custom_properties={"labels": {"a": 1}})
    path = f"{NAMESPACE}/deployments/{made.json()['id']}"

    assert made.status_code == 201
    assert made.headers["location"].endswith(path)
    assert api.get(path).json() == made.json()
    changed = api.patch(path, json={"follows": "2"}, headers={"If-Match": made.headers["etag"]})
    assert (changed.json()["pinned"], changed.json()["revision"]) == (2, 2)
    stale = api.patch(path, json={"follows": "1"}, headers={"If-Match": made.headers["etag"]})
    problem(stale, 412, "stale")
    assert api.patch(path, json={"follows": "1"}).status_code == 428


def test_creating_again_with_the_same_key_gives_what_there_is(api: Api) -> None:
    body = {"environment": "prod", "model": "iris"}
    headers = {"Idempotency-Key": "k"}

    first, second = (
        api.post(f"{NAMESPACE}/deployments", json=body, headers=headers) for _ in range(2)
    )

    assert first.json() == second.json()
    assert second.headers["idempotency-replayed"] == "true"
    assert len(api.get(f"{NAMESPACE}/deployments").json()["items"]) == 1


def test_lists_are_narrowed_by_what_a_client_knows(api: Api) -> None:
    api.post(f"{NAMESPACE}/environments", json={"name": "dev", "external_id": "uid"})
    deploy(api, name="web", external_id="x")
    deploy(api, name="web", environment="dev", desired_state="undeployed")

    def names(query: str, noun: str = "deployments") -> list[str]:
        key = "environment" if noun == "deployments" else "name"
        return [each[key] for each in api.get(f"{NAMESPACE}/{noun}?{query}").json()["items"]]

    assert names("") == names("name=web") == names("model=iris") == ["prod", "dev"]
    assert names("environment=dev") == ["dev"]
    assert names("external_id=x") == ["prod"]
    assert names("filter=desired_state = 'undeployed'") == ["dev"]
    assert names("order_by=environment") == ["dev", "prod"]
    assert names("model=tulips") == []
    assert names("name=prod", "environments") == ["prod"]
    assert names("external_id=uid", "environments") == ["dev"]
    past = "as_of=2026-01-02T03:04:05.678Z"
    assert names(past) == ["prod", "dev"]
    assert names(f"{past}&environment=dev") == ["dev"]
    problem(api.get(f"{NAMESPACE}/deployments?{past}&order_by=name"), 422, "invalid")


def test_pages_follow_each_other_now_and_then(api: Api) -> None:
    for number in range(5):
        deploy(api, name=f"d{number}")

    for past in ("", "&as_of=2026-01-02T03:04:05.678Z"):
        names: list[str] = []
        token = ""
        while token is not None:
            query = f"page_size=2{past}" + (f"&page_token={token}" if token else "")
            page = api.get(f"{NAMESPACE}/deployments?{query}").json()
            names += [each["name"] for each in page["items"]]
            token = page["next_page_token"]
        assert names == [f"d{number}" for number in range(5)]


@pytest.mark.parametrize("id", ["0", "abc", "9", "1e3", "9999999999", "%00", "-1"])
def test_what_is_no_id_is_not_found(api: Api, id: str) -> None:
    for path in ("", "/target", "/serve-records"):
        problem(api.get(f"{NAMESPACE}/deployments/{id}{path}"), 404, "not-found")


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"environment": "nowhere"}, 404),
        ({"model": "tulips"}, 404),
        ({"follows": "9"}, 404),
        ({"follows": "?"}, 422),
        ({"desired_state": "DEPLOYED"}, 422),
        ({"name": "a\0b"}, 422),
        ({"runtime": ""}, 422),
        ({"unknown": 1}, 422),
        ({"metadata": {"a": {"": 1}}}, 422),
    ],
)
def test_what_cannot_be_deployed_is_refused(api: Api, fields: Any, status: int) -> None:
    assert deploy(api, **fields).status_code == status


def test_history_and_diff_tell_field_by_field(api: Api) -> None:
    path = f"{NAMESPACE}/deployments/{deploy(api, follows='1').json()['id']}"
    api.post(f"{path}/serve-records", json={"number": 1, "state": "running"})

    (seen, created) = api.get(f"{path}/history").json()["items"]
    diff = api.get(f"{path}/diff?from=2026-01-01T00:00:00Z").json()["changes"]

    assert (seen["action"], created["action"]) == ("deployment.observed", "deployment.created")
    assert {"field": "/traffic/1", "before": None, "after": 100} in seen["changes"]
    assert {"field": "/pinned", "before": None, "after": 1} in diff
    problem(api.get(f"{NAMESPACE}/deployments/9/history"), 404, "not-found")
