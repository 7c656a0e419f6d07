"""Registered models: create, get, update, delete, search, tags and aliases."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.api.client import Api
from tests.dialects.mlflow.conftest import Mlflow

MODELS = "registered-models"
INVALID = "INVALID_PARAMETER_VALUE"
MISSING = "RESOURCE_DOES_NOT_EXIST"


def create(mlflow: Mlflow, name: str = "iris", versions: int = 0, **body: Any) -> Any:
    made = mlflow.post(f"{MODELS}/create", name=name, **body)["registered_model"]
    for _ in range(versions):
        mlflow.post("model-versions/create", name=name, source="s3://elsewhere/m")
    return made


def get(mlflow: Mlflow, name: str = "iris") -> Any:
    return mlflow.get(f"{MODELS}/get", name=name)["registered_model"]


def names(mlflow: Mlflow, **params: Any) -> list[str]:
    found = mlflow.get(f"{MODELS}/search", **params)
    return [model["name"] for model in found.get("registered_models", [])]


def test_a_model_says_what_it_is_and_leaves_out_what_it_has_not(mlflow: Mlflow) -> None:
    made = create(mlflow)

    assert set(made) == {"name", "creation_timestamp", "last_updated_timestamp"}
    assert made["creation_timestamp"] == made["last_updated_timestamp"] > 10**12
    assert get(mlflow) == made


def test_what_describes_a_model_is_kept(mlflow: Mlflow) -> None:
    tags = [{"key": "a", "value": "1"}, {"key": "b"}, {"key": "a", "value": "2"}]

    made = create(mlflow, description="flowers", tags=tags)

    assert made["description"] == "flowers"
    assert made["tags"] == [{"key": "a", "value": "2"}, {"key": "b", "value": ""}]


@pytest.mark.parametrize(
    "name",
    ["ünïcode 模型", 'it\'s "quoted"', "a?b&c#d%20e%", "a@b\\c", "two\nlines", "100%", "x" * 250],
)
def test_names_are_free_text(mlflow: Mlflow, name: str) -> None:
    create(mlflow, name)

    assert get(mlflow, name)["name"] == name
    assert names(mlflow) == [name]


@pytest.mark.parametrize("name", ["a/b", "a:b", " ", ".", "..", "a\0b", "x" * 256])
def test_some_names_cannot_be(mlflow: Mlflow, name: str) -> None:
    mlflow.refused(INVALID, "POST", f"{MODELS}/create", json={"name": name})


def test_a_name_is_taken_once(mlflow: Mlflow) -> None:
    create(mlflow)

    mlflow.refused("RESOURCE_ALREADY_EXISTS", "POST", f"{MODELS}/create", json={"name": "iris"})


def test_a_creation_is_safe_to_repeat_with_a_key(mlflow: Mlflow) -> None:
    sent = {"json": {"name": "iris"}, "headers": {"Idempotency-Key": "once"}}

    first = mlflow("POST", f"{MODELS}/create", **sent)

    assert mlflow("POST", f"{MODELS}/create", **sent) == first


def test_what_is_said_of_a_model_changes(mlflow: Mlflow) -> None:
    create(mlflow, description="old")

    changed = mlflow.patch(f"{MODELS}/update", name="iris", description="new")
    assert changed["registered_model"]["description"] == "new"

    cleared = mlflow.patch(f"{MODELS}/update", name="iris")
    assert "description" not in cleared["registered_model"]


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", "get", {}),
        ("GET", "get-latest-versions", {}),
        ("POST", "get-latest-versions", {}),
        ("PATCH", "update", {"description": "x"}),
        ("DELETE", "delete", {}),
        ("POST", "set-tag", {"key": "k", "value": "v"}),
        ("DELETE", "delete-tag", {"key": "k"}),
        ("POST", "alias", {"alias": "a", "version": "1"}),
        ("DELETE", "alias", {"alias": "a"}),
        ("GET", "alias", {"alias": "a"}),
        ("GET", "alias", {"alias": "latest"}),
    ],
)
def test_a_model_that_is_not_there_is_not_found(
    mlflow: Mlflow, method: str, path: str, body: Any
) -> None:
    sent = {"name": "nothing", **body}
    options: Any = {"params": sent} if method == "GET" else {"json": sent}

    mlflow.refused(MISSING, method, f"{MODELS}/{path}", **options)
    mlflow.refused(INVALID, method, f"{MODELS}/{path}", **_without(options, "name"))


def _without(options: Any, field: str) -> Any:
    return {
        kind: {name: value for name, value in sent.items() if name != field}
        for kind, sent in options.items()
    }


def test_a_deletion_takes_its_fields_from_the_body(mlflow: Mlflow) -> None:
    create(mlflow)

    mlflow.refused(INVALID, "DELETE", f"{MODELS}/delete", params={"name": "iris"})

    assert mlflow.delete(f"{MODELS}/delete", name="iris") == {}
    mlflow.refused(MISSING, "GET", f"{MODELS}/get", params={"name": "iris"})
    assert names(mlflow) == []


@pytest.mark.parametrize("key", ["a", "a b", "a.b-c/d:e", "模型", "x" * 250])
def test_tags_come_and_go(mlflow: Mlflow, key: str) -> None:
    create(mlflow)

    assert mlflow.post(f"{MODELS}/set-tag", name="iris", key=key, value="1") == {}
    mlflow.post(f"{MODELS}/set-tag", name="iris", key=key, value="x" * 100_000)
    assert get(mlflow)["tags"] == [{"key": key, "value": "x" * 100_000}]

    assert mlflow.delete(f"{MODELS}/delete-tag", name="iris", key=key) == {}
    assert mlflow.delete(f"{MODELS}/delete-tag", name="iris", key=key) == {}
    assert "tags" not in get(mlflow)


@pytest.mark.parametrize(
    "tag",
    [
        {"key": "x" * 251},
        {"key": ""},
        {"key": None},
        {"key": "../a"},
        {"key": "/a"},
        {"key": "a//b"},
        {"key": "a?"},
        {"key": "a", "value": "x" * 100_001},
        {"key": "a", "value": 1},
    ],
)
def test_some_tags_cannot_be(mlflow: Mlflow, tag: Any) -> None:
    create(mlflow)

    mlflow.refused(INVALID, "POST", f"{MODELS}/set-tag", json={"name": "iris", **tag})


def test_an_alias_points_to_one_version(mlflow: Mlflow) -> None:
    create(mlflow, versions=2)

    mlflow.post(f"{MODELS}/alias", name="iris", alias="champion", version="1")
    mlflow.post(f"{MODELS}/alias", name="iris", alias="champion", version="2")

    assert get(mlflow)["aliases"] == [{"alias": "champion", "version": "2"}]
    found = mlflow.get(f"{MODELS}/alias", name="iris", alias="champion")["model_version"]
    assert (found["version"], found["aliases"]) == ("2", ["champion"])
    assert mlflow.delete(f"{MODELS}/alias", name="iris", alias="champion") == {}
    assert mlflow.delete(f"{MODELS}/alias", name="iris", alias="champion") == {}
    mlflow.refused(INVALID, "GET", f"{MODELS}/alias", params={"name": "iris", "alias": "champion"})


def test_the_alias_latest_is_the_newest_version(mlflow: Mlflow) -> None:
    create(mlflow, versions=3)
    mlflow.delete("model-versions/delete", name="iris", version="3")

    found = mlflow.get(f"{MODELS}/alias", name="iris", alias="latest")

    assert found["model_version"]["version"] == "2"


@pytest.mark.parametrize("alias", ["latest", "Latest", "v1", "V23", "a b", "a/b", "", "x" * 256])
def test_some_aliases_cannot_be(mlflow: Mlflow, alias: str) -> None:
    create(mlflow, versions=1)
    body = {"name": "iris", "alias": alias, "version": "1"}

    mlflow.refused(INVALID, "POST", f"{MODELS}/alias", json=body)


def test_aliases_are_those_of_every_client(api: Api, mlflow: Mlflow) -> None:
    create(mlflow, versions=1)

    api.put(
        "/api/v1/namespaces/default/models/iris/aliases/champion", json={"version": "1"}
    ).raise_for_status()

    assert get(mlflow)["aliases"] == [{"alias": "champion", "version": "1"}]
    found = mlflow.get("model-versions/search", filter="name = 'iris'")["model_versions"]
    assert found[0]["aliases"] == ["champion"]


def test_the_newest_version_of_each_stage_is_shown(mlflow: Mlflow) -> None:
    create(mlflow, versions=4)
    for version, stage in (("1", "Archived"), ("2", "Staging"), ("3", "Staging")):
        move = {"name": "iris", "version": version, "stage": stage}
        mlflow.post("model-versions/transition-stage", **move)

    def stages(found: Any) -> list[tuple[str, str]]:
        return [(each["current_stage"], each["version"]) for each in found]

    every = [("None", "4"), ("Staging", "3"), ("Archived", "1")]
    latest = f"{MODELS}/get-latest-versions"
    assert stages(get(mlflow)["latest_versions"]) == every
    assert stages(mlflow.post(latest, name="iris")["model_versions"]) == every
    some = mlflow.get(latest, name="iris", stages=["staging", "NONE"])
    assert stages(some["model_versions"]) == every[:2]
    assert mlflow.get(latest, name="iris", stages="Production") == {}
    mlflow.refused(INVALID, "GET", latest, params={"name": "iris", "stages": "Canary"})


def test_a_renamed_model_keeps_what_it_has(mlflow: Mlflow) -> None:
    create(mlflow, versions=2, tags=[{"key": "a", "value": "1"}])
    mlflow.post(f"{MODELS}/alias", name="iris", alias="champion", version="1")

    renamed = mlflow.post(f"{MODELS}/rename", name="iris", new_name="rose")["registered_model"]

    assert (renamed["name"], renamed["tags"]) == ("rose", [{"key": "a", "value": "1"}])
    found = mlflow.get(f"{MODELS}/alias", name="rose", alias="champion")["model_version"]
    assert (found["name"], found["version"]) == ("rose", "1")
    mlflow.refused(MISSING, "GET", f"{MODELS}/get", params={"name": "iris"})
    versions = mlflow.get("model-versions/search", filter="name = 'rose'")["model_versions"]
    assert [each["version"] for each in versions] == ["2", "1"]
    create(mlflow, versions=1)
    assert get(mlflow)["latest_versions"][0]["version"] == "1"


@pytest.mark.parametrize(
    ("names", "code"),
    [
        ({"name": "iris"}, INVALID),
        ({"name": "iris", "new_name": "a/b"}, INVALID),
        ({"name": "iris", "new_name": " "}, INVALID),
        ({"name": "iris", "new_name": "rose"}, "RESOURCE_ALREADY_EXISTS"),
        ({"name": "nothing", "new_name": "tulip"}, MISSING),
    ],
)
def test_a_name_that_cannot_be_given_is_refused(mlflow: Mlflow, names: Any, code: str) -> None:
    create(mlflow)
    create(mlflow, "rose")

    mlflow.refused(code, "POST", f"{MODELS}/rename", json=names)

    assert mlflow.post(f"{MODELS}/rename", name="iris", new_name="iris")


def test_the_name_of_a_deleted_model_is_free_and_its_numbers_are_not(mlflow: Mlflow) -> None:
    create(mlflow, versions=2, description="old", tags=[{"key": "a", "value": "1"}])
    mlflow.delete(f"{MODELS}/delete", name="iris")

    made = create(mlflow)

    assert {"description", "tags", "latest_versions"}.isdisjoint({**made, **get(mlflow)})
    assert mlflow.get("model-versions/search", filter="name = 'iris'") == {}
    again = mlflow.post("model-versions/create", name="iris", source="s3://elsewhere/m")
    assert again["model_version"]["version"] == "3"
    assert names(mlflow) == ["iris"]


def test_of_many_who_create_one_model_one_does(mlflow: Mlflow) -> None:
    def one(_: int) -> int:
        return int(mlflow.ask("POST", f"{MODELS}/create", json={"name": "iris"}).status_code)

    with ThreadPoolExecutor(8) as pool:
        answers = sorted(pool.map(one, range(8)))

    assert answers == [200] + [400] * 7


def test_of_many_who_set_new_tags_none_is_refused_and_none_lost(mlflow: Mlflow) -> None:
    create(mlflow)

    def one(at: int) -> int:
        body = {"name": "iris", "key": f"k{at}", "value": "v"}
        return int(mlflow.ask("POST", f"{MODELS}/set-tag", json=body).status_code)

    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(one, range(8))) == {200}
    assert len(get(mlflow)["tags"]) == 8
