"""What a team does with Kubeflow's own client; run by an interpreter that has it:
`python flow.py URL PORT TOKEN`. It imports nothing of the project."""

import asyncio
import sys
import warnings

warnings.simplefilter("ignore")

from model_registry import ModelRegistry  # noqa: E402  # warnings first: it warns while loading
from model_registry.exceptions import StoreError  # noqa: E402
from model_registry.types import (  # noqa: E402
    ModelArtifact,
    ModelVersion,
    RegisteredModel,
    RegisteredModelState,
)

METADATA = {"int": 1, "float": 2.5, "text": "x", "flag": True, "label": ""}


def register(registry: ModelRegistry) -> None:
    """A model by reference: found again by name, once and not twice."""
    made = registry.register_model(
        "churn", "s3://bucket/churn", version="1.0", model_format_name="onnx",
        model_format_version="1", storage_key="key", storage_path="path",
        service_account_name="account", version_description="first", owner="team",
        metadata=METADATA,
    )  # fmt: skip
    model = registry.get_registered_model("churn")
    version = registry.get_model_version("churn", "1.0")
    artifact = registry.get_model_artifact("churn", "1.0")
    assert model is not None
    assert version is not None
    assert artifact is not None
    assert model.id == made.id
    assert model.owner == "team"
    assert (version.author, version.description) == ("alice", "first")
    assert version.custom_properties == METADATA
    assert (artifact.uri, artifact.model_format_name) == ("s3://bucket/churn", "onnx")
    assert artifact.storage_key == "key"
    try:
        registry.register_model(
            "churn", "s3://other", version="1.0", model_format_name="a", model_format_version="1"
        )
    except StoreError:
        pass
    else:
        raise AssertionError("a version was registered twice")
    assert registry.get_registered_model("none") is None
    assert registry.get_model_version("churn", "none") is None


def lists(registry: ModelRegistry) -> None:
    """Pages in every order, of any size."""
    for number in range(2, 6):
        registry.register_model(
            "churn", f"s3://bucket/{number}", version=f"{number}.0", model_format_name="onnx",
            model_format_version="1",
        )  # fmt: skip
    versions = registry.get_model_versions("churn")
    assert [each.name for each in versions] == ["1.0", "2.0", "3.0", "4.0", "5.0"]
    paged = registry.get_model_versions("churn").page_size(2).order_by_id().descending()
    assert [each.name for each in paged] == ["5.0", "4.0", "3.0", "2.0", "1.0"]
    newest = registry.get_registered_models().order_by_update_time().descending()
    assert next(iter(newest)).name in {"churn", "native"}


def change(registry: ModelRegistry) -> None:
    """Updates of all three, which the client sends as patches with their states."""
    model = registry.get_registered_model("churn")
    model.description, model.state = "Who leaves", RegisteredModelState.ARCHIVED
    changed = registry.update(model)
    assert (changed.description, changed.state) == ("Who leaves", RegisteredModelState.ARCHIVED)
    changed.state = RegisteredModelState.LIVE
    assert registry.update(changed).state == RegisteredModelState.LIVE
    version = registry.get_model_version("churn", "1.0")
    version.custom_properties = {"float": 2.0}
    assert registry.update(version).custom_properties == {"float": 2.0}
    artifact = registry.get_model_artifact("churn", "1.0")
    artifact.uri = "s3://moved"
    assert registry.update(artifact).uri == "s3://moved"


def native(registry: ModelRegistry) -> None:
    """What was pushed by the registry's own client is a model like any other."""
    artifact = registry.get_model_artifact("native", "1.0.0")
    assert artifact is not None
    assert artifact.uri.endswith("/default/native/1/")


async def plumbing(registry: ModelRegistry) -> None:
    """The calls beneath, which other tools make themselves."""
    api = registry._api
    model = await api.upsert_registered_model(RegisteredModel(name="beneath", owner="me"))
    version = await api.upsert_model_version(
        ModelVersion(name="1", author="me", external_id="x"), str(model.id)
    )
    artifact = await api.upsert_model_version_artifact(
        ModelArtifact(name="weights", uri="s3://a"), str(version.id)
    )
    found = await api.get_registered_model_by_id(str(model.id))
    assert found is not None
    assert found.name == "beneath"
    by_id = await api.get_model_version_by_id(str(version.id))
    assert by_id is not None
    assert by_id.registered_model_id == model.id
    by_params = await api.get_model_version_by_params(external_id="x")
    assert by_params is not None
    assert by_params.id == version.id
    same = await api.get_model_artifact_by_id(str(artifact.id))
    assert same is not None
    assert same.uri == "s3://a"
    listed = await api.get_model_version_artifacts(str(version.id))
    assert [each.name for each in listed] == ["weights"]


def main(url: str, port: int, token: str) -> None:
    """Everything, in order."""
    registry = ModelRegistry(url, port, author="alice", is_secure=False, user_token=token)
    register(registry)
    lists(registry)
    change(registry)
    native(registry)
    asyncio.run(plumbing(registry))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), sys.argv[3])
    sys.stdout.write("done\n")
