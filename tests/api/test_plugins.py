"""A plug-in's objection, as the clients of each dialect get it."""

from core.adapters.plugins.loading import Plugins
from tests.api.client import MODEL, Api, problem
from tests.builders import World
from tests.hooking import hooked, plugin

KUBEFLOW = "/api/model_registry/v1"


def api_with(**plugins: object) -> Api:
    api = Api(hooked(World(), Plugins(plugins, 30)))
    assert api.post("/api/v1/namespaces/default/models", json={"name": "iris"}).is_success
    return api


def test_an_objection_is_a_refusal_with_its_reason_and_the_audit_log_has_it() -> None:
    api = api_with(friday=plugin(before_version_registered=lambda event: "not on a Friday"))

    body = problem(api.post(f"{MODEL}/versions", json={}), 403, "forbidden")

    assert "The plug-in 'friday' objects to version.registered" in body["detail"]
    assert body["detail"].endswith("not on a Friday")
    told = api.get("/api/v1/audit/events", params={"outcome": "refused"}).json()["items"]
    assert [each["details"]["wanted"] for each in told] == ["version.registered"]


def test_kubeflows_clients_read_the_reason_too() -> None:
    api = api_with(friday=plugin(before_version_registered=lambda event: "not on a Friday"))
    wanted = {"name": "1", "registeredModelId": "1"}

    answer = api.post(f"{KUBEFLOW}/model_versions", json=wanted)

    assert answer.status_code == 403
    assert "not on a Friday" in answer.json()["message"]


def test_mlflows_clients_do_not_take_it_for_something_that_exists() -> None:
    api = api_with(friday=plugin(before_version_registered=lambda event: "not on a Friday"))
    wanted = {"name": "iris", "source": "s3://elsewhere/iris"}

    answer = api.post("/api/2.0/mlflow/model-versions/create", json=wanted)

    assert answer.status_code == 403
    assert answer.json()["error_code"] == "PERMISSION_DENIED"
    assert "not on a Friday" in answer.json()["message"]


def test_a_plug_in_that_fails_is_no_fault_of_the_caller() -> None:
    api = api_with(broken=plugin(before_version_registered=lambda event: 1 / 0))

    answer = api.post(f"{MODEL}/versions", json={})

    problem(answer, 503, "unavailable")
    assert answer.headers["retry-after"]
    assert "division" not in answer.text
