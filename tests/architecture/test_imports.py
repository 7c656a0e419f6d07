"""What a function may load when it starts cold: names, since times would depend on the machine."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ENVIRONMENT = {
    "MODELRY_MONGODB_URI": "mongodb://127.0.0.1:1/?serverSelectionTimeoutMS=1",
    "MODELRY_S3_ENDPOINT": "http://127.0.0.1:1",
    "MODELRY_S3_ACCESS_KEY": "test",
    "MODELRY_S3_SECRET_KEY": "test",
}
FOR_TESTS_ONLY = {"moto", "boto3", "botocore", "pytest", "hypothesis", "uvicorn", "local", "tests"}
OF_THE_WEB = {"fastapi", "starlette", "pydantic", "mangum"}
LATE = {
    "minio", "authlib", "cryptography", "joserfc", "urllib3", "certifi", "requests",
    "opentelemetry.sdk", "pluggy", "prometheus_client", "jsonschema", "referencing",
}  # fmt: skip
OF_THE_DOCUMENT = {"handlers.api.v1.document", "handlers.api.openapi"}


def loaded(module: str) -> set[str]:
    """Every module there is in a fresh interpreter that has imported this one."""
    script = f"import sys, json, {module}; print(json.dumps(list(sys.modules)))"
    kept = {name: value for name, value in os.environ.items() if not name.startswith("MODELRY_")}
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=ROOT,
        env={**kept, **ENVIRONMENT, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return set(json.loads(done.stdout))


@pytest.mark.parametrize(
    ("module", "denied"),
    [
        ("handlers.functions.uploads", FOR_TESTS_ONLY | OF_THE_WEB | LATE),
        ("handlers.functions.relay", FOR_TESTS_ONLY | OF_THE_WEB | LATE),
        ("handlers.functions.sweep", FOR_TESTS_ONLY | OF_THE_WEB | LATE),
        ("handlers.functions.api", FOR_TESTS_ONLY | OF_THE_DOCUMENT | LATE),
        ("core.registry", FOR_TESTS_ONLY | OF_THE_WEB | LATE | {"pymongo", "bson", "orjson"}),
        ("handlers.api.v1.app", FOR_TESTS_ONLY | OF_THE_DOCUMENT | LATE | {"pymongo"}),
    ],
)
def test_a_function_starts_without_what_it_does_not_need(module: str, denied: set[str]) -> None:
    assert loaded(module) & denied == set()


def test_the_deny_lists_name_what_there_is() -> None:
    assert loaded("handlers.api.v1.app") >= OF_THE_WEB - {"mangum"}
