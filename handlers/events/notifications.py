"""Storage notifications as they come: from S3, MinIO, Cloud Storage, bare or in queues and topics.

An event is a hint that something arrived, never proof: what it says of sizes or tags is not read.
"""

import json
from base64 import b64decode
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote_plus


@dataclass(frozen=True, slots=True)
class Notice:
    """An object was created. `message_id` is the queue's, None for a direct notification."""

    bucket: str
    key: str
    message_id: str | None = None


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A record that is no notification of an object created (a test event, another service's)."""

    reason: str
    message_id: str | None = None


def notices(event: Any, message_id: str | None = None) -> Iterator[Notice | Unreadable]:
    """Unwrap an event, whatever its shape; order and duplicates are as they came.

    Known: S3 and MinIO records (keys URL-encoded once, a plus being a space), EventBridge's
    "Object Created" and Cloud Storage's objects (keys plain), SQS batches of any of them, SNS
    envelopes, Pub/Sub pushes. Never raises.
    """
    match event:
        case {"Records": list(records)}:
            for record in records:
                yield from _record(record, message_id)
        case {"detail-type": "Object Created", "detail": Mapping() as detail}:
            yield _notice(detail, message_id, is_encoded=False)
        case {"kind": "storage#object", "bucket": str(bucket), "name": str(key)}:
            named = {"bucket": {"name": bucket}, "object": {"key": key}}
            yield _notice(named, message_id, is_encoded=False)
        case {"Type": "Notification", "Message": str(message)}:
            yield from _text(message, message_id)
        case {"message": {"data": str(data)}}:
            yield from _text(_decoded(data), message_id)
        case _:
            yield Unreadable("it is no storage notification", message_id)


def _record(record: Any, message_id: str | None) -> Iterator[Notice | Unreadable]:
    match record:
        case {"messageId": str(own), "body": str(body)}:
            yield from _text(body, message_id or own)
        case {"Sns": {"Message": str(message)}}:
            yield from _text(message, message_id)
        case {"eventName": str(name), "s3": Mapping() as s3}:
            if name.removeprefix("s3:").startswith("ObjectCreated:"):
                yield _notice(s3, message_id, is_encoded=True)
            else:
                yield Unreadable(f"{name[:80]!r} creates no object", message_id)
        case _:
            yield Unreadable("a record is no storage notification", message_id)


def _decoded(data: str) -> str:
    """What Pub/Sub carries; empty, which is no JSON, if it is none of its."""
    try:
        return b64decode(data, validate=True).decode()
    except ValueError:
        return ""


def _text(text: str, message_id: str | None) -> Iterator[Notice | Unreadable]:
    try:
        inner = json.loads(text)
    except (ValueError, RecursionError):
        yield Unreadable("a message is not JSON", message_id)
        return
    if isinstance(inner, dict) and ("body" in inner or "message" in inner):
        yield Unreadable("a message holds another message", message_id)
        return
    yield from notices(inner, message_id)


def _notice(
    s3: Mapping[str, Any], message_id: str | None, *, is_encoded: bool
) -> Notice | Unreadable:
    match s3:
        case {"bucket": {"name": str(bucket)}, "object": {"key": str(key)}}:
            key = unquote_plus(key) if is_encoded else key
            if key.isascii() or not any("\ud800" <= character <= "\udfff" for character in key):
                return Notice(bucket, key, message_id)
    return Unreadable("a record names no object", message_id)
