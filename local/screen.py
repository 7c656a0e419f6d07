"""What the launcher says to the person who started it."""

import os
from collections.abc import Mapping
from pathlib import Path


def ready_screen(
    addresses: Mapping[str, str], folder: Path, seconds: float, *, announces: bool
) -> str:
    """Where everything is, and what to do next."""
    shown = _shortest(folder)
    setting = "" if shown == ".modelry" else f" DATA_DIR={shown}"
    lines = [
        "",
        f"Modelry is ready ({seconds:.1f} s).",
        "",
        f"  API          {addresses['api']}/api/v1",
        f"  OpenAPI      {addresses['api']}/api/v1/openapi.json",
        f"  issuer       {addresses['issuer']}  (development only: people without passwords)",
        f"  database     {addresses['database']}",
        f"  store        {addresses['store']}",
        f"  data         {shown}",
        f"  logs         {_shortest(folder / 'logs')}",
        "",
        "In another terminal:",
        "",
        f"  .venv/bin/modelry login {addresses['api']}",
        f"  make token{setting}           a token for curl (ROLE=reader, writer, approver, ...)",
        f"  make demo{setting}            train a model, push it, pull it elsewhere",
        "",
        "Ctrl-C ends it; data and artifacts stay.",
    ]
    if not announces:
        lines.insert(
            -1,
            "The store tells nobody of uploads, so clients complete them themselves. For a MinIO"
            f" set up its webhook MODELRY to {addresses['trigger']} (see local/compose.yaml).",
        )
    return "\n".join(lines)


def _shortest(path: Path) -> str:
    absolute = str(path.resolve())
    return min(absolute, os.path.relpath(absolute), key=len)
