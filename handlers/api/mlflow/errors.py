"""Errors as MLflow's clients read them: one table from kind to code, and from code to status.

These clients repeat whatever is answered with 408, 429 or 5xx, POSTs too: only what can be cured
by repeating it may be answered so.
"""

import logging

import orjson
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from core.errors import Kind, RegistryError, Taken, Unavailable

CODES = {
    Kind.INVALID: "INVALID_PARAMETER_VALUE",
    Kind.UNAUTHENTICATED: "UNAUTHENTICATED",
    Kind.FORBIDDEN: "PERMISSION_DENIED",
    Kind.NOT_FOUND: "RESOURCE_DOES_NOT_EXIST",
    Kind.CONFLICT: "RESOURCE_CONFLICT",
    Kind.STALE: "ABORTED",
    Kind.TOO_LARGE: "INVALID_PARAMETER_VALUE",
    Kind.UNAVAILABLE: "TEMPORARILY_UNAVAILABLE",
}
STATUS = {
    "INVALID_PARAMETER_VALUE": 400,
    "RESOURCE_ALREADY_EXISTS": 400,
    "BAD_REQUEST": 400,
    "UNAUTHENTICATED": 401,
    "PERMISSION_DENIED": 403,
    "RESOURCE_DOES_NOT_EXIST": 404,
    "ENDPOINT_NOT_FOUND": 404,
    "RESOURCE_CONFLICT": 409,
    "ABORTED": 409,
    "INTERNAL_ERROR": 500,
    "NOT_IMPLEMENTED": 501,
    "TEMPORARILY_UNAVAILABLE": 503,
}

_log = logging.getLogger("modelry.api")


class Answered(Exception):
    """An error that has a code of its own in this dialect, whatever kind it is in the core."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


def error_response(request: Request, error: Exception) -> Response:
    """The answer to any error, in this dialect's form."""
    headers: dict[str, str] = {}
    status = None
    if isinstance(error, Answered):
        code, message = error.code, error.message
    elif isinstance(error, RegistryError):
        code = "RESOURCE_ALREADY_EXISTS" if isinstance(error, Taken) else CODES[error.kind]
        message = f"{error.message} {error.next_step}".strip()
        if isinstance(error, Unavailable):
            headers["Retry-After"] = str(error.retry_after_seconds)
    elif isinstance(error, HTTPException):
        headers.update(error.headers or {})
        code, message = "INVALID_PARAMETER_VALUE", error.detail
        status = 405 if error.status_code == 405 else None
    else:
        code = "INTERNAL_ERROR"
        message = "The registry failed in a way it should not have; nothing was changed half-way."
        _log.exception("unhandled error", exc_info=error)
    if code == "UNAUTHENTICATED":
        headers["WWW-Authenticate"] = 'Bearer realm="modelry"'
    return _answer(code, message, status or STATUS[code], headers)


def unknown_route(request: Request) -> Response:
    """What is said of a path that there is not, so that clients try an older one if they know
    one."""
    message = f"{request.method} {request.scope['path'][:200]} is no operation of this API."
    return _answer("ENDPOINT_NOT_FOUND", message, 404, {})


def _answer(code: str, message: str, status: int, headers: dict[str, str]) -> Response:
    body = {"error_code": code, "message": message}
    return Response(orjson.dumps(body), status, headers, "application/json")
