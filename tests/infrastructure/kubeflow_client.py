"""What a team does first with Kubeflow's own client, run by an interpreter that has it:
`python kubeflow_client.py URL PORT TOKEN`. It imports nothing of the project."""

import sys
import warnings

warnings.simplefilter("ignore")

from model_registry import ModelRegistry  # noqa: E402  # warnings first: it warns while loading

url, port, token = sys.argv[1:]
registry = ModelRegistry(url, int(port), author="alice", is_secure=False, user_token=token)
made = registry.register_model(
    "churn", "s3://bucket/churn", version="1.0", model_format_name="onnx", model_format_version="1"
)
found = registry.get_registered_model("churn")
artifact = registry.get_model_artifact("churn", "1.0")
native = registry.get_model_artifact("native", "1.0.0")
assert found is not None
assert found.id == made.id
assert artifact is not None
assert artifact.uri == "s3://bucket/churn"
assert native is not None
assert native.uri.endswith("/default/native/1/")
sys.stdout.write("done\n")
