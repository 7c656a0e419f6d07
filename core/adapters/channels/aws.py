"""Messages to queues, topics and buses of AWS, through boto3: an optional extra, imported when a
target of the settings is first told."""

import json
import time
from collections.abc import Callable
from functools import cache
from typing import Any

from core.domain.deliveries import Answer
from core.domain.messages import Message
from core.domain.targets import NamedTarget

MAX_GROUP_CHARACTERS = 128


def send(target: NamedTarget, message: Message, timeout_seconds: float) -> Answer:
    """Hand the message to the target; what goes wrong is in the answer."""
    started = time.monotonic()
    try:
        import boto3  # noqa: F401  # only to tell its absence from whatever else is not found
    except ImportError:
        return Answer(accepted=False, detail="boto3 is not installed: pip install boto3")
    try:
        _SENDERS[target.kind](_client(target, timeout_seconds), target, message)
    except Exception as error:  # of botocore, which has no common base that is public
        return Answer(accepted=False, detail=f"{type(error).__name__}: {error}"[:300])
    return Answer(accepted=True, duration_ms=round((time.monotonic() - started) * 1000))


def _send_sqs(client: Any, target: NamedTarget, message: Message) -> None:
    fields: dict[str, Any] = {
        "QueueUrl": target.address,
        "MessageBody": message.body.decode(),
        "MessageAttributes": _attributes(message),
    }
    client.send_message(**fields, **_ordered(target, message))


def _send_sns(client: Any, target: NamedTarget, message: Message) -> None:
    fields: dict[str, Any] = {
        "TopicArn": target.address,
        "Message": message.body.decode(),
        "MessageAttributes": _attributes(message),
    }
    client.publish(**fields, **_ordered(target, message))


def _send_eventbridge(client: Any, target: NamedTarget, message: Message) -> None:
    content = json.loads(message.body)
    entry = {
        "EventBusName": target.address,
        "Source": "modelry",
        "DetailType": message.type,
        "Detail": message.body.decode(),
        "Time": content.get("time") or content.get("timestamp"),
    }
    answer = client.put_events(Entries=[entry])
    if answer.get("FailedEntryCount"):
        raise OSError(answer["Entries"][0].get("ErrorMessage", "the bus refused the event"))


_SENDERS: dict[str, Callable[[Any, NamedTarget, Message], None]] = {
    "sqs": _send_sqs,
    "sns": _send_sns,
    "eventbridge": _send_eventbridge,
}


def _attributes(message: Message) -> dict[str, Any]:
    values = {"type": message.type, **{k.lower(): v for k, v in message.headers.items()}}
    return {name: {"DataType": "String", "StringValue": value} for name, value in values.items()}


def _ordered(target: NamedTarget, message: Message) -> dict[str, str]:
    """What a FIFO queue or topic keeps the order by, and knows a repeated message from."""
    if not target.address.endswith(".fifo"):
        return {}
    group = "".join(
        each if each.isascii() and each.isprintable() else "_" for each in message.group
    )
    return {
        "MessageGroupId": group.replace(" ", "_")[:MAX_GROUP_CHARACTERS],
        "MessageDeduplicationId": message.id,
    }


@cache
def _client(target: NamedTarget, timeout_seconds: float) -> Any:
    """The client of a target, with the credentials of the process: its role, or AWS_… variables."""
    import boto3
    from botocore.config import Config

    service = {"eventbridge": "events"}.get(target.kind, target.kind)
    config = Config(
        connect_timeout=timeout_seconds,
        read_timeout=timeout_seconds,
        retries={"total_max_attempts": 1},
        max_pool_connections=32,
    )
    return boto3.client(
        service, region_name=target.region, endpoint_url=target.endpoint, config=config
    )
