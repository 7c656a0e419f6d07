"""A receiver in memory, which answers as it is told."""

from collections.abc import Callable
from threading import RLock

from core.domain.deliveries import Answer
from core.domain.messages import Message

ACCEPTED = Answer(accepted=True, status=200)


class MemoryChannel:
    """See `core.ports.Channel`: every target exists; `answer` says what it answers."""

    def __init__(self) -> None:
        self.sent: list[tuple[str, Message]] = []
        self.answer: Callable[[str, Message], Answer] = lambda target, message: ACCEPTED
        self._lock = RLock()

    def check(self, namespace: str, target: str) -> None:
        """Every target may be told."""

    def send(self, namespace: str, target: str, message: Message) -> Answer:
        """Note the message and answer."""
        with self._lock:
            self.sent.append((target, message))
        return self.answer(target, message)
