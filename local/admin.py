"""`python -m local.admin COMMAND`: operate the registry that runs with DATA_DIR."""

import os
import sys
from pathlib import Path
from urllib.parse import urlsplit

from local.programs import Addresses, registry_environment
from local.state import Home


def main() -> int:
    """Do what is asked with the settings of that registry; return the exit status."""
    home = Home(Path(os.environ.get("DATA_DIR") or ".modelry").resolve())
    addresses = home.addresses()
    if addresses is None:
        print(f"No registry runs with DATA_DIR={home.folder}. Start one: make run", file=sys.stderr)
        return 2
    ports = Addresses(api=urlsplit(addresses["api"]).port or 0, **home.remembered_ports())
    given = {name: value for name, value in os.environ.items() if name.startswith("MODELRY_")}
    os.environ.update(registry_environment(home, ports, given))
    from handlers.admin.__main__ import main as operate

    return operate(sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
