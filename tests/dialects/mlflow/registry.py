"""Every registry method of MLflow's client, in an environment that has it and nothing of ours."""

import inspect

import mlflow
from mlflow import MlflowClient
from mlflow.exceptions import MlflowException

client = MlflowClient()
USED: set[str] = set()
SOURCE = "s3://elsewhere/model"


def call(method: str, *arguments, **more):
    """The client's method, noted as one that was used."""
    USED.add(method)
    return getattr(client, method)(*arguments, **more)


def refused(code: str, method: str, *arguments, **more) -> None:
    """The method raises an error with this code."""
    said = "nothing"
    try:
        call(method, *arguments, **more)
    except MlflowException as error:
        said = error.error_code
    assert said == code, f"{method} was refused with {said}"


def models() -> None:
    made = call("create_registered_model", "iris", tags={"team": "a"}, description="flowers")
    assert (made.name, made.tags, made.description) == ("iris", {"team": "a"}, "flowers")
    refused("RESOURCE_ALREADY_EXISTS", "create_registered_model", "iris")
    refused("RESOURCE_DOES_NOT_EXIST", "get_registered_model", "nothing")
    for odd in ('it\'s "odd" ?&#%', "ünïcode 模型", "two\nlines"):
        call("create_registered_model", odd)
        assert call("get_registered_model", odd).name == odd
        call("delete_registered_model", odd)
    call("update_registered_model", "iris", description="more flowers")
    call("set_registered_model_tag", "iris", "task", "classify")
    call("set_registered_model_tag", "iris", "gone", "")
    call("delete_registered_model_tag", "iris", "gone")
    found = call("get_registered_model", "iris")
    assert found.description == "more flowers"
    assert found.tags == {"team": "a", "task": "classify"}
    for name in ("a", "b", "c"):
        call("create_registered_model", name)
    page = call("search_registered_models", max_results=3)
    rest = call("search_registered_models", max_results=3, page_token=page.token)
    assert [model.name for model in [*page, *rest]] == ["a", "b", "c", "iris"]
    some = call("search_registered_models", "name ILIKE 'I%' AND tags.team = 'a'")
    assert [model.name for model in some] == ["iris"]
    last = call("search_registered_models", order_by=["name DESC"], max_results=1)
    assert [model.name for model in last] == ["iris"]
    refused("INVALID_PARAMETER_VALUE", "search_registered_models", "name = iris")
    call("rename_registered_model", "c", "d")
    assert call("get_registered_model", "d").name == "d"
    refused("RESOURCE_ALREADY_EXISTS", "rename_registered_model", "d", "iris")


def versions() -> None:
    made = call("create_model_version", "iris", SOURCE, run_link="x", tags={"n": "1"})
    assert (made.version, made.status, made.current_stage) in {
        ("1", "READY", "None"),
        (1, "READY", "None"),
    }
    call("create_model_version", "iris", SOURCE, description="second")
    call("update_model_version", "iris", "1", "first")
    call("set_model_version_tag", "iris", "1", "k", "v")
    call("set_model_version_tag", "iris", "1", "gone", "v")
    call("delete_model_version_tag", "iris", "1", "gone")
    found = call("get_model_version", "iris", "1")
    assert (found.description, found.tags, found.source) == ("first", {"n": "1", "k": "v"}, SOURCE)
    assert call("get_model_version_download_uri", "iris", "1") == SOURCE
    searched = call("search_model_versions", "name = 'iris'", order_by=["version_number ASC"])
    assert [str(version.version) for version in searched] == ["1", "2"]
    refused("RESOURCE_DOES_NOT_EXIST", "get_model_version", "iris", "9")
    refused("INVALID_PARAMETER_VALUE", "create_model_version", "iris", "/tmp/model")
    stages = call("get_model_version_stages", "iris", "1")
    assert stages == ["None", "Staging", "Production", "Archived"]


def aliases() -> None:
    call("set_registered_model_alias", "iris", "champion", "1")
    assert str(call("get_model_version_by_alias", "iris", "champion").version) == "1"
    call("set_registered_model_alias", "iris", "champion", "2")
    assert call("get_registered_model", "iris").aliases == {"champion": "2"}
    assert call("get_model_version", "iris", "2").aliases == ["champion"]
    refused("INVALID_PARAMETER_VALUE", "get_model_version_by_alias", "iris", "nothing")
    refused("INVALID_PARAMETER_VALUE", "set_registered_model_alias", "iris", "latest", "1")
    copied = call("copy_model_version", "models:/iris@champion", "copies")
    assert (copied.name, str(copied.version)) == ("copies", "1")
    assert call("get_model_version_download_uri", "copies", "1") == SOURCE
    call("delete_registered_model_alias", "iris", "champion")
    assert call("get_registered_model", "iris").aliases == {}


def stages() -> None:
    moved = call("transition_model_version_stage", "iris", "1", "production")
    assert moved.current_stage == "Production"
    call("transition_model_version_stage", "iris", "2", "Production", True)
    assert call("get_model_version", "iris", "1").current_stage == "Archived"
    latest = call("get_latest_versions", "iris", ["Production", "archived"])
    assert {(each.current_stage, str(each.version)) for each in latest} == {
        ("Production", "2"),
        ("Archived", "1"),
    }
    assert len(call("get_registered_model", "iris").latest_versions) == 2
    call("transition_model_version_stage", "iris", "2", "None")


def deletions() -> None:
    call("set_registered_model_alias", "iris", "champion", "2")
    call("delete_model_version", "iris", "2")
    refused("RESOURCE_DOES_NOT_EXIST", "get_model_version", "iris", "2")
    assert str(call("create_model_version", "iris", SOURCE).version) == "3"
    call("delete_registered_model", "iris")
    refused("RESOURCE_DOES_NOT_EXIST", "get_registered_model", "iris")
    call("create_registered_model", "iris")
    assert str(call("create_model_version", "iris", SOURCE).version) == "4"
    assert len(call("search_model_versions", "name = 'iris'")) == 1


def all_methods() -> set[str]:
    """The public methods of the client that are about the registry alone."""
    words = ("registered_model", "model_version", "latest_versions")
    names = (name for name, _ in inspect.getmembers(client, inspect.isfunction))
    every = {*names, *(name for name, _ in inspect.getmembers(client, inspect.ismethod))}
    return {name for name in every if name[0] != "_" and any(word in name for word in words)}


models()
versions()
aliases()
stages()
deletions()
print("left out:", sorted(all_methods() - USED))
print("done with", mlflow.__version__)
