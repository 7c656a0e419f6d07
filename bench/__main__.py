"""`python -m bench [NAME] [OPTIONS]`: run one measurement, or all of them one after another."""

import sys
from importlib import import_module

NAMES = (
    *("cold_start", "requests", "transfers", "time_travel", "search", "audit", "promotions"),
    *("metrics", "package", "kubeflow", "relay", "mlflow", "mlflow_growth"),
)


def main(arguments: list[str]) -> int:
    """Run what is asked for; return the exit status."""
    name, options = (arguments[0], arguments[1:]) if arguments else ("", [])
    if name and name not in NAMES:
        print(f"There is no measurement {name!r}. Choose one of: {', '.join(NAMES)}.")
        return 2
    for chosen in (name,) if name else NAMES:
        import_module(f"bench.{chosen}").main(options)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
