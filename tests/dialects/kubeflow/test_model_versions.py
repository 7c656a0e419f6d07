"""Model versions, as Kubeflow's clients handle them."""

from typing import Any

import pytest

from core.domain.versions import ByNumber
from tests.api.client import MODEL, Api
from tests.builders import ADMIN
from tests.dialects.kubeflow.conftest import Kubeflow, integer, text


@pytest.fixture
def model(kubeflow: Kubeflow) -> str:
    made = kubeflow.post("/registered_models", name="churn")
    return str(made["id"])


def version(kubeflow: Kubeflow, model: str, name: str = "v 1", **fields: Any) -> Any:
    return kubeflow.post("/model_versions", name=name, registeredModelId=model, **fields)


def test_a_version_comes_back_as_it_was_sent(kubeflow: Kubeflow, model: str) -> None:
    properties = {"auc": {"double_value": 0.5, "metadataType": "MetadataDoubleValue"}}
    sent = {"description": "d", "externalId": "x", "author": "me", "customProperties": properties}

    made = version(kubeflow, model, **sent)

    assert {
        **sent,
        "name": "v 1",
        "registeredModelId": model,
        "state": "LIVE",
    }.items() <= made.items()
    assert kubeflow.get(f"/model_versions/{made['id']}") == made
    assert kubeflow.get("/model_version", name="v 1", parentResourceId=model) == made
    assert kubeflow.get("/model_version", externalId="x") == made
    assert kubeflow.get(f"/registered_models/{model}/versions", name="v 1")["items"] == [made]
    assert kubeflow.get(f"/registered_models/{model}/versions", externalId="y")["items"] == []


def test_the_model_in_the_path_wins_but_the_body_names_one_too(
    kubeflow: Kubeflow, model: str
) -> None:
    other = kubeflow.post("/registered_models", name="other")["id"]

    made = kubeflow.post(f"/registered_models/{model}/versions", name="a", registeredModelId=other)
    kubeflow.post(f"/registered_models/{model}/versions", 422, name="b")

    assert made["registeredModelId"] == model


def test_a_name_is_used_once_in_a_model(kubeflow: Kubeflow, model: str) -> None:
    other = kubeflow.post("/registered_models", name="other")["id"]
    version(kubeflow, model, "1.0")
    version(kubeflow, other, "1.0")

    kubeflow.post("/model_versions", 409, name="1.0", registeredModelId=model)
    kubeflow.post("/model_versions", 404, name="1.0", registeredModelId="999")


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"name": "a"}, 422),
        ({"registeredModelId": "1"}, 422),
        ({"name": "", "registeredModelId": "1"}, 422),
        ({"name": "a", "registeredModelId": "abc"}, 400),
        ({"name": "a", "registeredModelId": 1}, 400),
        ({"name": "a", "registeredModelId": "1", "state": "GONE"}, 400),
        ({"name": "a", "registeredModelId": "1", "extra": 1}, 400),
    ],
)
def test_what_is_no_version_is_refused(
    kubeflow: Kubeflow, model: str, body: Any, status: int
) -> None:
    kubeflow("POST", "/model_versions", status, json=body)


def test_a_patch_keeps_what_it_does_not_hold(kubeflow: Kubeflow, model: str) -> None:
    made = version(kubeflow, model, author="me", customProperties={"a": integer(1)})
    path = f"/model_versions/{made['id']}"

    archived = kubeflow.patch(path, state="ARCHIVED", author="you")
    described = kubeflow.patch(path, description="d")

    assert (archived["state"], archived["author"]) == ("ARCHIVED", "you")
    assert described["state"] == "ARCHIVED"
    assert described["customProperties"] == {"a": integer(1)}
    assert kubeflow.patch(path, state="LIVE")["state"] == "LIVE"
    kubeflow.patch(path, 400, name="other")
    kubeflow.patch(path, 400, registeredModelId=model)


def test_finding_needs_an_external_id_or_a_name_with_its_model(
    kubeflow: Kubeflow, model: str
) -> None:
    version(kubeflow, model)

    kubeflow.get("/model_version", 400)
    kubeflow.get("/model_version", 400, name="v 1")
    kubeflow.get("/model_version", 400, name="v 1", parentResourceId="abc")
    kubeflow.get("/model_version", 404, name="v_1", parentResourceId=model)
    kubeflow.get("/model_version", 404, externalId="none")


def test_versions_are_filtered_by_fields_and_properties(kubeflow: Kubeflow, model: str) -> None:
    other = kubeflow.post("/registered_models", name="other")["id"]
    version(kubeflow, model, "one", author="me", customProperties={"team.name": text("a")})
    version(kubeflow, model, "two", customProperties={"n": integer(2)})
    version(kubeflow, other, "three", customProperties={"n": integer(3)}, state="ARCHIVED")

    def named(query: str) -> list[str]:
        return kubeflow.names("/model_versions", filterQuery=query)

    assert named("name = 'one' OR name LIKE 't%'") == ["one", "two", "three"]
    assert named("name != 'one'") == ["two", "three"]
    assert named(f"registeredModelId = {other}") == ["three"]
    assert named(f"registeredModelId IN ('{model}')") == ["one", "two"]
    assert named("author = 'me' AND `team.name` = 'a'") == ["one"]
    assert named("n > 2") == named("n.int_value = 3") == named("n = 3.0") == ["three"]
    assert named("n != 2") == ["three"]
    assert named("state = 'LIVE' AND (n = 2 OR n = 3)") == ["two"]
    assert named("createTimeSinceEpoch > 0 AND id IN ()") == []
    assert named('name = "one" and id >= 1') == ["one"]


def test_a_native_version_goes_by_its_semantic_version(api: Api, kubeflow: Kubeflow) -> None:
    api.world.pushed({"a.bin": b"1"})
    (model,) = kubeflow.get("/registered_models")["items"]

    found = kubeflow.get("/model_version", name="1.0.0", parentResourceId=model["id"])

    assert found["name"] == "1.0.0"
    digest = api.get(f"{MODEL}/versions/1").json()["digest"]
    assert found["customProperties"]["modelry.digest"] == text(digest)
    assert kubeflow.names("/model_versions", filterQuery="name = '1.0.0'") == ["1.0.0"]
    assert kubeflow.names("/model_versions", filterQuery="name != '1.0.0'") == []


def test_what_the_registry_shows_of_its_own_cannot_be_set(api: Api, kubeflow: Kubeflow) -> None:
    api.world.pushed({"a.bin": b"1"})
    api.world.registry.aliases.point(ADMIN, "default", "iris", "champion", ByNumber(1))
    (shown,) = kubeflow.get("/model_versions")["items"]
    properties = {**shown["customProperties"], "modelry.aliases": text("mine"), "a": integer(1)}

    changed = kubeflow.patch(f"/model_versions/{shown['id']}", customProperties=properties)

    assert changed["customProperties"]["modelry.aliases"] == text("champion")
    assert api.get(f"{MODEL}/versions/1").json()["custom_properties"] == {"a": 1}


def test_a_version_that_an_alias_holds_is_not_archived(api: Api, kubeflow: Kubeflow) -> None:
    api.world.pushed({"a.bin": b"1"})
    api.world.registry.aliases.point(ADMIN, "default", "iris", "champion", ByNumber(1))
    (shown,) = kubeflow.get("/model_versions")["items"]

    kubeflow.patch(f"/model_versions/{shown['id']}", 409, state="ARCHIVED", description="x")

    assert api.get(f"{MODEL}/versions/1").json()["description"] == ""
