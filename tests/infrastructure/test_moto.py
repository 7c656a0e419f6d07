"""`iac/aws` applied to an emulator that keeps what it is told: nothing is left to change after it,
and nothing is left after it is destroyed."""

import json
import urllib.request
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest

from local.ports import HOST, free_port
from local.processes import Program
from local.programs import answers, plain_environment
from local.terraform import REGION, ROOT_KEY, Stack
from tests.parts import ROOT, running

VARIABLES: dict[str, Any] = {
    "issuers": [{"name": "people", "url": "https://id.example.org", "audience": "modelry"}],
    "authoriser": "people",
    "admins": ["group:people:platform"],
    "mongodb_uri": "mongodb+srv://modelry:hunter2@cluster.example.net/",
    "audit_key": "11" * 32,
    "token_peppers": f"first:{'22' * 32}",
    "relay_keys": f"first:{'33' * 32}",
    "web_origins": ["https://web.example.org"],
    "alarm_emails": ["ops@example.org"],
    "object_lock": True,
    "force_destroy": True,
}


@pytest.fixture(scope="module")
def endpoint(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """An emulator that answers calls of functions without running them."""
    port = free_port()
    program = Program(
        name="moto",
        command=[str(ROOT / ".venv-moto/bin/moto_server"), "-H", HOST, "-p", str(port)],
        environment=plain_environment(),
        is_ready=lambda: answers(f"{HOST}:{port}", "/moto-api/data.json"),
    )
    with running(tmp_path_factory.mktemp("moto"), program):
        asked = urllib.request.Request(
            f"http://{HOST}:{port}/moto-api/config",
            json.dumps({"lambda": {"use_docker": False}}).encode(),
        )
        urllib.request.urlopen(asked, timeout=10).close()
        yield f"http://{HOST}:{port}"


def client(endpoint: str, service: str) -> Any:
    keys = {"aws_access_key_id": ROOT_KEY, "aws_secret_access_key": ROOT_KEY}
    return boto3.client(service, endpoint_url=endpoint, region_name=REGION, **keys)


def test_a_second_plan_is_empty_and_nothing_is_left_in_the_end(
    endpoint: str, tmp_path: Path
) -> None:
    package = tmp_path / "modelry-python3.13-arm64.zip"
    with zipfile.ZipFile(package, "w") as archive:
        archive.writestr("empty.py", "")
    stack = Stack.copied_to(tmp_path / "aws", endpoint)
    variables = {**VARIABLES, "package": str(package)}

    outputs = stack.apply(variables)
    changes = stack.changes()
    kept = "".join(path.read_text("utf-8") for path in stack.folder.glob("*.tfstate*"))
    policy = json.loads(policy_of_uploads(endpoint))
    secret = client(endpoint, "secretsmanager").get_secret_value(SecretId="modelry/mongodb-uri")
    stack.destroy()

    assert set(outputs["functions"]) == {"api", "migrate", "relay", "sweep", "uploads"}
    assert changes == []
    assert secret["SecretString"] == VARIABLES["mongodb_uri"]
    for each in ("mongodb_uri", "audit_key", "token_peppers", "relay_keys"):
        assert VARIABLES[each] not in kept, f"{each} is in the state"
    (readable,) = (each["Resource"] for each in policy["Statement"] if each["Sid"] == "Secrets")
    assert "modelry/mongodb-uri" in str(readable), "uploads reads this secret and no other"
    assert "audit-key" not in str(readable)
    assert client(endpoint, "lambda").list_functions()["Functions"] == []
    assert client(endpoint, "s3").list_buckets()["Buckets"] == []
    assert client(endpoint, "iam").list_roles()["Roles"] == []


def policy_of_uploads(endpoint: str) -> str:
    """What the role of `uploads` may do."""
    roles = client(endpoint, "iam")
    policy = roles.get_role_policy(RoleName="modelry-uploads", PolicyName="uploads")
    document = policy["PolicyDocument"]
    return document if isinstance(document, str) else json.dumps(document)
