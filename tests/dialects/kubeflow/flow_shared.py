"""What a team with Kubeflow's client does beside one that has the registry's own, in the same
registry and store: `python flow_shared.py URL PORT TOKEN STORE BUCKET KEY SECRET MODEL FOLDER`.
Writes where the files lie of the version of MODEL that the other team pushed."""

import json
import sys
import warnings

warnings.simplefilter("ignore")

from model_registry import ModelRegistry  # noqa: E402  # warnings first: it warns while loading
from model_registry.utils import S3Params  # noqa: E402  # as above

PROPERTIES = {"int": 1, "float": 2.5, "text": "x", "flag": True, "label": ""}


def main() -> None:
    """Find what the others pushed, and send something for them."""
    url, port, token, endpoint, bucket, key, secret, model, folder = sys.argv[1:]
    registry = ModelRegistry(url, int(port), author="alice", is_secure=False, user_token=token)
    theirs = registry.get_registered_model(model)
    version = registry.get_model_version(model, "1.0.0")
    artifact = registry.get_model_artifact(model, "1.0.0")
    assert theirs is not None
    assert version is not None
    assert artifact is not None
    registry.upload_artifact_and_register_model(
        f"ours-{model}", folder, version="1", model_format_name="onnx", model_format_version="1",
        version_description="first", metadata=PROPERTIES, owner="team",
        upload_params=S3Params(
            bucket_name=bucket, s3_prefix=f"team/{model}", endpoint_url=endpoint,
            access_key_id=key, secret_access_key=secret, region="us-east-1",
        ),
    )  # fmt: skip
    said = {
        "description": theirs.description,
        "author": version.author,
        "properties": version.custom_properties,
        "artifact_properties": artifact.custom_properties,
        "uri": artifact.uri,
    }
    json.dump(said, sys.stdout)


if __name__ == "__main__":
    main()
