"""What earlier releases stored, brought into today's shape: `python -m handlers.functions.migrate`.

Run it once after an update, when no function of the earlier release is left.
"""

import os
from collections import Counter

from core import bootstrap


def main() -> None:
    """Prepare the database, rewrite what is older, and say how much that was."""
    settings = bootstrap.configured(os.environ)
    bootstrap.prepare(settings)
    rewritten: Counter[str] = Counter()
    for name, count in bootstrap.rewrite(settings):
        rewritten[name] += count
        print(f"{name}: {rewritten[name]} rewritten", flush=True)
    print(f"Done; {rewritten.total()} documents were of an earlier shape.")


if __name__ == "__main__":
    main()
