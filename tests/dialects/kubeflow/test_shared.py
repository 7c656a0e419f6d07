"""Kubeflow's client and the registry's own in one registry, as `make run` starts it: what one
writes the other finds, and the bytes of both lie where their URIs say."""

import json
import secrets
import time
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import boto3
import pytest

from modelry import Modelry
from tests.dialects.running import run_in
from tests.parts import START_SECONDS, LocalRegistry

FLOW = Path(__file__).with_name("flow_shared.py")
FILES = {"model.onnx": b"weights" * 300_000, "config/labels.json": b"{}"}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """What is pushed: one file needs several parts with Kubeflow's client, the other none."""
    for path, content in FILES.items():
        place = tmp_path / "model" / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(content)
    return tmp_path / "model"


def read(registry: LocalRegistry, uri: str) -> dict[str, bytes]:
    """What KServe's initialiser does with a URI of S3: everything under the prefix, by the path
    below it."""
    store, address = registry.store, urlsplit(uri)
    client = boto3.client(
        "s3",
        endpoint_url=store.endpoint,
        aws_access_key_id=store.access_key,
        aws_secret_access_key=store.secret_key,
        region_name="us-east-1",
    )
    prefix = address.path.lstrip("/")
    found = client.list_objects_v2(Bucket=address.netloc, Prefix=prefix)["Contents"]
    return {
        each["Key"].removeprefix(prefix).lstrip("/"): client.get_object(
            Bucket=address.netloc, Key=each["Key"]
        )["Body"].read()
        for each in found
    }


def measured(native: Modelry, model: str) -> Any:
    """The artifact of the only version, once the store has told of all its files."""
    end = time.monotonic() + START_SECONDS
    whole = sum(map(len, FILES.values()))
    while True:
        (artifact,) = native.artifacts(f"{model}:1")
        if artifact.size_bytes == whole:
            return artifact
        assert time.monotonic() < end, f"it is never measured: {artifact}"
        time.sleep(0.1)


@pytest.mark.parametrize("generation", ["v1", "v1alpha3"])
def test_what_one_client_writes_the_other_finds(
    local_registry: LocalRegistry, folder: Path, generation: str
) -> None:
    token = local_registry.token("owner")
    model = f"shared-{secrets.token_hex(4)}"
    store = local_registry.store
    with Modelry(local_registry.url, token) as native:
        pushed = native.push(
            folder, model, description="theirs", custom_properties={"team": "fraud", "n": 2}
        )
        place = (store.endpoint, local_registry.bucket, store.access_key, store.secret_key)
        said = run_in(
            f"kubeflow-{generation}", FLOW, "http://127.0.0.1", str(local_registry.port), token,
            *place, model, str(folder),
        )  # fmt: skip
        seen = json.loads(said.splitlines()[-1])
        ours = native.model(f"ours-{model}")
        (version,) = native.versions(f"ours-{model}")
        artifact = measured(native, f"ours-{model}")

    assert seen["properties"]["team"] == "fraud"
    assert seen["properties"]["n"] == 2
    assert seen["properties"]["modelry.digest"] == pushed.digest
    assert seen["artifact_properties"]["modelry.digest"] == pushed.digest
    assert read(local_registry, seen["uri"]) == FILES
    assert (ours.owner, version.name, version.description) == ("team", "1", "first")
    assert version.custom_properties == {
        "int": 1, "float": 2.5, "text": "x", "flag": True, "label": "",
    }  # fmt: skip
    assert read(local_registry, artifact.uri) == FILES
    assert artifact.digest == pushed.digest  # the same files: as if they had been pushed
