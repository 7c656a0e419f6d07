"""Cold starts as the platform has them: each function from the zip that is deployed, under the real
runtime client, in sandboxes of its own. Database, issuer and store are stand-ins.
"""

import argparse
import platform
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any

from bench.cold_start import Subject, subjects, surroundings
from bench.tables import table
from iac.package import build
from local.sandbox import Sandbox, unpacked

ARCHITECTURES = {"x86_64": "x86_64", "AMD64": "x86_64", "aarch64": "arm64", "arm64": "arm64"}
WARM_EVENTS = 20


@dataclass(slots=True)
class Runs:
    """What the sandboxes of one function took, in milliseconds and MiB."""

    init: list[float] = field(default_factory=list)
    first: list[float] = field(default_factory=list)
    warm: list[float] = field(default_factory=list)
    peak_mib: list[int] = field(default_factory=list)

    def add(self, subject: Subject, task: Path, environment: dict[str, str]) -> None:
        """One more sandbox. Raises `RuntimeError` if it does not answer as it must."""
        with Sandbox(task, f"{subject.module}.handler", environment) as sandbox:
            answer: Any = sandbox(subject.event)
            key, wanted = subject.proof
            if answer.get(key) != wanted:
                raise RuntimeError(f"{subject.name} answered {answer}")
            self.init.append(sandbox.init_ms)
            self.first.append(sandbox.last_ms)
            for _ in range(WARM_EVENTS):
                sandbox(subject.event)
                self.warm.append(sandbox.last_ms)
            self.peak_mib.append(sandbox.peak_mib())


def main(options: list[str]) -> None:
    """Build, measure and print."""
    parser = argparse.ArgumentParser("python -m bench package", description=__doc__)
    parser.add_argument("--rounds", type=int, default=7, help="sandboxes of each function (7)")
    rounds = parser.parse_args(options).rounds
    with tempfile.TemporaryDirectory() as folder, surroundings() as (environment, token):
        package = build(ARCHITECTURES[platform.machine()], sys.executable, Path(folder))
        functions = [each for each in subjects(token) if each.module.startswith("handlers.")]
        measured = {subject.name: Runs() for subject in functions}
        with unpacked(package.path) as task:
            for subject in functions:
                Runs().add(subject, task, environment)  # whatever must be read from disk, is
            for _ in range(rounds):
                for subject in functions:
                    measured[subject.name].add(subject, task, environment)
    print(f"\n{package.path.name}, {package.unpacked_bytes / (1 << 20):.1f} MiB unpacked;", end=" ")
    print(f"{rounds} sandboxes of each, Python {sys.version.split()[0]}\n")
    print(_results(measured))


def _results(measured: dict[str, Runs]) -> str:
    rows = [
        (
            name,
            f"{median(runs.init):.0f}",
            f"{median(runs.first):.0f}",
            f"{median(a + b for a, b in zip(runs.init, runs.first, strict=True)):.0f}",
            f"{min(a + b for a, b in zip(runs.init, runs.first, strict=True)):.0f}",
            f"{median(runs.warm):.2f}",
            f"{median(runs.peak_mib):.0f}",
        )
        for name, runs in measured.items()
    ]
    return table(
        ("function", "init ms", "first ms", "median ms", "min ms", "warm ms", "peak MiB"), rows
    )
