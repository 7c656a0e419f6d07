"""Webhooks through MLflow's routes: what its receivers are sent, and that they can check it."""

import base64
import hashlib
import hmac
import json
from typing import Any

import pytest

from core.domain.deliveries import Answer
from core.domain.versions import ByNumber
from tests.api.client import Api
from tests.builders import ADMIN
from tests.dialects.mlflow.conftest import Mlflow
from tests.relaying import deliver

URL = "https://example.com/hook"
CREATED = {"entity": "MODEL_VERSION", "action": "CREATED"}
TAG_SET = {"entity": "MODEL_VERSION_TAG", "action": "SET"}
EVERY = [
    {"entity": "REGISTERED_MODEL", "action": "CREATED"},
    CREATED,
    TAG_SET,
    {"entity": "MODEL_VERSION_TAG", "action": "DELETED"},
    {"entity": "MODEL_VERSION_ALIAS", "action": "CREATED"},
    {"entity": "MODEL_VERSION_ALIAS", "action": "DELETED"},
]


def make(mlflow: Mlflow, **fields: Any) -> Any:
    body = {"name": "chat", "url": URL, "events": EVERY, **fields}
    return mlflow.post("webhooks", **body)["webhook"]


def sent(api: Api) -> list[tuple[str, Any]]:
    """What the receiver was sent: MLflow's name of the event, and its data."""
    deliver(api.world)
    bodies = [json.loads(message.body) for _, message in api.world.channel.sent]
    return [(f"{body['entity']}.{body['action']}", body["data"]) for body in bodies]


def test_a_webhook_is_made_read_listed_changed_and_deleted(mlflow: Mlflow) -> None:
    made = make(mlflow, description="for us", secret="s3cret")

    assert made["events"] == EVERY
    assert (made["status"], made["workspace"], made["url"]) == ("ACTIVE", "default", URL)
    assert "secret" not in json.dumps(made)
    assert mlflow.get(f"webhooks/{made['webhook_id']}")["webhook"] == made
    assert mlflow.get("webhooks", max_results=1)["webhooks"] == [made]
    path = f"webhooks/{made['webhook_id']}"
    changed = mlflow.patch(path, status="DISABLED", events=[CREATED])["webhook"]
    assert (changed["status"], changed["events"], changed["name"]) == (
        "DISABLED",
        [CREATED],
        "chat",
    )
    assert mlflow.delete(path) == {}
    assert "webhook" in mlflow.refused("RESOURCE_DOES_NOT_EXIST", "GET", path)


def test_receivers_are_sent_what_mlflow_sends(api: Api, mlflow: Mlflow) -> None:
    make(mlflow)
    registry, where = api.world.registry, (ADMIN, "default", "iris")
    api.world.clock.advance(seconds=1)
    registry.models.register(*where, {"tags": {"team": "a"}})
    registry.versions.register(*where, {"description": "first", "tags": {"a": "1", "b": "2"}})
    tags: Any = {"tags": {"a": None, "b": "3"}}
    registry.versions.update(*where, ByNumber(1), tags, expected_revision=None)
    registry.aliases.point(*where, "champion", ByNumber(1))
    registry.aliases.remove(*where, "champion")
    model = {"name": "iris"}
    version = {"name": "iris", "version": "1"}

    found = sent(api)

    expected = [
        ("registered_model.created", {**model, "tags": {"team": "a"}, "description": None}),
        (
            "model_version.created",
            {
                **version,
                "source": "models:/iris/1",
                "run_id": None,
                "tags": {"a": "1", "b": "2"},
                "description": "first",
            },
        ),
        ("model_version_tag.deleted", {**version, "key": "a"}),
        ("model_version_tag.set", {**version, "key": "b", "value": "3"}),
        ("model_version_alias.created", {**version, "alias": "champion"}),
        ("model_version_alias.deleted", {**model, "alias": "champion"}),
    ]
    assert sorted(found, key=str) == sorted(expected, key=str)


def test_a_receiver_checks_the_signature_as_it_does_mlflows(api: Api, mlflow: Mlflow) -> None:
    make(mlflow, secret="s3cret")
    api.world.clock.advance(seconds=1)
    mlflow.post("registered-models/create", name="iris")
    deliver(api.world)

    ((_, message),) = api.world.channel.sent

    headers = message.headers
    content = f"{headers['X-MLflow-Delivery-Id']}.{headers['X-MLflow-Timestamp']}.".encode()
    digest = hmac.new(b"s3cret", content + message.body, hashlib.sha256).digest()
    assert headers["X-MLflow-Signature"] == f"v1,{base64.b64encode(digest).decode()}"
    assert "webhook-signature" not in headers


def test_without_a_secret_nothing_is_signed(api: Api, mlflow: Mlflow) -> None:
    path = f"webhooks/{make(mlflow)['webhook_id']}/test"

    assert mlflow.post(path)["result"] == {"success": True, "response_status": 200}
    mlflow.post(path, event=TAG_SET)

    first, second = (message for _, message in api.world.channel.sent)
    assert "X-MLflow-Signature" not in first.headers
    assert (first.type, second.type) == ("registered_model.created", "model_version_tag.set")


def test_a_test_says_what_the_receiver_said(api: Api, mlflow: Mlflow) -> None:
    path = f"webhooks/{make(mlflow)['webhook_id']}/test"

    api.world.channel.answer = lambda *_: Answer(accepted=False, status=500, detail="broken")
    assert mlflow.post(path)["result"] == {
        "success": False,
        "response_status": 500,
        "response_body": "broken",
    }
    api.world.channel.answer = lambda *_: Answer(accepted=False, detail="no answer")
    assert mlflow.post(path)["result"] == {"success": False, "error_message": "no answer"}


@pytest.mark.parametrize(
    "wrong",
    [
        {"url": "https://user:pass@example.com/"},
        {"url": "ftp://example.com/"},
        {"url": "queue"},
        {"events": [{"entity": "PROMPT", "action": "CREATED"}]},
        {"events": [{"entity": "MODEL_VERSION", "action": "DELETED"}]},
        {"events": []},
        {"events": "x"},
        {"status": "SLEEPING"},
        {"name": ""},
    ],
)
def test_what_is_wrong_is_refused(mlflow: Mlflow, wrong: dict[str, Any]) -> None:
    body = {"name": "chat", "url": URL, "events": EVERY, **wrong}

    mlflow.refused("INVALID_PARAMETER_VALUE", "POST", "webhooks", json=body)


def test_a_page_of_none_is_refused(mlflow: Mlflow) -> None:
    for number in ("0", "1001"):
        mlflow.refused("INVALID_PARAMETER_VALUE", "GET", "webhooks", params={"max_results": number})
