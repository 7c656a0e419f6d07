"""`python -m bench.relay_once`: the relay, again and again, until it is killed."""

import os
import time
from dataclasses import replace

from core.bootstrap import assemble
from core.domain.access import system_caller
from core.settings import Settings

WIDTH = 32
PAUSE_SECONDS = 0.2


def main() -> None:
    """Deliver for ever."""
    registry = assemble(Settings.from_environment(os.environ))
    relay = replace(registry.relay, at_once=1, width=WIDTH)
    while True:
        relay.deliver(system_caller("relay"))
        time.sleep(PAUSE_SECONDS)


if __name__ == "__main__":
    main()
