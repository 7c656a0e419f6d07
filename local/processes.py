"""Starting programs as children, knowing when they are ready, and ending every one of them."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

_TETHER = Path(__file__).with_name("tether.py")
READY_SECONDS = 60.0
GRACE_SECONDS = 8.0


class ProgramFailed(Exception):
    """A program ended, or did not become ready; the message shows the end of its log."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """What to run: `environment` is all that it gets, `is_ready` asks it, quickly."""

    name: str
    command: Sequence[str]
    environment: Mapping[str, str]
    is_ready: Callable[[], bool]


class Process:
    """A running program, in a process group of its own, writing to its own log."""

    def __init__(self, program: Program, logs: Path) -> None:
        self.program = program
        self.log = logs / f"{program.name}.log"
        if self.log.exists():
            self.log.replace(self.log.with_suffix(".log.1"))
        with self.log.open("wb") as output:
            self._child = subprocess.Popen(
                [sys.executable, "-I", "-S", str(_TETHER), str(os.getpid()), *program.command],
                env=dict(program.environment),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    @property
    def pid(self) -> int:
        return self._child.pid

    def has_ended(self) -> bool:
        return self._child.poll() is not None

    def failure(self, what: str) -> ProgramFailed:
        """What to say of this program when `what` happened to it."""
        lines = self.log.read_text(encoding="utf-8", errors="replace").splitlines()[-15:]
        shown = "\n".join(f"    {line}" for line in lines) or "    (it wrote nothing)"
        return ProgramFailed(f"{self.program.name} {what}. The end of {self.log}:\n{shown}")

    def signal(self, number: int) -> None:
        """Send a signal to the whole process group, if any of it is left."""
        try:
            os.killpg(self.pid, number)
        except (ProcessLookupError, PermissionError):
            return

    def wait(self, seconds: float) -> bool:
        """Whether it has ended within this time."""
        try:
            self._child.wait(max(seconds, 0.01))
        except subprocess.TimeoutExpired:
            return False
        return True


@dataclass(slots=True)
class Processes:
    """All the programs of one registry, in the waves in which they were started."""

    logs: Path
    _waves: list[list[Process]] = field(default_factory=list)

    @property
    def running(self) -> list[Process]:
        """Every program that was started, in that order."""
        return [process for wave in self._waves for process in wave]

    def start(self, programs: Sequence[Program]) -> list[Process]:
        """Start them all at once, without waiting."""
        fresh: list[Process] = []
        self._waves.append(fresh)
        for program in programs:
            fresh.append(Process(program, self.logs))
        return fresh

    def wait_until_ready(
        self,
        fresh: Sequence[Process],
        *,
        stopped: Callable[[], bool] = lambda: False,
        seconds: float = READY_SECONDS,
    ) -> None:
        """Return when each answers, or `stopped` says so. Raises `ProgramFailed`."""
        waiting = list(fresh)
        end = time.monotonic() + seconds
        while waiting and not stopped():
            self.check()
            waiting = [process for process in waiting if not process.program.is_ready()]
            if waiting and time.monotonic() > end:
                raise waiting[0].failure(f"was not ready within {seconds:.0f} s")
            if waiting:
                time.sleep(0.05)

    def check(self) -> None:
        """Raise `ProgramFailed` if any has ended by itself."""
        for process in self.running:
            if process.has_ended():
                raise process.failure("has ended unexpectedly")

    def stop(self, *, hurry: Callable[[], bool] = lambda: False) -> None:
        """End all, the last wave first: ask, wait, then kill; `hurry` cuts the waiting short."""
        for wave in reversed(self._waves):
            for process in wave:
                process.signal(signal.SIGTERM)
            end = time.monotonic() + GRACE_SECONDS
            for process in wave:
                while not process.wait(0.1) and time.monotonic() < end and not hurry():
                    pass
                process.signal(signal.SIGKILL)
                process.wait(GRACE_SECONDS)
        self._waves.clear()
