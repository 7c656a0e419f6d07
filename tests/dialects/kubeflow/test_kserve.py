"""What KServe's parts ask of a registry, request by request as they ask it: the storage initialiser
that resolves `model-registry://`, and the controller that notes inference services.

Both are built on the client that is generated from the contract for Go.
"""

from typing import Any

import pytest

from core.domain.versions import ByNumber
from tests.api.client import Api
from tests.builders import ADMIN
from tests.dialects.kubeflow.conftest import Kubeflow, text

NEWEST = {"orderBy": "CREATE_TIME", "sortOrder": "DESC"}


def resolve(kubeflow: Kubeflow, model: str, version: str | None = None) -> str:
    """What the initialiser does with `model-registry://{host}/{model}[/{version}]`: the URI that
    it hands to the provider of its scheme."""
    kubeflow.get("/registered_models")  # whether the host in the URI is a registry
    found = kubeflow.get("/registered_model", name=model)
    if version is None:
        path = f"/registered_models/{found['id']}/versions"
        chosen = kubeflow.get(path, sortOrder="DESC")["items"][0]
    else:
        chosen = kubeflow.get("/model_version", name=version, parentResourceId=found["id"])
    page = kubeflow.get(f"/model_versions/{chosen['id']}/artifacts", **NEWEST)
    assert page["size"] > 0
    assert page["items"][0]["artifactType"] == "model-artifact"
    uri = page["items"][0]["uri"]
    assert isinstance(uri, str)
    return uri


def test_a_version_is_resolved_to_where_its_files_are(kubeflow: Kubeflow) -> None:
    kubeflow.post("/registered_models", name="churn")
    for name in ("1.0", "2.0"):
        made = kubeflow.post("/model_versions", name=name, registeredModelId="1")
        path = f"/model_versions/{made['id']}/artifacts"
        uri = f"s3://lake/{name}?endpoint=http://store:9000"
        kubeflow.post(path, artifactType="model-artifact", name="old", uri="s3://old")
        kubeflow.post(path, artifactType="model-artifact", name="churn", uri=uri)

    assert resolve(kubeflow, "churn", "1.0") == "s3://lake/1.0?endpoint=http://store:9000"
    assert resolve(kubeflow, "churn") == "s3://lake/2.0?endpoint=http://store:9000"
    kubeflow.get("/registered_model", 404, name="none")
    kubeflow.get("/model_version", 404, name="3.0", parentResourceId="1")


def test_a_version_that_was_pushed_is_resolved_by_its_semantic_version(
    api: Api, kubeflow: Kubeflow
) -> None:
    api.world.pushed({"model.onnx": b"1"})
    api.world.pushed({"model.onnx": b"2"})

    assert resolve(kubeflow, "iris", "1.0.0") == "s3://memory/default/iris/1/"
    assert resolve(kubeflow, "iris", "1.0.1") == "s3://memory/default/iris/2/"
    assert resolve(kubeflow, "iris") == "s3://memory/default/iris/2/"


def test_a_version_whose_files_have_not_arrived_is_not_the_newest(
    api: Api, kubeflow: Kubeflow
) -> None:
    api.world.pushed({"model.onnx": b"1"})
    pending = api.world.registered({"model.onnx": b"2"})
    given_up = api.world.registered({"model.onnx": b"3"})
    api.world.registry.uploads.abandon(ADMIN, "default", "iris", given_up.number)

    assert resolve(kubeflow, "iris") == "s3://memory/default/iris/1/"
    assert len(kubeflow.get("/model_versions")["items"]) == 1
    assert kubeflow.get(f"/model_versions/{pending.id}")["state"] == "LIVE"


class Controller:
    """What the controller does each time that it looks at an inference service: `labels` are the
    service's, `url` is where it answers, None before it does."""

    def __init__(self, kubeflow: Kubeflow, namespace: str = "team-a") -> None:
        self.kubeflow = kubeflow
        self.namespace = namespace

    def reconcile(
        self, labels: dict[str, str], url: str | None = None, *, deleted: bool = False
    ) -> dict[str, str]:
        """The labels after it."""
        environment = self._find("/serving_environment", name=self.namespace)
        if environment is None:
            environment = self.kubeflow.post("/serving_environments", name=self.namespace)
        if "inference-service-id" in labels:
            service = self.kubeflow.get(f"/inference_services/{labels['inference-service-id']}")
            noted = service["customProperties"].get("url", {}).get("string_value", "")
            if noted != (url or ""):
                properties = {**service["customProperties"], "url": text(url or "")}
                self._patch(service, customProperties=properties)
        else:
            service = self._found_or_made(environment["id"], labels, url)
        if deleted and service["desiredState"] != "UNDEPLOYED":
            self._patch(service, desiredState="UNDEPLOYED")
        return {**labels, "inference-service-id": service["id"]}

    def _found_or_made(self, environment: str, labels: dict[str, str], url: str | None) -> Any:
        name = "churn/6f1f8d53-0c0e-4a3e-9d0b-3d6e0a0f8f11"  # the service's name and UID
        found = self._find("/inference_service", name=name, parentResourceId=environment)
        if found is not None:
            return found
        body: dict[str, Any] = {
            "desiredState": "DEPLOYED",
            "name": name,
            "registeredModelId": labels["registered-model-id"],
            "runtime": "kserve-mlserver",
            "servingEnvironmentId": environment,
        }
        if "model-version-id" in labels:
            body["modelVersionId"] = labels["model-version-id"]
        if url is not None:
            body["customProperties"] = {"url": text(url)}
        status = 200 if self.kubeflow.prefix.endswith("v1alpha3") else 201
        return self.kubeflow.post("/inference_services", status, **body)

    def _patch(self, service: Any, **fields: Any) -> None:
        self.kubeflow.patch(f"/inference_services/{service['id']}", **fields)

    def _find(self, path: str, **params: str) -> Any:
        answer = self.kubeflow.api.get(self.kubeflow.prefix + path, params=params)
        return answer.json() if answer.status_code == 200 else None


@pytest.fixture
def labels(api: Api, kubeflow: Kubeflow) -> dict[str, str]:
    """Of an inference service that serves version 1 of `iris`, of which there is a newer one."""
    api.world.pushed({"model.onnx": b"1"})
    api.world.pushed({"model.onnx": b"2"})
    (model,) = kubeflow.get("/registered_models")["items"]
    first, _ = kubeflow.get("/model_versions")["items"]
    return {"registered-model-id": model["id"], "model-version-id": first["id"]}


def test_the_controller_notes_a_service_from_its_start_to_its_end(
    api: Api, kubeflow: Kubeflow, labels: dict[str, str]
) -> None:
    controller = Controller(kubeflow)
    url = "http://churn.team-a.example.org"

    first = controller.reconcile(labels)
    again = controller.reconcile(labels)  # its label was not written: the service is found
    serving = controller.reconcile(first, url)
    service = kubeflow.get(f"/inference_services/{first['inference-service-id']}")
    version = kubeflow.get(f"/inference_services/{service['id']}/version")
    native = f"/api/v1/namespaces/default/deployments/{service['id']}"
    before = api.get(native).json()
    controller.reconcile(serving, url, deleted=True)
    controller.reconcile(serving, url, deleted=True)

    assert first == again == serving
    assert service["customProperties"] == {"url": text(url)}
    assert (service["runtime"], service["desiredState"]) == ("kserve-mlserver", "DEPLOYED")
    assert service["modelVersionId"] == version["id"] == labels["model-version-id"]
    assert before["desired_state"] == "deployed"
    assert before["custom_properties"] == {"url": url}
    ended = kubeflow.get(f"/inference_services/{service['id']}")
    assert ended["desiredState"] == "UNDEPLOYED"
    assert ended["customProperties"] == {"url": text(url)}
    assert kubeflow.names("/serving_environments") == ["team-a"]
    after = api.get(native).json()
    assert (after["desired_state"], after["revision"]) == ("undeployed", before["revision"] + 1)


def test_a_service_that_names_no_version_serves_the_newest(
    kubeflow: Kubeflow, labels: dict[str, str]
) -> None:
    del labels["model-version-id"]

    made = Controller(kubeflow).reconcile(labels, "http://churn")

    path = f"/inference_services/{made['inference-service-id']}"
    assert "modelVersionId" not in kubeflow.get(path)
    assert kubeflow.get(f"{path}/version")["name"] == "1.0.1"
    assert kubeflow.get(f"{path}/model")["id"] == labels["registered-model-id"]


def test_a_url_that_is_gone_is_noted_as_empty(kubeflow: Kubeflow, labels: dict[str, str]) -> None:
    controller = Controller(kubeflow)
    made = controller.reconcile(labels, "http://churn")

    controller.reconcile(made, None)

    service = kubeflow.get(f"/inference_services/{made['inference-service-id']}")
    assert service["customProperties"] == {"url": text("")}


def test_what_serves_is_noted_beside_it(
    api: Api, kubeflow: Kubeflow, labels: dict[str, str]
) -> None:
    made = Controller(kubeflow).reconcile(labels, "http://churn")
    path = f"/inference_services/{made['inference-service-id']}/serves"

    for state in ("NEW", "RUNNING"):
        version = labels["model-version-id"]
        kubeflow.post(path, modelVersionId=version, lastKnownState=state)

    states = [each["lastKnownState"] for each in kubeflow.get(path)["items"]]
    assert states == ["NEW", "RUNNING"]
    found = api.world.registry.deployments.get(ADMIN, "default", made["inference-service-id"])
    assert found.observed_state == "running"
    assert api.world.registry.versions.get(ADMIN, "default", "iris", ByNumber(1)).number == 1
