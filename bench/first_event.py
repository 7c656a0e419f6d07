"""`python -I first_event.py MODULE < event.json`: a fresh process answers its first event.

Prints one JSON object: milliseconds for importing `MODULE` and for its handler's first answer,
what the handler answered, how many modules are loaded and the peak memory. A program of its own:
whatever it imported itself would be missing from what is measured.
"""

import json
import sys
import time
from pathlib import Path


def main() -> None:
    """Measure, and print what was measured."""
    event = json.load(sys.stdin)
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
    start = time.perf_counter()
    module = __import__(sys.argv[1], fromlist=["handler"])
    imported = time.perf_counter()
    answer = module.handler(event, None)
    answered = time.perf_counter()

    from bench.memory import peak_mib

    print(
        json.dumps(
            {
                "import_ms": (imported - start) * 1e3,
                "first_ms": (answered - imported) * 1e3,
                "modules": len(sys.modules),
                "peak_mib": peak_mib(),
                "answer": answer,
            }
        )
    )


if __name__ == "__main__":
    main()
