"""Every operation of the native API in its good case: status, ETag, Location, body."""

import base64
import hashlib
import re
from typing import Any

import pytest

from core.ports import SignedRequest
from tests.api.client import MODEL, Api, declared, problem

TIME = re.compile(r"2026-01-02T03:04:05\.678Z")
FILES = {"a.bin": b"one", "b/c d.bin": b"two"}


@pytest.fixture
def api() -> Api:
    return Api()


@pytest.fixture
def iris(api: Api) -> Api:
    """With a model `iris` that has the ready version 1, aliased `champion`."""
    api.world.pushed(FILES)
    assert api.put(f"{MODEL}/aliases/champion", json={"version": "1"}).status_code == 200
    return api


def ready(api: Api) -> Any:
    return api.get(f"{MODEL}/versions/1").json()


def test_health_needs_no_token_and_tells_the_truth(api: Api) -> None:
    del api.headers["Authorization"]
    good = api.get("/health")
    api.world.database.down = True
    no_database = api.get("/health")
    api.world.database.down, api.world.blobs.down = False, True
    no_store = api.get("/health")

    assert (good.status_code, good.text) == (200, "OK")
    for answer in (no_database, no_store):
        problem(answer, 503, "unavailable")
        assert answer.headers["retry-after"] == "2"


def test_the_metadata_of_the_resource_says_where_to_sign_in() -> None:
    api = Api(public_url="https://models.example.org")
    del api.headers["Authorization"]

    answer = api.get("/.well-known/oauth-protected-resource")

    assert answer.status_code == 200
    assert answer.json() == {
        "resource": "https://models.example.org",
        "authorization_servers": ["http://127.0.0.1:2"],
        "bearer_methods_supported": ["header"],
        "modelry_issuers": [
            {
                "name": "dev",
                "url": "http://127.0.0.1:2",
                "client_id": None,
                "audience": "modelry",
            }
        ],
    }


def test_the_document_is_served_without_a_token(api: Api) -> None:
    del api.headers["Authorization"]

    answer = api.get("/api/v1/openapi.json")

    assert answer.status_code == 200
    assert answer.json()["openapi"].startswith("3.1")


def test_whoami_says_who_and_what_for(api: Api) -> None:
    answer = api.get("/api/v1/whoami")

    assert answer.status_code == 200
    assert answer.json() == {
        "principal": "subject:dev:root",
        "issuer": "dev",
        "subject": "root",
        "groups": [],
        "roles": [{"scope": "*", "role": "admin"}],
        "platform": None,
        "claims": {},
        "token": None,
        "rules": [
            {
                "origin": "grant",
                "name": "subject:dev:root",
                "scope": "*",
                "role": "admin",
                "effect": "allow",
                "expires_at": None,
                "because": [],
            }
        ],
    }


def test_a_namespace_is_created_read_changed_and_listed(api: Api) -> None:
    created = api.post("/api/v1/namespaces", json={"name": "team", "tags": {"a": "b"}})
    read = api.get(created.headers["location"])
    changed = api.patch(
        "/api/v1/namespaces/team", json={"owner": "us"}, headers={"If-Match": '"1"'}
    )
    listed = api.get("/api/v1/namespaces")

    assert (created.status_code, created.headers["etag"]) == (201, '"1"')
    assert created.headers["location"] == "/api/v1/namespaces/team"
    assert read.json() == created.json()
    assert TIME.fullmatch(read.json()["created_at"])
    assert set(read.json()) == {
        "name",
        "state",
        "description",
        "tags",
        "metadata",
        "custom_properties",
        "external_id",
        "owner",
        "created_at",
        "created_by",
        "updated_at",
        "updated_by",
        "revision",
    }
    assert (changed.status_code, changed.headers["etag"]) == (200, '"2"')
    assert (changed.json()["owner"], changed.json()["tags"]) == ("us", {"a": "b"})
    assert [each["name"] for each in listed.json()["items"]] == ["default", "team"]
    assert listed.json()["next_page_token"] is None


def test_a_model_is_registered_read_changed_and_listed(api: Api) -> None:
    created = api.post(
        "/api/v1/namespaces/default/models", json={"name": "Iris v2%", "description": "x"}
    )
    read = api.get(created.headers["location"])
    changed = api.patch(
        created.headers["location"],
        content=b'{"description": null, "metadata": {"a": 1}}',
        headers={"If-Match": "*", "Content-Type": "application/merge-patch+json"},
    )
    listed = api.get("/api/v1/namespaces/default/models")

    assert created.status_code == 201
    assert created.headers["location"] == "/api/v1/namespaces/default/models/Iris%20v2%25"
    assert read.json() == created.json()
    assert read.json()["id"] == "1"
    assert (read.json()["last_version"], read.json()["aliases"]) == (0, {})
    assert (changed.status_code, changed.headers["etag"]) == (200, '"2"')
    assert (changed.json()["description"], changed.json()["metadata"]) == ("", {"a": 1})
    assert listed.json()["items"] == [changed.json()]


def test_a_version_goes_from_registration_to_download_over_http(api: Api) -> None:
    api.post("/api/v1/namespaces/default/models", json={"name": "iris"})
    body = {
        "parameters": {"depth": 3},
        "metrics": {"accuracy": 0.9},
        "datasets": [{"name": "iris"}],
        "license": "MIT",
        "files": [declared(path, content) for path, content in FILES.items()],
    }

    registered = api.post(f"{MODEL}/versions", json=body)
    resumed = api.post(f"{MODEL}/versions", json=body)
    upload = api.post(f"{MODEL}/versions/1/upload")
    early = api.post(f"{MODEL}/versions/1/upload/complete")
    for item in upload.json()["items"]:
        assert item["method"] == "put"
        api.world.blobs.send(
            SignedRequest("PUT", item["url"], item["headers"], api.world.clock.now()),
            FILES[item["path"]],
        )
    done = api.post(f"{MODEL}/versions/1/upload/complete")
    again = api.post(f"{MODEL}/versions/1/upload/complete")

    assert (registered.status_code, registered.headers["etag"]) == (201, '"1"')
    assert registered.headers["location"] == f"{MODEL}/versions/1"
    assert (resumed.status_code, resumed.json()) == (200, registered.json())
    assert resumed.headers["location"] == registered.headers["location"]
    assert registered.json()["state"] == "pending"
    assert (registered.json()["id"], registered.json()["model_id"]) == ("1", "1")
    assert registered.json()["upload_expires_at"] == "2026-01-03T03:04:05.678Z"
    assert upload.json()["state"] == "pending"
    assert early.json()["remaining"] == [
        {"path": path, "problem": "has not arrived"} for path in FILES
    ]
    assert (done.status_code, done.json()["state"]) == (200, "ready")
    assert done.json()["remaining"] == []
    assert done.json()["version"] == again.json()["version"] == ready(api)
    assert ready(api)["ready_at"] == "2026-01-02T03:04:05.678Z"


def test_a_version_without_files_is_ready_at_once(api: Api) -> None:
    api.post("/api/v1/namespaces/default/models", json={"name": "iris"})

    answer = api.post(f"{MODEL}/versions", json={})

    assert (answer.status_code, answer.json()["state"]) == (201, "ready")
    assert answer.json()["digest"] is None


@pytest.mark.parametrize("name", ["1", "v1", "latest", "@champion", "@latest", "digest"])
def test_a_version_is_read_by_every_name(iris: Api, name: str) -> None:
    name = ready(iris)["digest"] if name == "digest" else name

    answer = iris.get(f"{MODEL}/versions/{name}")

    assert (answer.status_code, answer.json()["number"]) == (200, 1)
    assert answer.json()["aliases"] == ["champion"]
    revision = answer.json()["revision"]
    assert answer.headers["etag"] in {f'"{revision}"', f'"1.{revision}"'}


def test_versions_are_listed_newest_first_and_changed(iris: Api) -> None:
    iris.post(f"{MODEL}/versions", json={"parameters": {"a": 1}})
    listed = iris.get(f"{MODEL}/versions").json()["items"]

    changed = iris.patch(
        f"{MODEL}/versions/@champion",
        json={"tags": {"a": "b"}},
        headers={"If-Match": f'"{listed[1]["revision"]}"'},
    )

    assert [version["number"] for version in listed] == [2, 1]
    assert (changed.status_code, changed.json()["tags"]) == (200, {"a": "b"})


def test_the_manifest_and_the_downloads_are_pages_by_path(iris: Api) -> None:
    files = iris.get(f"{MODEL}/versions/1/files", params={"page_size": 1}).json()
    rest = iris.get(
        f"{MODEL}/versions/1/files", params={"page_token": files["next_page_token"]}
    ).json()
    downloads = iris.get(f"{MODEL}/versions/1/downloads").json()["items"]

    assert [each["path"] for each in files["items"] + rest["items"]] == list(FILES)
    assert rest["next_page_token"] is None
    assert files["items"][0] == {
        "path": "a.bin",
        "size_bytes": 3,
        "sha256": hashlib.sha256(b"one").hexdigest(),
        "state": "received",
        "problem": None,
    }
    for each in downloads:
        assert set(each) == {"path", "size_bytes", "sha256", "url", "expires_at"}
        signed = SignedRequest("GET", each["url"], {}, iris.world.clock.now())
        assert iris.world.blobs.fetch(signed) == FILES[each["path"]]


@pytest.mark.parametrize("path", ["a.bin", "b/c d.bin", "b/c%20d.bin", "b%2Fc%20d.bin"])
def test_a_file_is_a_redirect_to_its_bytes(iris: Api, path: str) -> None:
    answer = iris.get(f"{MODEL}/versions/latest/files/{path}")

    content = FILES["a.bin" if path == "a.bin" else "b/c d.bin"]
    digest = base64.b64encode(hashlib.sha256(content).digest()).decode()
    assert (answer.status_code, answer.content) == (307, b"")
    assert answer.headers["repr-digest"] == f"sha-256=:{digest}:"
    assert answer.headers["x-modelry-version"] == "1"
    assert answer.headers["cache-control"] == "no-store"
    signed = SignedRequest("GET", answer.headers["location"], {}, iris.world.clock.now())
    assert iris.world.blobs.fetch(signed) == content


def test_an_upload_can_be_given_up(iris: Api) -> None:
    iris.post(f"{MODEL}/versions", json={"files": [declared("x", b"x")]})

    answers = [iris.delete(f"{MODEL}/versions/2/upload") for _ in range(2)]

    assert [(answer.status_code, answer.content) for answer in answers] == [(204, b"")] * 2
    assert iris.get(f"{MODEL}/versions/2").json()["state"] == "abandoned"
    problem(iris.delete(f"{MODEL}/versions/1/upload"), 409, "conflict")
    problem(iris.post(f"{MODEL}/versions/2/upload"), 409, "conflict")


def test_parts_are_signed_for_a_file_of_many(iris: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("core.domain.files.PART_BYTES", 8)
    iris.post(f"{MODEL}/versions", json={"files": [declared("large", b"0123456789")]})
    upload = iris.post(f"{MODEL}/versions/2/upload").json()["items"]
    digests = [hashlib.sha256(part).hexdigest() for part in (b"01234567", b"89")]

    signed = iris.post(
        f"{MODEL}/versions/2/upload/parts",
        json={
            "path": "large",
            "parts": [{"number": n, "sha256": digest} for n, digest in enumerate(digests, 1)],
        },
    )

    assert upload == [
        {
            "path": "large",
            "size_bytes": 10,
            "method": "multipart",
            "part_size_bytes": 8,
            "part_count": 2,
            "received_parts": [],
        }
    ]
    assert signed.status_code == 200
    assert [set(item) for item in signed.json()["items"]] == [
        {"number", "url", "headers", "expires_at"}
    ] * 2


def test_an_alias_is_pointed_read_listed_and_removed(iris: Api) -> None:
    pointed = iris.put(f"{MODEL}/aliases/prod", json={"version": "@champion", "reason": "go"})
    read = iris.get(f"{MODEL}/aliases/prod")
    listed = iris.get(f"{MODEL}/aliases").json()
    removed = iris.delete(f"{MODEL}/aliases/prod")

    body = {"namespace": "default", "model": "iris", "alias": "prod", "version": 1}
    revision = iris.get(MODEL).json()["revision"]
    assert (pointed.status_code, pointed.json()) == (200, body)
    assert (read.json(), read.headers["etag"]) == (body, f'"{revision - 1}"')
    assert [each["alias"] for each in listed["items"]] == ["champion", "prod"]
    assert (removed.status_code, removed.content) == (204, b"")
    problem(iris.get(f"{MODEL}/aliases/prod"), 404, "not-found")


def test_an_alias_moves_only_from_the_revision_that_was_read(iris: Api) -> None:
    etag = iris.get(f"{MODEL}/aliases/champion").headers["etag"]
    iris.patch(MODEL, json={"owner": "x"}, headers={"If-Match": "*"})

    stale = iris.put(f"{MODEL}/aliases/champion", json={"version": "1"}, headers={"If-Match": etag})
    blind = iris.put(f"{MODEL}/aliases/champion", json={"version": "1"})

    problem(stale, 412, "stale")
    assert blind.status_code == 200


@pytest.mark.parametrize(
    ("scope", "role"), [("/api/v1/namespaces/default", "writer"), ("/api/v1", "auditor")]
)
def test_a_grant_is_given_listed_and_taken(api: Api, scope: str, role: str) -> None:
    body = {"grantee": "group:dev:team", "role": role}

    given = api.put(f"{scope}/grants", json=body)
    listed = api.get(f"{scope}/grants").json()["items"]
    taken = api.delete(f"{scope}/grants", params={"grantee": "group:dev:team"})

    assert given.status_code == 200
    assert set(given.json()) == {
        *("scope", "grantee", "role", "effect", "expires_at", "created_at", "created_by"),
    }
    assert given.json() in listed
    assert (taken.status_code, taken.content) == (204, b"")
    assert given.json() not in api.get(f"{scope}/grants").json()["items"]
    problem(api.delete(f"{scope}/grants", params=body), 404, "not-found")


def test_events_are_listed_and_narrowed_to_a_subject(iris: Api) -> None:
    iris.patch(MODEL, json={"owner": "us"}, headers={"If-Match": "*", "X-Request-Id": "r-1"})

    everything = iris.get("/api/v1/namespaces/default/events").json()["items"]
    narrowed = iris.get(
        "/api/v1/namespaces/default/events", params={"kind": "model", "subject": "default/iris"}
    ).json()["items"]

    assert {event["kind"] for event in everything} == {
        "namespace",
        "grant",
        "model",
        "version",
        "alias",
        "artifact",
    }
    changed = next(event for event in narrowed if event["action"] == "model.updated")
    assert (changed["actor"], changed["request_id"]) == ("subject:dev:root", "r-1")
    assert (changed["dialect"], changed["address"]) == ("native", "testclient")
    assert changed["before"]["owner"] is None
    assert changed["after"]["owner"] == "us"
    half = iris.get("/api/v1/namespaces/default/events", params={"kind": "model"})
    problem(half, 422, "invalid")


def test_pages_lead_through_everything_once(api: Api) -> None:
    names = [f"m{number}" for number in range(7)]
    for name in names:
        api.post("/api/v1/namespaces/default/models", json={"name": name})
    seen, token = [], None

    while True:
        params = {"page_size": 3} | ({"page_token": token} if token else {})
        page = api.get("/api/v1/namespaces/default/models", params=params).json()
        seen += [model["name"] for model in page["items"]]
        if (token := page["next_page_token"]) is None:
            break

    assert seen == names
