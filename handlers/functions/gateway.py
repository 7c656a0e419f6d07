"""What a gateway hands over that is no request: answered 400 before anything else reads it."""

import base64
import binascii
import re
import secrets
from collections.abc import Mapping
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request

from handlers.api.problems import problem_response

_HOST = re.compile(r"[^\s:]+(?::[0-9]{1,5})?")  # as the adapter takes it apart


def refusal(event: Mapping[str, Any]) -> dict[str, Any] | None:
    """The answer to an event that cannot be made a request, in the form that all gateways take;
    None for one that can."""
    detail = _fault(event)
    if detail is None:
        return None
    request_id = secrets.token_hex(12)
    scope = {"type": "http", "method": "", "path": "", "state": {"request_id": request_id}}
    answer = problem_response(Request(scope), HTTPException(400, detail))
    return {
        "statusCode": answer.status_code,
        "headers": {**answer.headers, "x-request-id": request_id, "cache-control": "no-store"},
        "body": bytes(answer.body).decode(),
        "isBase64Encoded": False,
    }


def _fault(event: Mapping[str, Any]) -> str | None:
    try:
        content = (event.get("body") or "").encode()
        if event.get("isBase64Encoded"):
            base64.b64decode(content, validate=True)
    except UnicodeEncodeError:
        return "The body is no valid Unicode."
    except binascii.Error:
        return "The body is not the base64 that its gateway says it is."
    hosts = [value for name, value in _headers(event) if name.lower() == "host"]
    if any(not _HOST.fullmatch(host) for host in hosts):
        return "The Host header names no host (RFC 9110, 7.2)."
    return None


def _headers(event: Mapping[str, Any]) -> list[tuple[str, str]]:
    single = (event.get("headers") or {}).items()
    several = (event.get("multiValueHeaders") or {}).items()
    return [*single, *((name, value) for name, values in several for value in values)]
