"""What Kubeflow's client finds of a model that MLflow's has logged; run by an interpreter that has
it: `python listing.py URL PORT TOKEN MODEL`. It imports nothing of the project."""

import json
import sys
import warnings

warnings.simplefilter("ignore")

from model_registry import ModelRegistry  # noqa: E402  # warnings first: it warns while loading

url, port, token, name = sys.argv[1:]
registry = ModelRegistry(url, int(port), author="alice", user_token=token, is_secure=False)
versions = list(registry.get_model_versions(name))
artifact = registry.get_model_artifact(name, versions[0].name)
print(json.dumps({"versions": len(versions), "uri": artifact.uri if artifact else None}))
