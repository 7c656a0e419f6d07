"""Serving environments, inference services and serves, as Kubeflow's clients handle them."""

from typing import Any

import pytest

from tests.api.client import Api
from tests.dialects.kubeflow.conftest import Kubeflow, integer


@pytest.fixture
def place(kubeflow: Kubeflow) -> dict[str, str]:
    """A model with two versions, and an environment."""
    model = kubeflow.post("/registered_models", name="churn")["id"]
    versions = [
        kubeflow.post("/model_versions", name=name, registeredModelId=model)["id"]
        for name in ("1", "2")
    ]
    environment = kubeflow.post("/serving_environments", name="prod")["id"]
    return {"model": model, "first": versions[0], "second": versions[1], "prod": environment}


def service(kubeflow: Kubeflow, place: dict[str, str], **fields: Any) -> Any:
    return kubeflow.post(
        f"/serving_environments/{place['prod']}/inference_services",
        registeredModelId=place["model"],
        servingEnvironmentId=place["prod"],
        **fields,
    )


def test_an_environment_comes_back_as_it_was_sent(kubeflow: Kubeflow) -> None:
    sent = {
        "name": "prod",
        "description": "d",
        "externalId": "x",
        "customProperties": {"a": integer(1)},
    }

    made = kubeflow.post("/serving_environments", **sent)

    assert sent.items() <= made.items()
    assert kubeflow.get(f"/serving_environments/{made['id']}") == made
    assert kubeflow.get("/serving_environment", name="prod") == made
    assert kubeflow.get("/serving_environment", externalId="x") == made
    assert kubeflow.names("/serving_environments") == ["prod"]
    changed = kubeflow.patch(f"/serving_environments/{made['id']}", description="", externalId="y")
    assert ("description" in changed, changed["externalId"]) == (False, "y")
    kubeflow.post("/serving_environments", 409, name="prod")
    kubeflow.post("/serving_environments", 422)
    kubeflow.patch(f"/serving_environments/{made['id']}", 400, name="other")
    kubeflow.get("/serving_environment", 404, name="pro_")
    kubeflow.get("/serving_environment", 400)
    kubeflow.get("/serving_environments/77", 404)
    kubeflow.get("/serving_environments/prod", 400)


def test_a_service_comes_back_as_it_was_sent(kubeflow: Kubeflow, place: dict[str, str]) -> None:
    sent = {"name": "churn", "runtime": "triton", "modelVersionId": place["first"]}

    made = service(kubeflow, place, **sent, customProperties={"a": integer(1)}, externalId="x")

    assert {**sent, "desiredState": "DEPLOYED", "registeredModelId": place["model"]}.items() <= (
        made.items()
    )
    assert kubeflow.get(f"/inference_services/{made['id']}") == made
    assert kubeflow.get("/inference_service", externalId="x") == made
    parent = place["prod"]
    assert kubeflow.get("/inference_service", name="churn", parentResourceId=parent) == made
    assert kubeflow.get("/inference_services")["items"] == [made]
    of_environment = f"/serving_environments/{parent}/inference_services"
    assert kubeflow.get(of_environment, name="churn")["items"] == [made]
    assert kubeflow.get(of_environment, name="other")["items"] == []
    assert kubeflow.get(f"/inference_services/{made['id']}/model")["id"] == place["model"]
    assert kubeflow.get(f"/inference_services/{made['id']}/version")["id"] == place["first"]


def test_a_service_without_a_version_serves_the_newest(
    kubeflow: Kubeflow, place: dict[str, str]
) -> None:
    made = service(kubeflow, place)

    assert "modelVersionId" not in made
    assert made["name"]
    assert kubeflow.get(f"/inference_services/{made['id']}/version")["id"] == place["second"]


def test_a_patch_undeploys_and_keeps_what_it_does_not_hold(
    kubeflow: Kubeflow, place: dict[str, str]
) -> None:
    made = service(kubeflow, place, name="a", runtime="triton", modelVersionId=place["first"])
    path = f"/inference_services/{made['id']}"

    undeployed = kubeflow.patch(path, desiredState="UNDEPLOYED")
    described = kubeflow.patch(path, description="d")
    moved = kubeflow.patch(path, modelVersionId=place["second"])

    assert undeployed["desiredState"] == described["desiredState"] == "UNDEPLOYED"
    assert (described["runtime"], described["modelVersionId"]) == ("triton", place["first"])
    assert moved["modelVersionId"] == place["second"]
    kubeflow.patch(path, 400, name="b")
    kubeflow.patch(path, 400, desiredState="GONE")
    kubeflow.patch(path, 404, modelVersionId="999")


def test_the_first_generation_answers_200_to_a_service_that_is_created(
    kubeflow: Kubeflow, place: dict[str, str]
) -> None:
    status = 200 if kubeflow.prefix.endswith("v1alpha3") else 201

    kubeflow.post(
        "/inference_services",
        status,
        name="a",
        registeredModelId=place["model"],
        servingEnvironmentId=place["prod"],
    )


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"servingEnvironmentId": "999"}, 404),
        ({"registeredModelId": "999"}, 404),
        ({"modelVersionId": "999"}, 404),
        ({"modelVersionId": "x"}, 400),
        ({"registeredModelId": None}, 400),
        ({"desiredState": "GONE"}, 400),
        ({"unknown": 1}, 400),
    ],
)
def test_what_is_no_service_is_refused(
    kubeflow: Kubeflow, place: dict[str, str], changes: dict[str, Any], status: int
) -> None:
    body = {"registeredModelId": place["model"], "servingEnvironmentId": place["prod"], **changes}

    kubeflow("POST", "/inference_services", status, json=body)


def test_a_version_of_another_model_is_not_served(
    kubeflow: Kubeflow, place: dict[str, str]
) -> None:
    other = kubeflow.post("/registered_models", name="other")["id"]
    version = kubeflow.post("/model_versions", name="1", registeredModelId=other)["id"]
    made = service(kubeflow, place)

    kubeflow.patch(f"/inference_services/{made['id']}", 400, modelVersionId=version)
    kubeflow.post(f"/inference_services/{made['id']}/serves", 400, modelVersionId=version)


def test_serves_are_noted_and_listed_in_either_order(
    api: Api, kubeflow: Kubeflow, place: dict[str, str]
) -> None:
    made = service(kubeflow, place)
    path = f"/inference_services/{made['id']}/serves"

    first = kubeflow.post(path, name="one", modelVersionId=place["first"])
    kubeflow.post(path, name="two", modelVersionId=place["second"], lastKnownState="RUNNING")

    assert (first["lastKnownState"], first["modelVersionId"]) == ("UNKNOWN", place["first"])
    assert kubeflow.names(path) == ["one", "two"]
    assert kubeflow.names(path, sortOrder="DESC", pageSize="1") == ["two"]
    page = kubeflow.get(path, pageSize="1")
    assert [each["name"] for each in page["items"]] == ["one"]
    assert kubeflow.names(path, pageSize="1", nextPageToken=page["nextPageToken"]) == ["two"]
    kubeflow.post(path, 409, name="one", modelVersionId=place["first"])
    kubeflow.post(path, 422)
    kubeflow.post(path, 400, modelVersionId=place["first"], lastKnownState="GONE")
    kubeflow.post("/inference_services/99/serves", 404, modelVersionId=place["first"])
    native = api.get(f"/api/v1/namespaces/default/deployments/{made['id']}").json()
    assert (native["observed_state"], native["traffic"]) == ("running", {"2": 100})


def test_services_are_filtered_by_their_fields(kubeflow: Kubeflow, place: dict[str, str]) -> None:
    service(kubeflow, place, name="a", runtime="triton", modelVersionId=place["first"])
    service(kubeflow, place, name="b", desiredState="UNDEPLOYED")

    def named(query: str) -> list[str]:
        return kubeflow.names("/inference_services", filterQuery=query)

    assert named("desiredState = 'DEPLOYED'") == named("runtime LIKE 'tri%'") == ["a"]
    assert named(f"modelVersionId = {place['first']}") == ["a"]
    assert named(f"servingEnvironmentId = '{place['prod']}' AND desiredState != 'DEPLOYED'") == [
        "b"
    ]
