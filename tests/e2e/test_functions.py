"""The three functions as their platforms run them: events in, answers out, real servers behind."""

import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from pymongo import MongoClient

from local.ports import free_port
from tests import parts
from tests.e2e.function_events import (
    ADDRESS,
    GATEWAYS,
    Gateway,
    http_api,
    load_balancer,
    minio_notification,
    queued,
    s3_notification,
)
from tests.e2e.function_process import Function, FunctionFailed
from tests.e2e.function_system import MODELS, System, running_issuer, running_system, said

PROBLEM = "application/problem+json"
FILES = {"a folder/w+x ü.bin": b"one", "b.bin": b"two"}


@pytest.fixture(scope="module")
def system(
    mongodb_uri: str, s3: parts.S3Server, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[System]:
    database = f"test_{secrets.token_hex(6)}"
    with (
        running_issuer(tmp_path_factory.mktemp("issuer")) as issuer,
        parts.bucket_of(s3) as bucket,
        running_system(mongodb_uri, database, s3, bucket, issuer) as system,
    ):
        yield system
    with MongoClient[Any](mongodb_uri) as client:
        client.drop_database(database)


@pytest.fixture(params=list(GATEWAYS))
def gateway(request: pytest.FixtureRequest) -> Gateway:
    """Each kind of gateway."""
    return GATEWAYS[request.param]


def test_every_gateway_tells_who_calls(system: System, gateway: Gateway) -> None:
    answer = system.ask("GET", "/api/v1/whoami", gateway=gateway)

    assert said(answer, 200)["principal"] == "subject:dev:alice"


def test_every_gateway_carries_bodies_headers_and_queries(system: System, gateway: Gateway) -> None:
    name = f"a b+ü-{secrets.token_hex(4)}"
    path = f"{MODELS}/{name}"

    created = system.ask("POST", MODELS, {"name": name, "tags": {"é": "ö"}}, gateway=gateway)
    etag = created["headers"]["etag"]
    changed = system.ask("PATCH", path, {"description": "better"}, gateway=gateway, if_match=etag)
    stale = system.ask("PATCH", path, {"description": "no"}, gateway=gateway, if_match=etag)
    subject = quote(f"default/{name}", safe="")
    events = system.ask(
        "GET",
        "/api/v1/namespaces/default/events",
        gateway=gateway,
        query=f"kind=model&subject={subject}&page_size=1",
    )

    assert said(created, 201)["tags"] == {"é": "ö"}
    assert created["headers"]["location"] == f"/api/v1/namespaces/default/models/{quote(name)}"
    assert said(changed, 200)["description"] == "better"
    said(stale, 412)
    (event,) = said(events, 200)["items"]
    assert (event["action"], event["subject"]) == ("model.updated", f"default/{name}")
    assert event["address"] == ADDRESS


def test_every_gateway_gets_problems_as_plain_text(system: System, gateway: Gateway) -> None:
    answer = system.ask("GET", f"{MODELS}/nothing-here", gateway=gateway)

    assert said(answer, 404)["type"] == "urn:modelry:problem:not-found"
    assert answer["headers"]["content-type"] == PROBLEM


def test_every_gateway_hears_how_to_sign_in(system: System, gateway: Gateway) -> None:
    answer = system.ask("GET", "/api/v1/whoami", gateway=gateway, authorization="Bearer x.y.z")

    said(answer, 401)
    assert answer["headers"]["www-authenticate"].startswith("Bearer ")
    assert answer["headers"]["content-type"] == PROBLEM


def test_a_load_balancer_that_sends_lists_of_values_is_understood(system: System) -> None:
    event = load_balancer("GET", MODELS, {"authorization": f"Bearer {system.token}"})
    event["multiValueHeaders"] = {name: [text] for name, text in event.pop("headers").items()}
    event["multiValueQueryStringParameters"] = {"page_size": ["1"]}
    del event["queryStringParameters"]

    answer = system.api(event)

    assert len(said(answer, 200)["items"]) <= 1
    assert answer["multiValueHeaders"]["content-type"] == ["application/json"]


@pytest.mark.parametrize("body", ["e30", "e3%0=", "{}", "ü==", "\ud800"])
def test_a_body_that_is_not_the_base64_it_is_said_to_be_is_refused(
    system: System, gateway: Gateway, body: str
) -> None:
    event = gateway("POST", MODELS, {"authorization": f"Bearer {system.token}"}, body="{}")
    event |= {"body": body, "isBase64Encoded": True}

    answer = system.api(event)

    assert said(answer, 400)["type"] == "urn:modelry:problem:malformed-request"
    assert answer["headers"]["content-type"] == PROBLEM


@pytest.mark.parametrize("host", ["a:b", "a:80:80", "a:", "a b"])
def test_a_host_that_is_none_never_fails_a_function(
    system: System, gateway: Gateway, host: str
) -> None:
    headers = {"authorization": f"Bearer {system.token}", "host": host}

    answer = system.api(gateway("GET", "/api/v1/whoami", headers))

    assert said(answer, 400)["type"] == "urn:modelry:problem:malformed-request"


def test_health_and_the_document_need_no_token(system: System) -> None:
    health = system.api(http_api("GET", "/health", {}))
    document = system.api(http_api("GET", "/api/v1/openapi.json", {}))

    assert (health["statusCode"], health["body"]) == (200, "OK")
    assert said(document, 200)["openapi"].startswith("3.")


def test_a_notification_of_s3_makes_a_version_ready(system: System) -> None:
    version, items = system.declare(FILES)
    keys = system.send(items, FILES)
    before = system.state(version)

    answer = system.uploads(s3_notification(system.bucket, *keys))

    assert before == "pending"
    assert answer == {"outcomes": {"received": 1, "ready": 1}, "batchItemFailures": []}
    assert system.state(version) == "ready"


def test_a_notification_of_minio_makes_a_version_ready(system: System) -> None:
    files = {"a folder/w+x ü.bin": b"of minio"}
    version, items = system.declare(files)
    (key,) = system.send(items, files)

    answer = system.uploads(minio_notification(system.bucket, key))

    assert answer["outcomes"] == {"ready": 1}
    assert system.state(version) == "ready"


def test_notifications_may_come_twice_and_in_any_order(system: System) -> None:
    files = {"1.bin": b"first", "2.bin": b"second", "3.bin": b"third"}
    version, items = system.declare(files)
    keys = system.send(items, files)
    order = [keys[2], keys[0], keys[2], keys[1], keys[0]]

    outcomes = [system.uploads(s3_notification(system.bucket, key))["outcomes"] for key in order]

    came_to = [outcome for each in outcomes for outcome in each]
    assert came_to == ["received", "received", "received", "ready", "ignored"]
    assert system.state(version) == "ready"


def test_a_notification_before_its_object_changes_nothing(system: System) -> None:
    files = {"late.bin": b"late"}
    _, items = system.declare(files)

    early = system.uploads(s3_notification(system.bucket, system.key(items[0])))
    (key,) = system.send(items, files)
    late = system.uploads(s3_notification(system.bucket, key))

    assert (early["outcomes"], late["outcomes"]) == ({"missing": 1}, {"ready": 1})


def test_bytes_that_were_not_declared_are_refused_and_the_version_stays_pending(
    system: System, s3: parts.S3Server, tmp_path: Path
) -> None:
    version, items = system.declare({"m.bin": b"declared"})
    other = tmp_path / "other.bin"
    other.write_bytes(b"tampered")
    s3.client().fput_object(system.bucket, system.key(items[0]), str(other))

    answer = system.uploads(s3_notification(system.bucket, system.key(items[0])))

    assert answer["outcomes"] == {"refused": 1}
    assert system.state(version) == "pending"
    (file,) = said(system.ask("GET", f"{version}/files"), 200)["items"]
    assert file["problem"]


def test_what_is_no_file_of_ours_is_ignored(system: System) -> None:
    answers = [
        system.uploads(event)
        for event in (
            s3_notification("another-bucket", "default/iris/1/x"),
            s3_notification(system.bucket, "nobody/waits/1/for", "short"),
            {"Event": "s3:TestEvent"},
        )
    ]

    assert [answer["outcomes"] for answer in answers] == [
        {"ignored": 1},
        {"ignored": 2},
        {"ignored": 1},
    ]


def test_of_a_batch_only_what_failed_comes_again(system: System) -> None:
    files = {"m.bin": b"in a batch"}
    version, items = system.declare(files)
    (key,) = system.send(items, files)
    batch = queued(
        good=s3_notification(system.bucket, "default/~runs/1/nobody/waits"),
        bad=s3_notification(system.bucket, key),
    )
    no_store = {**system.environment, "MODELRY_S3_ENDPOINT": f"http://127.0.0.1:{free_port()}"}

    with Function("uploads", no_store) as cut_off:
        failed = cut_off(batch)
        with pytest.raises(FunctionFailed, match="BatchFailed"):
            cut_off(s3_notification(system.bucket, key))
    repeated = system.uploads(queued(bad=s3_notification(system.bucket, key)))

    assert failed["batchItemFailures"] == [{"itemIdentifier": "bad"}]
    assert repeated == {"outcomes": {"ready": 1}, "batchItemFailures": []}
    assert system.state(version) == "ready"


def test_sweep_gives_up_what_ran_out_of_time(system: System, s3: parts.S3Server) -> None:
    files = {"m.bin": b"too late"}
    impatient = {**system.environment, "MODELRY_UPLOAD_TTL_SECONDS": "0"}
    with Function("api", impatient) as api:
        version, items = system.declare(files, api=api)
    (key,) = system.send(items, files)

    swept = system.sweep({"source": "aws.events", "detail-type": "Scheduled Event"})
    again = system.sweep({})
    after = system.uploads(s3_notification(system.bucket, key))

    assert (swept, again) == (
        {"expired": 1, "approvals_expired": 0, "purged": 0, "sealed": 0},
        {"expired": 0, "approvals_expired": 0, "purged": 0, "sealed": 0},
    )
    assert system.state(version) == "abandoned"
    assert after["outcomes"] == {"removed": 1}
    left = s3.client().list_objects(system.bucket, prefix=key)
    assert list(left) == []


def test_a_first_event_loads_no_sdk(system: System) -> None:
    version, items = system.declare({"m.bin": b"first event"})
    (key,) = system.send(items, {"m.bin": b"first event"})
    web = {"fastapi", "mangum", "pydantic", "starlette"}
    sdks = {"authlib", "boto3", "botocore", "minio", "moto", "opentelemetry.sdk", "urllib3"}
    keys = {"cryptography.x509", "joserfc"}

    with (
        Function("api", system.environment) as api,
        Function("uploads", system.environment) as uploads,
        Function("sweep", system.environment) as sweep,
    ):
        said(system.ask("GET", version, api=api), 200)
        assert uploads(s3_notification(system.bucket, key))["outcomes"] == {"ready": 1}
        assert sweep({}) == {"expired": 0, "approvals_expired": 0, "purged": 0, "sealed": 0}

        assert api.modules() & {*sdks, "pydantic.v1.main"} == set()
        assert uploads.modules() & {*sdks, *web, *keys} == set()
        assert sweep.modules() & {*sdks, *web, *keys} == set()
