"""Requests held to limits before anything reads them: size, and JSON that is really JSON."""

import hashlib
from collections.abc import Callable, Coroutine
from typing import Any

import orjson
from fastapi import Request, Response
from fastapi.routing import APIRoute
from pydantic_core import from_json
from starlette.exceptions import HTTPException

from core.errors import Invalid
from handlers.api.conditional import conditional

MAX_BODY_BYTES = 5 << 20
MEDIA_TYPES = frozenset({"application/json", "application/merge-patch+json"})


class StrictRequest(Request):
    """Refuses bodies over 5 MiB (413), NaN, lone surrogates and deep nesting (400), and what is
    compressed or does not call itself JSON (415)."""

    async def body(self) -> bytes:
        """The body, read once."""
        if not hasattr(self, "_body"):
            if self.headers.get("content-encoding", "identity").strip().lower() != "identity":
                raise HTTPException(415, "The body is compressed, which this API does not take.")
            chunks, size = [], 0
            async for chunk in self.stream():
                size += len(chunk)
                if size > MAX_BODY_BYTES:
                    raise HTTPException(413, f"The body is over {MAX_BODY_BYTES >> 20} MiB.")
                chunks.append(chunk)
            self._body = b"".join(chunks)
            kind = self.headers.get("content-type", "").partition(";")[0].strip().lower()
            if size and kind not in MEDIA_TYPES:
                raise HTTPException(415, "The body does not call itself JSON.")
        return self._body

    async def json(self) -> Any:
        """The body as JSON (RFC 8259); of duplicate keys the last one counts."""
        if not hasattr(self, "_json"):
            try:
                self._json = from_json(await self.body(), allow_inf_nan=False)
            except ValueError as error:
                raise HTTPException(400, f"The body is not valid JSON: {error}.") from None
        return self._json


class StrictRoute(APIRoute):
    """A route whose request is a `StrictRequest`, and whose answer heeds what is conditional."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The handler FastAPI made, given the stricter request."""
        handle = super().get_route_handler()

        async def strictly(request: Request) -> Response:
            answer = await handle(StrictRequest(request.scope, request.receive))
            return conditional(request, answer)

        return strictly


async def canonical_digest(request: Request) -> str:
    """SHA-256, in hex, over the JSON of the request in one form: order of keys does not matter.

    Raises `Invalid` for a number that no operation takes.
    """
    value = await request.json() if await request.body() else None
    try:
        canonical = orjson.dumps(value, option=orjson.OPT_SORT_KEYS)
    except TypeError as error:
        raise Invalid(
            "The body holds an integer that does not fit in 64 bits.",
            next_step="Send it as a string.",
        ) from error
    return hashlib.sha256(canonical).hexdigest()
