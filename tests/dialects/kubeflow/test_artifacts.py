"""Artifacts of all kinds, as Kubeflow's clients handle them."""

from typing import Any

import pytest

from tests.api.client import MODEL, Api
from tests.dialects.kubeflow.conftest import Kubeflow, integer

MODEL_ARTIFACT: dict[str, Any] = {
    "artifactType": "model-artifact",
    "name": "weights",
    "uri": "pvc://claim/path with space",
    "description": "d",
    "externalId": "x",
    "customProperties": {"a": integer(1)},
    "state": "LIVE",
    "modelFormatName": "onnx",
    "modelFormatVersion": "1",
    "storageKey": "key",
    "storagePath": "path",
    "serviceAccountName": "account",
    "modelSourceKind": "kfp",
    "modelSourceClass": "pipelinerun",
    "modelSourceGroup": "group",
    "modelSourceId": "id",
    "modelSourceName": "name",
}
OTHERS: dict[str, dict[str, Any]] = {
    "doc-artifact": {"uri": "https://host/card.md"},
    "dataset-artifact": {
        "uri": "s3://lake", "digest": "abc", "sourceType": "s3", "source": "s",
        "schema": "{}", "profile": "p",
    },
    "metric": {"value": 0.5, "timestamp": "1700000000000"},
    "parameter": {"value": "0.1", "parameterType": "number"},
}  # fmt: skip


@pytest.fixture
def of_version(kubeflow: Kubeflow) -> str:
    model = kubeflow.post("/registered_models", name="churn")["id"]
    made = kubeflow.post("/model_versions", name="1", registeredModelId=model)
    return f"/model_versions/{made['id']}/artifacts"


def test_a_model_artifact_comes_back_as_it_was_sent(kubeflow: Kubeflow, of_version: str) -> None:
    made = kubeflow.post(of_version, **MODEL_ARTIFACT)

    assert MODEL_ARTIFACT.items() <= made.items()
    assert kubeflow.get(of_version)["items"] == [made]
    for path in ("artifacts", "model_artifacts"):
        assert kubeflow.get(f"/{path}/{made['id']}") == made
        assert kubeflow.get(f"/{path}")["items"] == [made]
    parent = of_version.split("/")[2]
    for path in ("artifact", "model_artifact"):
        assert kubeflow.get(f"/{path}", name="weights", parentResourceId=parent) == made
        assert kubeflow.get(f"/{path}", externalId="x") == made


@pytest.mark.parametrize("kind", OTHERS)
def test_every_other_kind_comes_back_as_it_was_sent(
    kubeflow: Kubeflow, of_version: str, kind: str
) -> None:
    body = {"artifactType": kind, "name": "a", **OTHERS[kind]}

    made = kubeflow.post(of_version, **body)

    assert {**body, "state": "UNKNOWN"}.items() <= made.items()
    assert kubeflow.get(f"/artifacts/{made['id']}") == made
    kubeflow.get(f"/model_artifacts/{made['id']}", 404)
    assert kubeflow.get(of_version, artifactType=kind)["items"] == [made]
    assert kubeflow.get(of_version, artifactType="model-artifact")["items"] == []


def test_steps_are_numbers_in_one_generation_and_text_in_the_other(
    kubeflow: Kubeflow, of_version: str
) -> None:
    first, second = (
        kubeflow.post(of_version, artifactType="metric", name=str(step), value=1, step=step)
        for step in (3, "4")
    )

    is_first = kubeflow.prefix.endswith("v1alpha3")
    assert [first["step"], second["step"]] == ([3, 4] if is_first else ["3", "4"])


def test_metrics_and_parameters_of_one_name_are_changed_in_place(
    kubeflow: Kubeflow, of_version: str
) -> None:
    for body in (
        {"artifactType": "metric", "name": "auc", "value": 0.5},
        {"artifactType": "parameter", "name": "rate", "value": "a"},
    ):
        first = kubeflow.post(of_version, **body)
        again = kubeflow.post(of_version, 200, **{**body, "value": body["value"] * 2})
        assert again["id"] == first["id"]
        assert again["value"] == body["value"] * 2


def test_models_and_documents_of_one_name_conflict_and_data_sets_do_not(
    kubeflow: Kubeflow, of_version: str
) -> None:
    for kind in ("model-artifact", "doc-artifact"):
        kubeflow.post(of_version, artifactType=kind, name="a")
        kubeflow.post(of_version, 409, artifactType=kind, name="a")
    first, second = (
        kubeflow.post(of_version, artifactType="dataset-artifact", name="a") for _ in range(2)
    )
    assert first["id"] != second["id"]


def test_an_artifact_of_nothing_is_attached_by_its_id(kubeflow: Kubeflow, of_version: str) -> None:
    alone = kubeflow.post("/model_artifacts", name="alone", uri="s3://a")

    kept = kubeflow.post(
        of_version, 200, artifactType="model-artifact", id=alone["id"], storageKey="k"
    )

    assert (kept["id"], kept["uri"], kept["storageKey"]) == (alone["id"], "s3://a", "k")
    assert kubeflow.names(of_version) == ["alone"]
    other = kubeflow.post("/registered_models", name="other")["id"]
    version = kubeflow.post("/model_versions", name="1", registeredModelId=other)["id"]
    kubeflow.post(
        f"/model_versions/{version}/artifacts", 409, artifactType="model-artifact", id=alone["id"]
    )


def test_a_patch_changes_what_it_holds(kubeflow: Kubeflow, of_version: str) -> None:
    made = kubeflow.post(of_version, **MODEL_ARTIFACT)
    path = f"/model_artifacts/{made['id']}"

    moved = kubeflow.patch(path, uri="s3://new", modelFormatVersion="2")
    marked = kubeflow.patch(path, state="MARKED_FOR_DELETION", customProperties={})

    changed = {"uri": "s3://new", "modelFormatVersion": "2"}
    assert {**MODEL_ARTIFACT, **changed}.items() <= moved.items()
    assert (marked["state"], marked["customProperties"]) == ("MARKED_FOR_DELETION", {})
    assert marked["uri"] == "s3://new"
    kubeflow.patch(f"/artifacts/{made['id']}", 400, description="x")
    kubeflow.patch(f"/artifacts/{made['id']}", 400, artifactType="doc-artifact", description="x")


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/artifacts", {"name": "a"}),
        ("/artifacts", {"name": "a", "artifactType": "other"}),
        ("/artifacts", {"artifactType": "metric", "name": "a"}),
        ("/artifacts", {"artifactType": "metric", "name": "a", "value": "1"}),
        ("/artifacts", {"artifactType": "metric", "name": "a", "value": 1, "step": "x"}),
        ("/artifacts", {"artifactType": "parameter", "name": "a", "value": 1}),
        ("/artifacts", {"artifactType": "model-artifact", "state": "GONE"}),
        ("/artifacts", {"artifactType": "model-artifact", "uri": "s3://me:secret@host/x"}),
        ("/model_artifacts", {"name": "a", "unknown": 1}),
    ],
)
def test_what_is_no_artifact_is_refused(kubeflow: Kubeflow, path: str, body: Any) -> None:
    kubeflow("POST", path, 400, json=body)


def test_unknown_fields_of_the_union_are_ignored(kubeflow: Kubeflow) -> None:
    made = kubeflow.post("/artifacts", artifactType="doc-artifact", name="a", unknown=1)

    assert "unknown" not in made


def test_artifacts_are_filtered_by_their_fields(kubeflow: Kubeflow, of_version: str) -> None:
    kubeflow.post(of_version, **MODEL_ARTIFACT)
    kubeflow.post(of_version, artifactType="metric", name="auc", value=0.5)

    def named(query: str) -> list[str]:
        return kubeflow.names("/artifacts", filterQuery=query)

    assert named("modelFormatName = 'onnx' AND storageKey LIKE 'k%'") == ["weights"]
    assert named("uri ILIKE 'PVC%'") == named("state = 'LIVE'") == ["weights"]
    assert named("value > 0.4") == ["auc"]
    kubeflow.get("/artifacts", 400, artifactType="other")


def test_the_files_of_a_native_version_are_its_model_artifact(api: Api, kubeflow: Kubeflow) -> None:
    api.world.pushed({"a.bin": b"1"})
    (version,) = kubeflow.get("/model_versions")["items"]

    (found,) = kubeflow.get(f"/model_versions/{version['id']}/artifacts")["items"]

    assert found["artifactType"] == "model-artifact"
    assert found["uri"].endswith("/default/iris/1/")
    kept = kubeflow.patch(f"/model_artifacts/{found['id']}", uri=found["uri"], description="d")
    assert kept["description"] == "d"
    kubeflow.patch(f"/model_artifacts/{found['id']}", 400, uri="s3://elsewhere")


def test_the_native_api_sees_the_same_artifact(api: Api, kubeflow: Kubeflow) -> None:
    api.world.pushed({"a.bin": b"1"})
    (version,) = kubeflow.get("/model_versions")["items"]
    kubeflow.post(f"/model_versions/{version['id']}/artifacts", **MODEL_ARTIFACT)

    found = api.get(f"{MODEL}/versions/1/artifacts/weights").json()

    assert (found["kind"], found["uri"]) == ("model", MODEL_ARTIFACT["uri"])
    assert found["details"]["model_format_name"] == "onnx"
