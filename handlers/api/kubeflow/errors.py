"""Errors as Kubeflow's clients read them: one table from kind to status, `{"code", "message"}`."""

import logging
from http import HTTPStatus

import orjson
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from core.errors import Kind, RegistryError, Unavailable

STATUS = {
    Kind.INVALID: 400,
    Kind.UNAUTHENTICATED: 401,
    Kind.FORBIDDEN: 403,
    Kind.NOT_FOUND: 404,
    Kind.CONFLICT: 409,
    Kind.STALE: 409,
    Kind.TOO_LARGE: 413,
    Kind.UNAVAILABLE: 503,
}

_log = logging.getLogger("modelry.api")


def error_response(request: Request, error: Exception) -> Response:
    """The answer to any error, in this dialect's form."""
    headers: dict[str, str] = {}
    if isinstance(error, RegistryError):
        status, message = STATUS[error.kind], f"{error.message} {error.next_step}".strip()
        if isinstance(error, Unavailable):
            headers["Retry-After"] = str(error.retry_after_seconds)
    elif isinstance(error, HTTPException):
        status, message = error.status_code, error.detail
        headers.update(error.headers or {})
    else:
        status = 500
        message = "The registry failed in a way it should not have; nothing was changed half-way."
        _log.exception("unhandled error", exc_info=error)
    if status == 401:
        headers["WWW-Authenticate"] = 'Bearer realm="modelry"'
    # The genuine server calls a 422 a bad request as well.
    code = HTTPStatus(400 if status == 422 else status).phrase
    body = {"code": code, "message": message}
    return Response(orjson.dumps(body), status, headers, "application/json")


def unknown_route(request: Request) -> Response:
    """What the genuine server says of a path it does not have: 404, plain text."""
    return PlainTextResponse("404 page not found\n", 404)
