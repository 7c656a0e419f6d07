"""What is deployed, used: `iac/aws` on an emulator that runs the zip and enforces the roles."""

import hashlib
import http.client
import json
import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import boto3
import pytest

from local.deployed import Deployment, deployed
from local.issuer.issuer import Issuer
from local.issuer.keys import SigningKeys
from local.ports import free_port
from local.state import Home
from local.terraform import REGION, ROOT_KEY
from local.token import token_of
from modelry import Modelry
from tests.dialects.running import run_in
from tests.e2e.function_events import s3_notification
from tests.parts import START_SECONDS

MODELS = "/api/v1/namespaces/default/models"
CONTENT = b"forty-two" * 1000
PATH = "a folder/w+x.bin"
KUBEFLOW = Path(__file__).with_name("kubeflow_client.py")


@pytest.fixture(scope="module")
def deployment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    home = Home(tmp_path_factory.mktemp("deployed") / "home")
    with home.lock(), deployed(home, free_port()) as deployment:
        yield deployment


@pytest.fixture(scope="module")
def token(deployment: Deployment) -> str:
    return token_of(deployment.home, "owner")


@pytest.fixture(scope="module")
def access_token(deployment: Deployment) -> str:
    """A token that the registry gave out itself."""
    admin, grants = token_of(deployment.home, "admin"), "/api/v1/namespaces/default/grants"
    granted = {"grantee": "subject:dev:zoe", "role": "reader"}
    assert ask(deployment, "PUT", grants, granted, admin)[0] in {200, 201}
    keys = SigningKeys.kept_in(deployment.home.issuer / "keys.json")
    zoe = Issuer(deployment.variables["issuers"][0]["url"], keys=keys).token_for("zoe")
    asked = {"name": "ci", "scope": "default"}
    status, made = ask(deployment, "POST", "/api/v1/tokens", asked, zoe)
    assert status == 201, made
    return str(made["token"])


def client(deployment: Deployment, service: str) -> Any:
    """The platform's SDK, as an administrator of the account has it."""
    keys = {"aws_access_key_id": ROOT_KEY, "aws_secret_access_key": ROOT_KEY}
    return boto3.client(service, endpoint_url=deployment.cloud, region_name=REGION, **keys)


def ask(
    deployment: Deployment, method: str, path: str, body: Any = None, token: str | None = None
) -> tuple[int, Any]:
    """One request through the gateway: the status, and the JSON or text of the answer."""
    connection = http.client.HTTPConnection(urlsplit(deployment.url).netloc, timeout=60)
    headers = {"Content-Type": "application/json"}
    if token:
        headers["Authorization"] = f"Bearer {token}"
    try:
        connection.request(method, path, None if body is None else json.dumps(body), headers)
        answer = connection.getresponse()
        text = answer.read().decode()
    finally:
        connection.close()
    return answer.status, json.loads(text) if "json" in answer.headers["Content-Type"] else text


def sent(deployment: Deployment, token: str) -> tuple[str, str]:
    """A version whose one file has been put into the bucket and nothing more: its path, the key."""
    model = f"model-{secrets.token_hex(4)}"
    content = secrets.token_bytes(len(CONTENT))  # what the store had already would be copied
    file = {
        "path": PATH,
        "size_bytes": len(content),
        "sha256": hashlib.sha256(content).hexdigest(),
    }
    assert ask(deployment, "POST", MODELS, {"name": model}, token)[0] == 201
    versions = f"{MODELS}/{model}/versions"
    assert ask(deployment, "POST", versions, {"files": [file]}, token)[0] == 201
    status, opened = ask(deployment, "POST", f"{versions}/1/upload", {}, token)
    assert status == 200, opened
    (item,) = opened["items"]
    address = urlsplit(item["url"])
    connection = http.client.HTTPConnection(address.netloc, timeout=30)
    connection.request("PUT", f"{address.path}?{address.query}", content, item["headers"])
    answer = connection.getresponse()
    assert answer.status == 200, answer.read()
    connection.close()
    return f"{versions}/1", unquote(address.path).removeprefix(f"/{deployment.outputs['bucket']}/")


def eventually(look: Callable[[], Any]) -> Any:
    """What `look` sees once it sees something."""
    end = time.monotonic() + START_SECONDS
    while not (seen := look()):
        assert time.monotonic() < end
        time.sleep(0.2)
    return seen


def test_everybody_may_ask_for_health_and_metadata(deployment: Deployment) -> None:
    status, said = ask(deployment, "GET", "/.well-known/oauth-protected-resource")

    assert ask(deployment, "GET", "/health") == (200, "OK")
    assert (status, said["resource"]) == (200, deployment.url)
    assert ask(deployment, "GET", MODELS)[0] == 401


def test_a_model_is_pushed_and_pulled(deployment: Deployment, token: str, tmp_path: Path) -> None:
    source = tmp_path / "model"
    (source / "a folder").mkdir(parents=True)
    (source / PATH).write_bytes(CONTENT)
    (source / "large.bin").write_bytes(secrets.token_bytes(1 << 20) * 70)
    registry = Modelry(deployment.url, token=token)

    version = registry.push(source, "default/pushed")
    pulled = registry.pull("default/pushed:1", tmp_path / "pulled")

    assert (version.state, pulled.digest) == ("ready", version.digest)
    for path in (PATH, "large.bin"):
        assert (tmp_path / "pulled" / path).read_bytes() == (source / path).read_bytes()


def test_the_bucket_s_own_event_makes_a_version_ready(deployment: Deployment, token: str) -> None:
    version, _ = sent(deployment, token)

    said = eventually(
        lambda: (
            said
            if (said := ask(deployment, "GET", version, token=token)[1])["state"] != "pending"
            else None
        )
    )

    assert (said["state"], said["size_bytes"]) == ("ready", len(CONTENT))


def test_an_access_token_of_the_registry_s_own_is_good(
    deployment: Deployment, access_token: str
) -> None:
    status, said = ask(deployment, "GET", "/api/v1/whoami", token=access_token)

    assert (status, said["subject"]) == (200, "zoe")


def test_kubeflow_s_own_client_works_through_the_gateway(
    deployment: Deployment, token: str, tmp_path: Path
) -> None:
    (tmp_path / "a.bin").write_bytes(b"1")
    Modelry(deployment.url, token=token).push(tmp_path / "a.bin", "default/native")
    url, _, port = deployment.url.rpartition(":")

    assert run_in("kubeflow-v1alpha3", KUBEFLOW, url, port, token).endswith("done\n")


def test_the_schedule_s_sweep_seals_the_audit_log_where_it_alone_may_write(
    deployment: Deployment,
) -> None:
    auditor = token_of(deployment.home, "auditor")

    def checkpoints() -> Any:
        status, page = ask(deployment, "GET", "/api/v1/audit/checkpoints", token=auditor)
        assert status == 200, page
        return page["items"]

    assert eventually(checkpoints)
    sealed = client(deployment, "s3").list_objects_v2(
        Bucket=deployment.outputs["bucket"], Prefix=".audit/"
    )
    assert sealed["KeyCount"] > 0


def test_a_role_that_lacks_a_permission_is_refused(deployment: Deployment, token: str) -> None:
    functions = client(deployment, "lambda")
    name = deployment.outputs["functions"]["uploads"]

    with without_policy(deployment, "uploads"):
        version, key = sent(deployment, token)
        event = json.dumps(s3_notification(deployment.outputs["bucket"], key))
        refused = functions.invoke(FunctionName=name, Payload=event)
        state = ask(deployment, "GET", version, token=token)[1]["state"]
    allowed = functions.invoke(FunctionName=name, Payload=event)

    assert "FunctionError" in refused
    assert b"could not be handled now" in refused["Payload"].read()
    assert state == "pending"
    assert "FunctionError" not in allowed
    assert ask(deployment, "GET", version, token=token)[1]["state"] == "ready"


@contextmanager
def without_policy(deployment: Deployment, function: str) -> Iterator[None]:
    """The role of a function may do nothing during the block."""
    roles, name = client(deployment, "iam"), deployment.outputs["functions"][function]
    policy = roles.get_role_policy(RoleName=name, PolicyName=function)["PolicyDocument"]
    roles.delete_role_policy(RoleName=name, PolicyName=function)
    try:
        yield
    finally:
        document = policy if isinstance(policy, str) else json.dumps(policy)
        roles.put_role_policy(RoleName=name, PolicyName=function, PolicyDocument=document)


def test_an_authoriser_in_front_lets_pass_its_issuer_s_tokens_alone(
    deployment: Deployment, token: str, access_token: str
) -> None:
    """The last one: it changes what is deployed."""
    deployment.stack.apply({**deployment.variables, "authoriser": "dev"})

    assert ask(deployment, "GET", "/health") == (200, "OK")
    assert ask(deployment, "GET", "/api/v1/whoami", token=token)[0] == 200
    for refused in (None, access_token, "x.y.z"):
        status, said = ask(deployment, "GET", "/api/v1/whoami", token=refused)
        assert (status, said) == (401, {"message": "Unauthorized"}), "not the registry's words"
