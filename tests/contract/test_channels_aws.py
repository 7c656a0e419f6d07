"""Queues, topics and buses: what the relay hands over arrives there, of each subject in order."""

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import boto3
import pytest
from moto import mock_aws

from core.adapters.channels import aws
from core.adapters.channels.channels import Channels
from core.domain.messages import Message
from core.domain.targets import NamedTarget
from tests import parts
from tests.builders import ADMIN, World
from tests.relaying import deliver, models, webhook

MESSAGE = Message("e1", "modelry.model.registered", "model default/iris", b'{"id":"e1"}')
REGION = "us-east-1"


@pytest.fixture(autouse=True)
def keys(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Credentials as a function's role hands them out; no client of another test."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "test")
    aws._client.cache_clear()
    yield
    aws._client.cache_clear()


@pytest.fixture
def emulated() -> Iterator[None]:
    with mock_aws():
        yield


def queue_of(sqs: Any, name: str, **attributes: str) -> str:
    return str(sqs.create_queue(QueueName=name, Attributes=attributes)["QueueUrl"])


def received(sqs: Any, url: str) -> list[Any]:
    """All messages of a queue, as they come."""
    found: list[Any] = []
    while True:
        answer = sqs.receive_message(
            QueueUrl=url, MaxNumberOfMessages=10, MessageAttributeNames=["All"]
        )
        batch = answer.get("Messages", [])
        if not batch:
            return found
        for each in batch:
            sqs.delete_message(QueueUrl=url, ReceiptHandle=each["ReceiptHandle"])
        found += batch


def send(target: NamedTarget, message: Message = MESSAGE) -> Any:
    channels = Channels([target], timeout_seconds=5, allows_private=False)
    return channels.send("default", target.name, message)


def test_events_reach_a_queue_that_keeps_the_order_of_each_subject(s3: parts.S3Server) -> None:
    sqs = boto3.client("sqs", region_name=REGION, endpoint_url=s3.endpoint)
    url = queue_of(sqs, "told.fifo", FifoQueue="true")
    target = NamedTarget(name="queue", kind="sqs", address=url, endpoint=s3.endpoint)
    world = World()
    world.registry.relay = replace(
        world.registry.relay,
        channel=Channels([target], timeout_seconds=5, allows_private=False),
    )
    made = webhook(world, target="queue", events=("model.*",))
    models(world, 3)

    assert deliver(world).delivered == 6

    bodies = [json.loads(each["Body"]) for each in received(sqs, url)]
    assert len(bodies) == 6
    for number in range(3):
        actions = [
            body["data"]["action"] for body in bodies if body["subject"] == f"default/m{number}"
        ]
        assert actions == ["model.registered", "model.updated"]
    assert world.registry.webhooks.get(ADMIN, "default", made.id).former_secret_until is None


def test_a_message_that_is_sent_again_is_one_in_a_queue_that_keeps_order(
    s3: parts.S3Server,
) -> None:
    sqs = boto3.client("sqs", region_name=REGION, endpoint_url=s3.endpoint)
    url = queue_of(sqs, "again.fifo", FifoQueue="true")
    target = NamedTarget(name="queue", kind="sqs", address=url, endpoint=s3.endpoint)

    for _ in range(2):
        assert send(target).accepted

    (message,) = received(sqs, url)
    assert message["MessageAttributes"]["type"]["StringValue"] == MESSAGE.type


def test_a_topic_hands_it_to_whoever_listens(emulated: None) -> None:
    sqs, sns = (boto3.client(name, region_name=REGION) for name in ("sqs", "sns"))
    url = queue_of(sqs, "listening")
    topic = sns.create_topic(Name="told")["TopicArn"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn["QueueArn"])

    assert send(NamedTarget(name="topic", kind="sns", address=topic)).accepted

    (message,) = received(sqs, url)
    envelope = json.loads(message["Body"])
    assert envelope["Message"] == MESSAGE.body.decode()
    assert envelope["MessageAttributes"]["type"]["Value"] == MESSAGE.type


def test_a_bus_takes_it_under_its_type(emulated: None) -> None:
    events, logs = (boto3.client(name, region_name=REGION) for name in ("events", "sqs"))
    url = queue_of(logs, "behind")
    arn = logs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]
    events.create_event_bus(Name="told")
    pattern = json.dumps({"source": ["modelry"], "detail-type": [MESSAGE.type]})
    events.put_rule(Name="models", EventBusName="told", EventPattern=pattern)
    targets = [{"Id": "1", "Arn": arn["QueueArn"]}]
    events.put_targets(Rule="models", EventBusName="told", Targets=targets)
    bus = NamedTarget(name="bus", kind="eventbridge", address="told")
    timed = replace(MESSAGE, body=b'{"id":"e1","time":"2026-01-01T00:00:00.000Z"}')

    assert send(bus, timed).accepted

    (message,) = received(logs, url)
    assert json.loads(message["Body"])["detail"] == json.loads(timed.body)


def test_what_a_target_refuses_is_a_failure_that_says_why(emulated: None) -> None:
    target = NamedTarget(name="queue", kind="sqs", address="https://queue.test/1/nothing")

    answer = send(target)

    assert not answer.accepted
    assert "QueueDoesNotExist" in answer.detail


def test_without_boto3_the_log_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "boto3", None)

    answer = send(NamedTarget(name="queue", kind="sqs", address="https://queue.test/1/x"))

    assert answer.detail == "boto3 is not installed: pip install boto3"
