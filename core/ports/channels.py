"""The way out: messages to receivers, queues, topics and buses."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from core.domain.deliveries import Answer
    from core.domain.messages import Message


class Channel(Protocol):
    """Sends to targets: URLs, and those that the settings name."""

    def check(self, namespace: str, target: str) -> None:
        """Raise `Invalid` for a target that webhooks of the namespace cannot have."""
        ...

    def send(self, namespace: str, target: str, message: Message) -> Answer:
        """Hand the message over, within a few seconds. What goes wrong is in the answer; nothing
        is raised. The same message may come twice."""
        ...
