"""How answers go out, whichever loop and protocol a server runs on."""

import asyncio
import http.client
import socket
from typing import Any

import pytest
from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from tests.builders import World
from tests.dialects.running import serving


@pytest.mark.parametrize("protocol", [HttpToolsProtocol, H11Protocol])
@pytest.mark.parametrize("loop", ["asyncio", "uvloop"])
def test_a_small_answer_does_not_wait_for_the_one_before_to_be_acknowledged(
    protocol: Any, loop: str
) -> None:
    seen: list[int] = []

    class Watched(protocol):  # type: ignore[misc]  # of either kind
        def connection_made(self, transport: asyncio.Transport) -> None:
            connection = transport.get_extra_info("socket")
            seen.append(connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))
            super().connection_made(transport)

    world = World()

    with serving(world.registry, world.settings, http=Watched, loop=loop) as port:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
        for _ in range(2):  # on one connection
            connection.request("GET", "/version")
            assert connection.getresponse().read() == b"3.18.0"
        connection.close()

    assert seen == [1]
