"""What a team does with Kubeflow's own client; run by an interpreter that has it:
`python flow.py URL PORT TOKEN STORE BUCKET KEY SECRET`. It imports nothing of the project, and
writes what it has used of the client."""

import asyncio
import json
import sys
import tempfile
import types
import warnings
from pathlib import Path

warnings.simplefilter("ignore")

from flow_operations import operations  # noqa: E402  # as above
from flow_plumbing import connections, plumbing, plumbing_of_runs  # noqa: E402  # as above
from model_registry import ModelRegistry  # noqa: E402  # warnings first: it warns while loading
from model_registry.exceptions import StoreError  # noqa: E402  # as above
from model_registry.types import RegisteredModelState  # noqa: E402  # as above
from model_registry.utils import S3Params  # noqa: E402  # as above
from recording import Recorder  # noqa: E402  # as above

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


def experiments(registry: ModelRegistry) -> None:
    """Runs and what they log; only the first generation's client has them."""
    with registry.start_experiment_run("tuning", owner="team", description="Which rate") as run:
        run.log_param("lr", 0.1, description="rate")
        run.log_param("shuffle", True)
        run.log_metric("loss", 0.5, step=3, timestamp="1700000000000")
        run.log_dataset("train", uri="s3://lake/train", source_type="s3", source="lake")
    assert run.get_log("metrics", "loss").id
    assert {each.name for each in run.get_logs()} == {"lr", "shuffle", "loss", "train"}
    with registry.start_experiment_run("tuning", run_id=run.info.id) as again:
        again.log_metric("loss", 0.25, step=4, timestamp="1700000001000")
    assert again.info.id == run.info.id
    with registry.start_experiment_run("tuning") as outer:
        with registry.start_experiment_run("tuning", nested=True) as inner:
            inner.log_metric("loss", 0.125)
        outer.log_metric("loss", 1.0)
    assert [each.name for each in registry.get_experiments()] == ["tuning"]
    (tuning,) = registry.get_experiments().page_size(1).order_by_id().descending()
    assert (tuning.owner, tuning.description) == ("team", "Which rate")
    runs = list(registry.get_experiment_runs(experiment_name="tuning"))
    assert [each.id for each in runs] == [each.info.id for each in (run, outer, inner)]
    assert [each.id for each in registry.get_experiment_runs(experiment_id=tuning.id)] == [
        each.id for each in runs
    ]
    assert runs[2].custom_properties == {"kubeflow.parent_run_id": outer.info.id}
    assert registry.get_experiment_run(run.info.id).name == run.info.name
    logs = {each.name: each for each in registry.get_experiment_run_logs(run_id=run.info.id)}
    assert set(logs) == {"lr", "shuffle", "loss", "train"}
    assert (logs["loss"].value, logs["loss"].step) == (0.25, 4)
    assert logs["train"].uri == "s3://lake/train"
    assert logs["lr"].experiment_run_id == run.info.id
    named = registry.get_experiment_run_logs(run_name=run.info.name, experiment_name="tuning")
    assert {each.id for each in named} == {each.id for each in logs.values()}
    assert registry.create_experiment("tuning").id == tuning.id
    assert registry.create_experiment("other").id != tuning.id


def upload(registry: ModelRegistry, store: S3Params) -> None:
    """A folder sent to the store by the client itself, and registered by where it lies."""
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "config").mkdir()
        (Path(folder) / "model.onnx").write_bytes(b"weights" * 300_000)  # more than one part
        (Path(folder) / "config/labels.json").write_bytes(b"{}")
        registry.upload_artifact_and_register_model(
            "uploaded", folder, upload_params=store, version="1", model_format_name="onnx",
            model_format_version="1",
        )  # fmt: skip
    artifact = registry.get_model_artifact("uploaded", "1")
    assert artifact is not None
    assert artifact.uri.startswith(f"s3://{store.bucket_name}/{store.s3_prefix}?endpoint=http")


def hub(registry: ModelRegistry) -> None:
    """A model of Hugging Face, of whose client only that much is there as this needs."""
    hugging = types.ModuleType("huggingface_hub")
    card = types.SimpleNamespace(to_dict=lambda: {"license": "mit", "language": ["en"]})
    found = types.SimpleNamespace(id="acme/churn", author="acme", cardData=card)
    hugging.HfApi = lambda: types.SimpleNamespace(model_info=lambda repo, revision: found)
    hugging.hf_hub_url = lambda repo, path, revision: f"https://hub/{repo}/{revision}/{path}"
    hugging.utils = types.SimpleNamespace(
        RepositoryNotFoundError=LookupError, RevisionNotFoundError=LookupError
    )
    sys.modules["huggingface_hub"] = hugging
    registry.register_hf_model(
        "acme/churn", "model.onnx", version="1", model_format_name="onnx", model_format_version="1"
    )
    version = registry.get_model_version("acme/churn", "1")
    assert version is not None
    assert version.custom_properties["license"] == "mit"
    assert version.author == "acme"


def main(url: str, port: int, token: str, store: S3Params) -> None:
    """Everything, in order."""
    recorder = Recorder()
    recorder.start()
    registry = ModelRegistry(url, port, author="alice", is_secure=False, user_token=token)
    has_experiments = hasattr(registry, "start_experiment_run")
    connections(url, port, token)
    register(registry)
    lists(registry)
    change(registry)
    native(registry)
    upload(registry, store)
    hub(registry)
    asyncio.run(plumbing(registry))
    if has_experiments:
        experiments(registry)
        asyncio.run(plumbing_of_runs(registry))
    asyncio.run(operations(registry, has_experiments=has_experiments))
    json.dump({"sent": sorted(recorder.sent), "never": recorder.never()}, sys.stdout)


if __name__ == "__main__":
    url, port, token, endpoint, bucket, key, secret = sys.argv[1:]
    place = S3Params(
        bucket_name=bucket, s3_prefix="team/churn", endpoint_url=endpoint, access_key_id=key,
        secret_access_key=secret, region="us-east-1",
    )  # fmt: skip
    main(url, int(port), token, place)
