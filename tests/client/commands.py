"""The command `modelry` as a person types it, with the token of a role."""

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from tests.parts import LocalRegistry


@dataclass(frozen=True)
class Command:
    """Runs it in a folder, against a registry that runs."""

    registry: LocalRegistry
    token: str
    folder: Path

    def __call__(
        self, *arguments: str, namespace: str = "default"
    ) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [sys.executable, "-m", "modelry", *arguments],
            env={
                **os.environ,
                "MODELRY_URL": self.registry.url,
                "MODELRY_TOKEN": self.token,
                "MODELRY_NAMESPACE": namespace,
            },
            cwd=self.folder,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
