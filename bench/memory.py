"""How much memory this process has held at most."""

import sys
from pathlib import Path


def peak_mib() -> float:
    """MiB. On Linux from the kernel's own account, because `ru_maxrss` counts what the parent
    held when it forked."""
    if sys.platform == "linux":
        status = Path("/proc/self/status").read_text()
        return int(status.partition("VmHWM:")[2].split()[0]) / (1 << 10)
    import resource

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (1 << 20 if sys.platform == "darwin" else 1 << 10)
