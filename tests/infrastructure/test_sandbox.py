"""The functions from the zip, under the platform's own runtime client, on real servers."""

import secrets
import shutil
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from pymongo import MongoClient

from local.sandbox import Sandbox, SandboxFailed, unpacked
from tests import parts
from tests.e2e.function_events import http_api, s3_notification
from tests.e2e.function_system import MODELS, System, running_issuer, running_system, said

FILES = {"a folder/w+x.bin": b"one", "b.bin": b"two"}


@dataclass(frozen=True, slots=True)
class Deployed:
    """A registry whose functions run from the zip."""

    system: System
    api: Sandbox
    uploads: Sandbox
    sweep: Sandbox
    relay: Sandbox


@pytest.fixture(scope="module")
def deployed(
    task: Path, mongodb_uri: str, s3: parts.S3Server, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Deployed]:
    database = f"test_{secrets.token_hex(6)}"
    with ExitStack() as stack:
        issuer = stack.enter_context(running_issuer(tmp_path_factory.mktemp("issuer")))
        bucket = stack.enter_context(parts.bucket_of(s3))
        system = stack.enter_context(running_system(mongodb_uri, database, s3, bucket, issuer))
        functions = [
            stack.enter_context(
                Sandbox(task, f"handlers.functions.{name}.handler", system.environment)
            )
            for name in ("api", "uploads", "sweep", "relay")
        ]
        yield Deployed(system, *functions)
    with MongoClient[Any](mongodb_uri) as client:
        client.drop_database(database)


def ask(deployed: Deployed, method: str, path: str) -> Any:
    headers = {"host": "registry.example.org", "authorization": f"Bearer {deployed.system.token}"}
    return deployed.api(http_api(method, path, headers))


def test_the_api_answers_a_gateway_s_event(deployed: Deployed) -> None:
    answer = ask(deployed, "GET", "/api/v1/whoami")

    assert said(answer, 200)["principal"] == "subject:dev:alice"
    assert said(ask(deployed, "GET", "/api/v1/openapi.json"), 200)["openapi"].startswith("3.")
    assert said(ask(deployed, "GET", f"{MODELS}/no-such-model"), 404)["next_step"]


def test_a_storage_event_makes_a_version_ready(deployed: Deployed) -> None:
    version, items = deployed.system.declare(FILES)
    keys = deployed.system.send(items, FILES)

    first = deployed.uploads(s3_notification(deployed.system.bucket, keys[0]))
    last = deployed.uploads(s3_notification(deployed.system.bucket, *keys))

    assert first["outcomes"] == {"received": 1}
    assert last["outcomes"]["ready"] == 1
    assert said(ask(deployed, "GET", version), 200)["state"] == "ready"


def test_a_schedule_s_event_sweeps_and_relays(deployed: Deployed) -> None:
    event = {"source": "aws.scheduler", "detail-type": "Scheduled Event"}

    swept, relayed = deployed.sweep(event), deployed.relay(event)

    assert {"expired", "purged", "sealed"} <= swept.keys()
    assert relayed == {"delivered": 0, "failed": 0, "dead": 0}


def test_a_deployment_prepares_its_database_and_rewrites_it_when_asked_to(
    deployed: Deployed,
) -> None:
    with Sandbox(
        deployed.api.task, "handlers.functions.migrate.handler", deployed.system.environment
    ) as migrate:
        prepared, rewritten = migrate({}), migrate({"rewrite": True})

    assert (prepared["done"], rewritten["done"]) == (True, True)


def test_what_a_function_raises_reaches_its_platform(deployed: Deployed) -> None:
    broken = {**deployed.system.environment, "MODELRY_MONGODB_URI": "mongodb://127.0.0.1:1/"}
    event = s3_notification(deployed.system.bucket, "default/iris/1/model.bin")

    with (
        Sandbox(deployed.uploads.task, "handlers.functions.uploads.handler", broken) as uploads,
        pytest.raises(SandboxFailed, match="BatchFailed"),
    ):
        uploads(event)


def test_settings_that_are_wrong_are_said_at_the_start(deployed: Deployed) -> None:
    wrong = {**deployed.system.environment, "MODELRY_MAX_FILES": "many"}

    with (
        pytest.raises(SandboxFailed, match="MODELRY_MAX_FILES"),
        Sandbox(deployed.uploads.task, "handlers.functions.uploads.handler", wrong),
    ):
        pass


def test_a_dependency_that_is_not_in_the_zip_is_missing(deployed: Deployed, tmp_path: Path) -> None:
    whole = tmp_path / "whole"
    shutil.copytree(deployed.uploads.task, whole, copy_function=shutil.copyfile)
    shutil.rmtree(whole / "bson")
    archive = shutil.make_archive(str(tmp_path / "lacking"), "zip", whole)

    with (
        unpacked(Path(archive)) as lacking,
        pytest.raises(SandboxFailed, match="bson"),
        Sandbox(lacking, "handlers.functions.uploads.handler", deployed.system.environment),
    ):
        pass
