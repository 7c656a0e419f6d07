"""A dialect as groups of operations, each imported and built when it is first asked for.

FastAPI takes one to four milliseconds to build a route, so that a function pays for the noun it
serves and no other.
"""

import re
from collections.abc import Callable, Mapping

from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Message, Receive, Scope, Send

Groups = Mapping[str, re.Pattern[str]]
"""The module of a group's routes, and the paths that are its alone."""


class GroupedApi:
    """ASGI application: one FastAPI application for each group that has been asked for."""

    def __init__(
        self,
        groups: Groups,
        build: Callable[[str], FastAPI],
        unknown: Callable[[Request], Response],
    ) -> None:
        self._groups = groups
        self._build = build
        self._unknown = unknown
        self._apps: dict[str, FastAPI] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        group = group_at(self._groups, scope["path"].removeprefix(scope.get("root_path", "")))
        if scope["method"] == "HEAD":
            scope, send = {**scope, "method": "GET"}, _without_body(send)
        if group is None:
            await self._unknown(Request(scope))(scope, receive, send)
            return
        if group not in self._apps:
            self._apps[group] = self._build(group)
        await self._apps[group](scope, receive, send)


def group_at(groups: Groups, path: str) -> str | None:
    """The group that a path below the dialect's belongs to; None if it is nobody's."""
    return next((name for name, paths in groups.items() if paths.fullmatch(path)), None)


def _without_body(send: Send) -> Send:
    """Sends what answers a GET to a HEAD (RFC 9110, 9.3.2)."""

    async def send_head(message: Message) -> None:
        await send({**message, "body": b""} if "body" in message else message)

    return send_head
