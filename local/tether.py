"""`python tether.py PARENT COMMAND...`: become COMMAND, and end when the process PARENT does.

A launcher that is killed outright cannot end its children. On Linux the kernel does it; elsewhere
the next start of the launcher ends what it finds left over.
"""

import ctypes
import os
import signal
import sys

_PR_SET_PDEATHSIG = 1


def main() -> None:
    """Tie this process to its parent, then replace it by the command."""
    parent, command = int(sys.argv[1]), sys.argv[2:]
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != parent:
        sys.exit("The launcher has gone already.")
    os.execv(command[0], command)


if __name__ == "__main__":
    main()
