"""A function in a process of its own, as its platform keeps one: events in, answers out.

`python function_process.py MODULE` imports the module, then takes one JSON line for each event.
"""

import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from types import SimpleNamespace, TracebackType
from typing import Any

ROOT = Path(__file__).resolve().parents[2]


class FunctionFailed(Exception):
    """The handler raised; the text is what it said."""


class Function:
    """One warm sandbox of a function; use it as a context manager."""

    def __init__(self, name: str, environment: Mapping[str, str]) -> None:
        self.name = name
        self._process = subprocess.Popen(
            [sys.executable, "-I", __file__, f"handlers.functions.{name}"],
            # The address of the runtime is what tells a function that it is one.
            env={**environment, "AWS_LAMBDA_RUNTIME_API": "127.0.0.1:1"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def __enter__(self) -> "Function":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._process.communicate(timeout=30)

    def __call__(self, event: Mapping[str, Any]) -> Any:
        """The handler's answer. Raises `FunctionFailed` if it raised."""
        answer = self._ask({"event": event})
        if "error" in answer:
            raise FunctionFailed(answer["error"])
        return answer["answer"]

    def modules(self) -> set[str]:
        """The names of the modules it has loaded so far."""
        return set(self._ask({"modules": True})["modules"])

    def _ask(self, line: Mapping[str, Any]) -> Any:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(line) + "\n")
        self._process.stdin.flush()
        said = self._process.stdout.readline()
        assert said, f"the function {self.name} has ended"
        return json.loads(said)


def main() -> None:
    """Answer events until there are no more."""
    sys.path.insert(0, str(ROOT))
    module = __import__(sys.argv[1], fromlist=["handler"])
    context = SimpleNamespace(aws_request_id="request-of-the-platform")
    for line in sys.stdin:
        asked = json.loads(line)
        if "modules" in asked:
            answer: dict[str, Any] = {"modules": sorted(sys.modules)}
        else:
            try:
                answer = {"answer": module.handler(asked["event"], context)}
            except Exception as error:
                answer = {"error": f"{type(error).__name__}: {error}"}
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
