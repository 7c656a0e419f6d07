"""CloudEvents 1.0 over HTTP: what an event tells, out of the wrapping that it came in."""

import base64
import json
from collections.abc import Mapping
from typing import Any

from core.errors import Invalid

STRUCTURED = "application/cloudevents+json"
BATCHED = "application/cloudevents-batch+json"


def unwrapped(content_type: str, body: bytes) -> list[Any]:
    """The data of each event in the body of a request: one of the binary mode (or no CloudEvent
    at all, as MinIO's webhook sends), one of the structured mode, or a batch. Raises `Invalid`."""
    kind = content_type.partition(";")[0].strip().lower()
    if kind == STRUCTURED:
        return [_data(_parsed(body))]
    if kind == BATCHED:
        events = _parsed(body)
        if not isinstance(events, list):
            raise Invalid("The body is no batch of events.", next_step="Send a JSON list of them.")
        return [_data(event) for event in events]
    return [_parsed(body)]


def _data(event: Any) -> Any:
    match event:
        case {"specversion": "1.0", "data_base64": str(text)}:
            try:
                return _parsed(base64.b64decode(text, validate=True))
            except ValueError:
                raise Invalid(
                    "The data of an event is no base64.", next_step="Encode it as RFC 4648 says."
                ) from None
        case {"specversion": "1.0"} if isinstance(event, Mapping):
            return event.get("data")
    raise Invalid(
        "The body is no CloudEvent of version 1.0.",
        next_step="Send what its Content-Type says that it is.",
    )


def _parsed(text: bytes) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        raise Invalid(
            "The body of an event is no JSON.", next_step="Send JSON as RFC 8259 defines it."
        ) from None
