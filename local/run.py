"""`python -m local.run`: the whole registry on this machine, until Ctrl-C.

PORT is the API's port (8080), DATA_DIR the folder for everything it keeps (.modelry).
"""

import os
import signal
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from types import FrameType

from local import programs
from local.ports import HOST, choose, is_free
from local.processes import Processes, ProgramFailed
from local.programs import Addresses
from local.screen import ready_screen
from local.state import Home, InUse

WATCH_SECONDS = 0.3


class CannotStart(Exception):
    """Something outside is in the way; the message says what to do about it."""


class Stop:
    """Set by Ctrl-C or SIGTERM; a second one means: now."""

    def __init__(self) -> None:
        self.signals = 0
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._note)

    def asked(self) -> bool:
        return self.signals > 0

    def urgent(self) -> bool:
        return self.signals > 1

    def _note(self, _number: int, _frame: FrameType | None) -> None:
        self.signals += 1


class Launcher:
    """Starts, watches and ends the programs of one registry."""

    def __init__(self, home: Home, port: int, given: Mapping[str, str], stop: Stop) -> None:
        self.home = home
        self.given = given
        self.stop = stop
        self.processes = Processes(home.logs)
        remembered = home.remembered_ports()
        if webhook := given.get("MODELRY_WEBHOOK_PORT"):
            remembered["trigger"] = check_number("MODELRY_WEBHOOK_PORT", webhook)
        chosen = choose(("database", "store", "issuer", "trigger"), port, remembered)
        home.remember_ports(chosen)
        self.ports = Addresses(api=port, **chosen)
        self.environment = programs.registry_environment(home, self.ports, given)

    def run(self) -> None:
        """Return after an orderly stop. Raises `ProgramFailed` if a program fails."""
        try:
            began = time.monotonic()
            self._start_parts()
            announces = self._prepare()
            self._start_registry()
            if not self.stop.asked():
                seconds = time.monotonic() - began
                folder = self.home.folder
                print(ready_screen(self._shown(), folder, seconds, announces=announces), flush=True)
            while not self.stop.asked():
                self.processes.check()
                time.sleep(WATCH_SECONDS)
            print("\nStopping ...", flush=True)
        finally:
            self.processes.stop(hurry=self.stop.urgent)
            self.home.forget_running()

    def _start_parts(self) -> None:
        ports, home = self.ports, self.home
        parts = [programs.issuer(ports.issuer, home.issuer)]
        if "MODELRY_MONGODB_URI" not in self.given:
            parts.append(programs.database(ports.database, home.database))
        if "MODELRY_S3_ENDPOINT" not in self.given:
            secret = home.store_secret()
            parts.append(programs.store(ports.store, home.objects, home.store_state, secret))
        fresh = self.processes.start(parts)
        self._note()
        self.processes.wait_until_ready(fresh, stopped=self.stop.asked)

    def _prepare(self) -> bool:
        """Make ready what the registry stands on; whether the store announces uploads.

        Raises `CannotStart` if a server of one's own does not play along.
        """
        if self.stop.asked():
            return False
        # Imported only now: drivers and SDKs take their time, and the parts were starting.
        from core.errors import RegistryError
        from local.first_start import prepare

        try:
            return prepare(self.environment)
        except RegistryError as error:
            raise CannotStart(f"{error.message} {error.next_step}".strip()) from error

    def _start_registry(self) -> None:
        if self.stop.asked():
            return
        fresh = self.processes.start(
            [
                programs.api(self.ports.api, self.environment),
                programs.trigger(self.ports.trigger, self.environment),
                programs.ticker(self.environment, self.home.logs / "ticker.log"),
            ]
        )
        self._note()
        self.processes.wait_until_ready(fresh, stopped=self.stop.asked)

    def _shown(self) -> dict[str, str]:
        return {
            "api": self.ports.url("api"),
            "issuer": self.ports.url("issuer"),
            "trigger": self.ports.url("trigger"),
            "database": self.environment["MODELRY_MONGODB_URI"].rpartition("@")[2],
            "store": self.environment["MODELRY_S3_ENDPOINT"],
        }

    def _note(self) -> None:
        running = [(process.program.name, process.pid) for process in self.processes.running]
        self.home.note_running(self._shown(), running)


def check_number(variable: str, text: str) -> int:
    """The number of a port. Raises `CannotStart`."""
    if not text.isascii() or not text.isdigit() or not 0 < int(text) < 65536:
        raise CannotStart(f"{variable}={text} is no port. Choose a number from 1 to 65535.")
    return int(text)


def check_port(text: str) -> int:
    """The API's port, if it can be had. Raises `CannotStart`."""
    port = check_number("PORT", text)
    if not is_free(port):
        raise CannotStart(
            f"Something listens on {HOST}:{port} already. If it is another registry of yours, it"
            f" can stay: choose another port and folder,\n"
            f"  make run PORT={port + 1 if port < 65535 else 8080} DATA_DIR=.modelry-2"
        )
    return port


def main() -> int:
    """Run until told to stop; return the exit status."""
    stop = Stop()
    home = Home(Path(os.environ.get("DATA_DIR") or ".modelry").resolve())
    try:
        with home.lock():
            for name in home.end_leftovers():
                print(f"Ended {name}, left over from a run that was killed.", flush=True)
            port = check_port(os.environ.get("PORT") or "8080")
            Launcher(home, port, os.environ, stop).run()
    except InUse:
        address = (home.addresses() or {}).get("api", "an address of its own")
        print(
            f"A registry is running with DATA_DIR={home.folder} already, at {address}.\n"
            "Stop it first, or choose another folder: make run DATA_DIR=.modelry-2 PORT=8081",
            file=sys.stderr,
        )
        return 1
    except (CannotStart, ProgramFailed) as failure:
        print(f"\n{failure}", file=sys.stderr)
        return 1
    print("Stopped.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
