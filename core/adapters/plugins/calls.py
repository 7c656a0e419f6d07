"""One call of a plug-in: in a thread of its own, and waited for no longer than it is allowed."""

import contextvars
import threading
from collections.abc import Callable
from typing import Any

MAX_HANGING = 4
"""How many calls of one plug-in may hang before no other is begun."""


class CallFailed(Exception):
    """The plug-in raised, or did not answer in time."""


class Caller:
    """Calls one plug-in's functions. What hangs is left behind, and its answer is ignored."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._hanging = 0
        self._lock = threading.Lock()

    @property
    def is_hanging(self) -> bool:
        """Whether a call from before still has not come back."""
        return self._hanging > 0

    def __call__(self, function: Callable[..., Any], /, *args: Any, **named: Any) -> Any:
        """What the function answers. Raises `CallFailed`."""
        if self._hanging >= MAX_HANGING:
            raise CallFailed(f"has {self._hanging} calls that do not come back")
        call = _Call(function, args, named)
        context = contextvars.copy_context()
        thread = threading.Thread(target=self._run, args=(context, call), daemon=True)
        thread.start()
        if not call.done.wait(self._seconds) and self._give_up(call):
            raise CallFailed(f"did not answer within {self._seconds:g} seconds")
        if call.error is not None:
            raise CallFailed(f"failed with {type(call.error).__name__}") from call.error
        return call.result

    def _run(self, context: contextvars.Context, call: "_Call") -> None:
        try:
            result = context.run(call.function, *call.args, **call.named)
        except BaseException as error:
            call.error = error
        else:
            call.result = result
        with self._lock:
            if call.given_up:
                self._hanging -= 1
            call.done.set()

    def _give_up(self, call: "_Call") -> bool:
        """Whether it really has not come back."""
        with self._lock:
            if call.done.is_set():
                return False
            call.given_up = True
            self._hanging += 1
            return True


class _Call:
    def __init__(
        self, function: Callable[..., Any], args: tuple[Any, ...], named: dict[str, Any]
    ) -> None:
        self.function = function
        self.args = args
        self.named = named
        self.done = threading.Event()
        self.given_up = False
        self.result: Any = None
        self.error: BaseException | None = None
