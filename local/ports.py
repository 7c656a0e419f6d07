"""Which loopback ports the programs of one registry listen on."""

import socket
from collections.abc import Iterable, Mapping

HOST = "127.0.0.1"


def is_free(port: int) -> bool:
    """Whether nothing listens on this port of the loopback interface."""
    with socket.socket() as probe:
        probe.settimeout(1)
        if probe.connect_ex((HOST, port)) == 0:
            return False
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True


def free_port() -> int:
    """Some port on which nothing listens."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


def choose(names: Iterable[str], api: int, remembered: Mapping[str, int]) -> dict[str, int]:
    """A free port for each name: the remembered one, else the API's + 1000, 2000 ..., else any."""
    chosen: dict[str, int] = {}
    for position, name in enumerate(names, start=1):
        wanted = remembered.get(name, api + 1000 * position)
        taken = {api, *chosen.values()}
        while not 0 < wanted < 65536 or wanted in taken or not is_free(wanted):
            wanted = free_port()
        chosen[name] = wanted
    return chosen
