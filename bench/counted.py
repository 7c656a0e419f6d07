"""The API a second time, over the same database, in this process: it counts the commands that it
sends to the database."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace

import uvicorn
from pymongo import monitoring

from bench.load import Target
from bench.running import Registry
from core.bootstrap import assemble
from core.settings import Settings
from handlers.api.app import create_app
from local.ports import HOST, free_port
from local.programs import Addresses, registry_environment


class Commands(monitoring.CommandListener):
    """How many there were so far, of every client of this process."""

    def __init__(self) -> None:
        self.count = 0

    def started(self, event: monitoring.CommandStartedEvent) -> None:
        """Count it."""
        self.count += 1

    def succeeded(self, event: monitoring.CommandSucceededEvent) -> None:
        """Not needed."""

    def failed(self, event: monitoring.CommandFailedEvent) -> None:
        """Not needed."""


@contextmanager
def counted(running: Registry, like: Target) -> Iterator[tuple[Target, Callable[[], int]]]:
    """The same dialect at another port, and how many commands it has sent so far."""
    ports = Addresses(**{**running.home.remembered_ports(), "api": running.port})
    environment = registry_environment(running.home, ports, running.environment)
    settings = Settings.from_environment(environment)
    commands = Commands()
    monitoring.register(commands)
    port = free_port()
    app = create_app(assemble(settings), settings)
    server = uvicorn.Server(uvicorn.Config(app, host=HOST, port=port, log_level="error"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    try:
        while not server.started:
            time.sleep(0.01)
        yield replace(like, port=port), lambda: commands.count
    finally:
        server.should_exit = True
        thread.join()
