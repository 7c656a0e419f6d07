"""Errors as problem details (RFC 9457): the native dialect's one table from kind to answer."""

import logging
from typing import Any

import orjson
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from core.errors import Kind, RegistryError, Unavailable

STATUS = {
    Kind.INVALID: 422,
    Kind.UNAUTHENTICATED: 401,
    Kind.FORBIDDEN: 403,
    Kind.NOT_FOUND: 404,
    Kind.CONFLICT: 409,
    Kind.STALE: 412,
    Kind.TOO_LARGE: 413,
    Kind.UNAVAILABLE: 503,
}
TITLE = {
    400: "Malformed request",
    401: "Not signed in",
    403: "Not allowed",
    404: "Not found",
    405: "Method not allowed",
    409: "Conflict",
    412: "Changed in the meantime",
    413: "Too large",
    415: "Unsupported media type",
    422: "Invalid",
    428: "Precondition required",
    500: "Internal error",
    503: "Unavailable",
}
MEDIA_TYPE = "application/problem+json"

_log = logging.getLogger("modelry.api")


def problem_response(request: Request, error: Exception) -> Response:
    """The answer to any error: what was asked, what is true, what to do next."""
    headers: dict[str, str] = {}
    if isinstance(error, RegistryError):
        status = STATUS[error.kind]
        body = _body(request, error.kind, status, error.message, error.next_step)
        if error.problems:
            body["problems"] = [
                {"place": place, "message": message} for place, message in error.problems
            ]
        if isinstance(error, Unavailable):
            headers["Retry-After"] = str(error.retry_after_seconds)
    elif isinstance(error, HTTPException):
        status = error.status_code
        headers.update(error.headers or {})
        detail = error.detail
        if status in {404, 405}:
            detail = f"{request.method} {request.scope['path']} is no operation of this API."
        body = _body(request, _slug(status), status, detail, _NEXT_STEPS.get(status, ""))
    else:
        status = 500
        _log.exception("unhandled error", exc_info=error)
        body = _body(
            request,
            "internal",
            500,
            "The registry failed in a way it should not have; nothing was changed half-way.",
            "Report it with the request id.",
        )
    if status == 401:
        headers["WWW-Authenticate"] = _challenge(request)
    return Response(orjson.dumps(body), status, headers, MEDIA_TYPE)


_NEXT_STEPS = {
    400: "Send JSON as RFC 8259 defines it, in UTF-8.",
    404: "See /api/v1/openapi.json for what there is.",
    405: "See /api/v1/openapi.json for what there is.",
    413: "Send less at once; bytes of files go straight to the object store.",
    415: "Send JSON as it is, with the header 'Content-Type: application/json'.",
    428: 'Read the object and send its ETag as If-Match, or "*" to overwrite whatever is there.',
}


def _body(request: Request, kind: str, status: int, detail: str, next_step: str) -> dict[str, Any]:
    return {
        "type": f"urn:modelry:problem:{kind}",
        "title": TITLE.get(status, "Error"),
        "status": status,
        "detail": detail,
        "next_step": next_step,
        "request_id": request.scope.get("state", {}).get("request_id", ""),
    }


def _slug(status: int) -> str:
    return TITLE.get(status, "error").lower().replace(" ", "-")


def _challenge(request: Request) -> str:
    """RFC 6750 and RFC 9728: how to authenticate, and where the metadata is."""
    public = request.scope.get("state", {}).get("public_url") or str(request.base_url)
    metadata = f"{public.rstrip('/')}/.well-known/oauth-protected-resource"
    return f'Bearer realm="modelry", resource_metadata="{metadata}"'
