"""Other people's clients against a running registry: a server, and the environment of a client."""

import os
import subprocess
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import uvicorn

from core.registry import Registry
from core.settings import Settings
from handlers.api.app import create_app
from local.ports import free_port

ROOT = Path(__file__).resolve().parents[2]
_SECONDS = 240


@contextmanager
def serving(registry: Registry, settings: Settings, **options: Any) -> Iterator[int]:
    """The port where this registry answers during the block; `options` are uvicorn's."""
    port = free_port()
    app = create_app(registry, settings)
    config = uvicorn.Config(app, port=port, log_level="warning", **options)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        assert thread.is_alive()
        time.sleep(0.01)
    try:
        yield port
    finally:
        server.should_exit = True
        thread.join()


def run_in(
    environment: str, script: Path, *arguments: str, variables: Mapping[str, str] | None = None
) -> str:
    """What a script writes, run by the interpreter of this environment of a client. It must go
    well: else what it complained of is what the test says."""
    python = ROOT / ".venv-clients" / environment / "bin/python"
    assert python.exists(), "`make test` sets the clients up"
    done = subprocess.run(
        [str(python), str(script), *arguments],
        capture_output=True,
        text=True,
        timeout=_SECONDS,
        check=False,
        env={**os.environ, **(variables or {})},
    )
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
    return done.stdout
