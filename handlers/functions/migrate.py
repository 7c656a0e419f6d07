"""What earlier releases stored, brought into today's shape, as a function and as a command:
`python -m handlers.functions.migrate`.

Run it once after an update, when no function of the earlier release is left.
"""

import os
from collections import Counter
from collections.abc import Callable
from typing import Any

from core import bootstrap
from core.settings import Settings

SPARE_MS = 30_000
"""What a batch may take; with less than that left, the function ends and says so."""


def handler(event: Any, context: Any) -> dict[str, Any]:
    """Prepare the database, as each deployment asks it to; with `{"rewrite": true}`, rewrite what
    is older too. `done` is false if the time was too short for all of it: ask again then."""
    settings = bootstrap.configured(os.environ)
    bootstrap.prepare(settings)
    rewritten: Counter[str] = Counter()
    done = True
    if isinstance(event, dict) and event.get("rewrite"):
        left_ms: Callable[[], int] = context.get_remaining_time_in_millis
        done = _rewrite(settings, rewritten, lambda: left_ms() > SPARE_MS)
    return {"rewritten": dict(rewritten), "done": done}


def main() -> None:
    """Prepare the database, rewrite what is older, and say how much that was."""
    settings = bootstrap.configured(os.environ)
    bootstrap.prepare(settings)
    rewritten: Counter[str] = Counter()
    _rewrite(settings, rewritten, lambda: True, tell=True)
    print(f"Done; {rewritten.total()} documents were of an earlier shape.")


def _rewrite(
    settings: Settings,
    rewritten: Counter[str],
    has_time: Callable[[], bool],
    *,
    tell: bool = False,
) -> bool:
    """Whether it came to the end before there was no more time."""
    for name, count in bootstrap.rewrite(settings):
        rewritten[name] += count
        if tell:
            print(f"{name}: {rewritten[name]} rewritten", flush=True)
        if not has_time():
            return False
    return True


if __name__ == "__main__":
    main()
